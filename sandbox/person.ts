/**
 * A person at a terminal who has the `az` login of the twin's deployer: an `az` that answers the commands of a login
 * as the real one does, but at once. The real one is used in clients/.
 */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Terminal } from '../src/commands/command.ts'
import { linesOf } from '../src/report/lines.ts'
import { setup } from '../src/commands/setup/setup.ts'
import { leakCheck } from './leaks.ts'
import type { Twin } from './twin.ts'

export interface Person {
  readonly environment: NodeJS.ProcessEnv
  /** The checkout: a clone of contoso/platform on GitHub. */
  readonly folder: string
}

/** @param tenants of the login: az has a token for each that the twin knows */
export function personAt(
  { azure, temporary, places }: Twin,
  tenants: readonly string[] = [azure.ids.tenantId]
): Person {
  const home = mkdtempSync(join(temporary, 'person-'))
  const bin = join(home, 'bin')
  const folder = join(home, 'platform')
  mkdirSync(bin)
  mkdirSync(join(folder, '.git'), { recursive: true })
  writeFileSync(join(folder, '.git', 'HEAD'), 'ref: refs/heads/main\n')
  writeFileSync(
    join(folder, '.git', 'config'),
    '[core]\n\tbare = false\n[remote "origin"]\n\turl = git@github.com:contoso/platform.git\n'
  )
  const account = {
    id: azure.ids.subscriptionId,
    name: 'GitOps',
    environmentName: 'AzureCloud',
    user: { name: 'ada@contoso.example', type: 'user' }
  }
  const accounts = tenants.map((tenantId, index) => ({ ...account, tenantId, isDefault: index === 0 }))
  const script = `#!/bin/sh
case "$*" in
  'account show '*) cat <<'END'
${JSON.stringify(accounts[0])}
END
  ;;
  'account list '*) cat <<'END'
${JSON.stringify(accounts)}
END
  ;;
  'account get-access-token '*)
    tenant=; [ "$5" = --tenant ] && tenant=$6
    curl -sf --data-urlencode "resource=$4" --data-urlencode "tenant=$tenant" '${azure.urls.msi}/msi/token' | sed 's/"access_token"/"accessToken"/' ;;
  *) echo "the twin's az does not know: $*" >&2; exit 2 ;;
esac
`
  writeFileSync(join(bin, 'az'), script, { mode: 0o755 })
  const { PATH = '' } = process.env
  return {
    folder,
    environment: {
      ...places,
      PATH: `${bin}${delimiter}${PATH}`,
      HOME: home,
      GITHUB_API_URL: azure.urls.github,
      GH_TOKEN: azure.github.token
    }
  }
}

export interface Ran {
  readonly exitCode: number
  /** What it said. */
  readonly log: string
  /** What it wrote to stdout. */
  readonly stdout: string
  readonly questions: readonly string[]
}

/**
 * Runs `patless setup` in this process.
 *
 * @param answers to its questions; absent: nobody is there
 * @param printed gets what it writes to stdout, for runs that are refused
 */
export async function setUp(
  person: Person,
  options: Readonly<Record<string, string>>,
  answers?: (question: string) => string,
  printed: string[] = []
): Promise<Ran> {
  const lines: string[] = []
  const questions: string[] = []
  const check = leakCheck()
  const terminal: Terminal = {
    environment: person.environment,
    folder: person.folder,
    naming: (name, value) => (value === undefined ? `--${name}` : `--${name} ${value}`),
    mask: () => undefined,
    print: (text) => printed.push(text),
    reporter: {
      on(event) {
        if (event.kind === 'debug') lines.push(event.text)
        else for (const { head, rest } of linesOf(event)) lines.push(head + rest)
      },
      phase: (_id, work) => work()
    },
    ...(answers && {
      ask: (question: string) => {
        questions.push(question)
        return Promise.resolve(answers(question))
      }
    })
  }
  const exitCode = await setup.run({ given: new Map(Object.entries(options)), word: undefined }, terminal)
  const ran = { exitCode, log: lines.join('\n'), stdout: printed.join('\n'), questions }
  check(ran.log + ran.stdout)
  return ran
}

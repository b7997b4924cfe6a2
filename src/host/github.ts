/** A GitHub workflow step: inputs from INPUT_*, workflow commands by @actions/core, outputs and summary by its files. */
import * as core from './actions-core.ts'
import { randomUUID } from 'node:crypto'
import { hostToken } from '../services/entra/host-token.ts'
import { Problem } from '../core/finding.ts'
import type { FindingId } from '../core/finding-titles.ts'
import { asInYaml, nameInputs } from '../core/input-name.ts'
import { Redaction } from '../core/redaction.ts'
import { toSafeText } from '../core/safe-text.ts'
import { PHASES } from '../report/events.ts'
import { textOf } from '../report/finding-text.ts'
import { linesOf } from '../report/lines.ts'
import type { Report } from '../report/report.ts'
import { inputsFor } from '../config/table.ts'
import { appendTo } from './append.ts'
import type { Host } from './ports.ts'
import { publishTo, type Sinks } from './publish.ts'
import { input } from '../core/input-name.ts'

export function githubHost(environment: NodeJS.ProcessEnv): Host {
  const redaction = new Redaction()
  const clean = (text: string): string => toSafeText(redaction.of(nameInputs(text, asInYaml)))
  return {
    environment,
    given: inputsOf(environment),
    naming: asInYaml,
    reporter: {
      on(event) {
        if (event.kind === 'debug') core.debug(clean(event.text))
        else for (const { head, rest } of linesOf(event)) core.info(clean(head + rest))
      },
      phase: (id, work) => core.group(PHASES[id], work)
    },
    mask(secret) {
      redaction.add(secret)
      core.setSecret(secret)
    },
    identityToken: (audience) => identityToken(audience, environment),
    publish: (report) => publishTo(sinksOf(environment, redaction, clean), report),
    refuse(problem) {
      core.error(clean(textOf(problem)), { title: `Patless: ${problem.id}` })
      process.exitCode = 1
    }
  }
}

function sinksOf(
  environment: NodeJS.ProcessEnv,
  redaction: Redaction,
  clean: (text: string) => string
): Sinks {
  const outputs = environment['GITHUB_OUTPUT'] ?? ''
  const summary = environment['GITHUB_STEP_SUMMARY'] ?? ''
  const annotate = (level: 'error' | 'warning', text: string, id?: FindingId): void => {
    core[level](clean(text), { title: id === undefined ? 'Patless' : `Patless: ${id}` })
  }
  return {
    verdict({ verdict, findings }) {
      for (const finding of findings)
        if (finding.severity !== 'note') annotate(finding.severity, textOf(finding), finding.id)
      if (verdict.exitCode !== 0) annotate('error', verdict.summary)
      if (outputs === '') annotate('warning', 'GITHUB_OUTPUT is not set: later steps get no outputs.')
    },
    outputs: {
      name: 'the outputs of the step',
      place: `GITHUB_OUTPUT=${outputs}`,
      async write(values) {
        // The old command, for whatever runs the step without a file: people read it, and old runners take it.
        if (outputs === '') for (const [name, value] of Object.entries(values)) core.setOutput(name, value)
        else await appendTo(outputs, Object.entries(values).map(outputOf).join(''))
      }
    },
    // A runner that draws no summaries names no file for them.
    ...(summary !== '' && {
      summary: {
        name: 'the summary',
        place: `GITHUB_STEP_SUMMARY=${summary}`,
        async write(report: Report) {
          const { markdownOf } = await import('../report/markdown.ts')
          await appendTo(summary, `${redaction.of(markdownOf(report, 'mermaid'))}\n`)
        }
      }
    }),
    problem: (problem) => {
      annotate('error', textOf(problem), problem.id)
    },
    finish: () => undefined
  }
}

/** As the runner reads it (actions/runner, FileCommandManager.cs): a delimiter that no value holds, on lines of its own. */
function outputOf([name, value]: [string, string]): string {
  const delimiter = `ghadelimiter_${randomUUID()}`
  return `${name}<<${delimiter}\n${value}\n${delimiter}\n`
}

/** INPUT_<NAME> with the name's hyphens kept, as the runner sets them; unknown names are kept for the parser to refuse. */
function inputsOf(environment: NodeJS.ProcessEnv): Map<string, string> {
  const given = new Map<string, string>()
  for (const [key, value] of Object.entries(environment)) {
    const name = /^INPUT_(.+)$/.exec(key)?.[1]?.toLowerCase()
    if (name === undefined || value === undefined) continue
    const known = inputsFor('elsewhere').some((input) => input.name === name)
    if (known || value.trim() !== '') given.set(name, value)
  }
  return given
}

async function identityToken(audience: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const url = URL.parse(environment['ACTIONS_ID_TOKEN_REQUEST_URL'] ?? '')
  const bearer = environment['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] ?? ''
  if (!url || bearer === '') throw noIdentityToken()
  url.searchParams.set('audience', audience)
  // Not by core.getIDToken: it follows redirects, and tries again on its own for minutes.
  return hostToken({
    url,
    method: 'GET',
    bearer,
    field: 'value',
    refused: (status) => ({
      id: 'host/identity-token-refused',
      summary: `GitHub gave no OIDC token (${status}).`,
      remedy: 'run the job again; if it stays, look at githubstatus.com'
    })
  })
}

function noIdentityToken(): Problem {
  return new Problem({
    id: 'host/no-identity-token',
    summary: `This job cannot have an OIDC token of GitHub, which ${input('client-id')} and ${input('tenant-id')} log in with.`,
    expected: 'ACTIONS_ID_TOKEN_REQUEST_URL in the environment',
    actual: 'nothing',
    remedy:
      'add `permissions: { id-token: write, contents: read }` to the job; in a reusable workflow also to the calling job; a pull request from a fork never gets one',
    link: 'https://docs.github.com/actions/reference/security/oidc'
  })
}

/** A GitHub workflow step: inputs from INPUT_*, workflow commands through @actions/core, outputs and summary in files. */
import * as core from './actions-core.ts'
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
import type { Host } from './ports.ts'
import { publishTo, type Sinks } from './publish.ts'
import { input } from '../core/input-name.ts'

export function githubHost(environment: NodeJS.ProcessEnv): Host {
  const redaction = new Redaction()
  const clean = (text: string): string => toSafeText(redaction.of(nameInputs(text, asInYaml)))
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: id } = environment
  // The runner drops these lines otherwise, one by one.
  const verbose = environment['RUNNER_DEBUG'] === '1'
  const known = server !== undefined && repository !== undefined && id !== undefined
  return {
    environment,
    ...(known && { holder: `${server}/${repository}/actions/runs/${id}` }),
    given: inputsOf(environment),
    naming: asInYaml,
    reporter: {
      on(event) {
        if (event.kind === 'debug') {
          if (verbose) core.debug(clean(event.text))
        } else for (const { head, rest } of linesOf(event)) core.info(clean(head + rest))
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

/** GitHub shows ten annotations of each level and step; one is for the verdict. The others are lines of the log. */
const SHOWN = 9

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
      const left = { error: SHOWN, warning: SHOWN }
      for (const finding of findings) {
        const { severity, id } = finding
        if (severity === 'note') continue
        left[severity] -= 1
        if (left[severity] >= 0) annotate(severity, textOf(finding), id)
        else core.info(clean(`${severity} ${id}: ${textOf(finding)}`))
      }
      if (verdict.exitCode !== 0) annotate('error', verdict.summary)
      if (outputs === '') annotate('warning', 'GITHUB_OUTPUT is not set: later steps get no outputs.')
    },
    outputs: {
      name: 'the outputs of the step',
      location: `GITHUB_OUTPUT=${outputs}`,
      async write(values) {
        // Without a file, fall back to the old command, which old runners accept and people can read.
        if (outputs === '') for (const [name, value] of Object.entries(values)) core.setOutput(name, value)
        else await append(outputs, Object.entries(values).map(outputOf).join(''))
      }
    },
    // A runner that does not show summaries sets no file for them.
    ...(summary !== '' && {
      summary: {
        name: 'the summary',
        location: `GITHUB_STEP_SUMMARY=${summary}`,
        async write(report: Report) {
          const { markdownOf } = await import('../report/markdown.ts')
          await append(summary, `${redaction.of(markdownOf(report, 'mermaid'))}\n`)
        }
      }
    }),
    problem: (problem) => {
      annotate('error', textOf(problem), problem.id)
    },
    finish: () => undefined
  }
}

async function append(path: string, text: string): Promise<void> {
  const { appendTo } = await import('./append.ts')
  await appendTo(path, text)
}

/** The runner's format (actions/runner, FileCommandManager.cs): a delimiter that no value contains, on its own lines. */
function outputOf([name, value]: [string, string]): string {
  const delimiter = `ghadelimiter_${crypto.randomUUID()}`
  return `${name}<<${delimiter}\n${value}\n${delimiter}\n`
}

/** The runner sets INPUT_<NAME> and keeps hyphens. Unknown names are kept for the parser to refuse. */
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
  const { hostToken } = await import('../services/entra/host-token.ts')
  // core.getIDToken follows redirects and retries for minutes.
  return hostToken({
    url,
    method: 'GET',
    bearer,
    field: 'value',
    refused: (status) => ({
      id: 'host/identity-token-refused',
      summary: `GitHub did not issue an OIDC token (${status}).`,
      remedy: 'run the job again; if it fails again, check githubstatus.com'
    })
  })
}

function noIdentityToken(): Problem {
  return new Problem({
    id: 'host/no-identity-token',
    summary: `This job cannot request the GitHub OIDC token that a login with ${input('client-id')} and ${input('tenant-id')} needs.`,
    expected: 'ACTIONS_ID_TOKEN_REQUEST_URL in the environment',
    actual: 'nothing',
    remedy:
      'add `permissions: { id-token: write, contents: read }` to the job; in a reusable workflow also to the calling job; a pull request from a fork never gets one',
    link: 'https://docs.github.com/actions/reference/security/oidc'
  })
}

/** A GitHub workflow step: inputs from INPUT_*, workflow commands by @actions/core, outputs and summary by its files. */
import * as core from './actions-core.ts'
import { hostToken } from '../services/entra/host-token.ts'
import { Problem, textOf } from '../core/problem.ts'
import type { Report } from '../report/report.ts'
import { inputsFor } from '../config/table.ts'
import type { Host } from './ports.ts'
import { printable, Redaction } from './redaction.ts'

export function githubHost(environment: NodeJS.ProcessEnv): Host {
  const redaction = new Redaction()
  const clean = (text: string): string => redaction.of(printable(text))
  return {
    environment,
    given: inputsOf(environment),
    log: {
      info: (text) => {
        core.info(clean(withoutCommands(text)))
      },
      warning: (text) => {
        core.warning(clean(text), { title: 'Patless' })
      },
      debug: (text) => {
        core.debug(clean(text))
      },
      progress: (text) => {
        core.info(clean(withoutCommands(`… ${text}`)))
      },
      group: (title, work) => core.group(title, work)
    },
    mask(secret) {
      redaction.add(secret)
      core.setSecret(secret)
    },
    identityToken: (audience) => identityToken(audience, environment),
    async publish(report) {
      const { markdownOf } = await import('../report/markdown.ts')
      for (const [name, value] of Object.entries(report.outputs)) core.setOutput(name, redaction.of(value))
      if ((environment['GITHUB_STEP_SUMMARY'] ?? '') !== '') {
        await core.summary.addRaw(clean(markdownOf(report, 'mermaid')), true).write()
      }
      annotate(report, clean)
    },
    refuse(problem) {
      core.error(clean(textOf(problem)), { title: 'Patless' })
      process.exitCode = 1
    }
  }
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
      what: `GitHub gave no OIDC token (${status}).`,
      remedy: 'run the job again; if it stays, look at githubstatus.com'
    })
  })
}

function noIdentityToken(): Problem {
  return new Problem({
    what: 'This job cannot have an OIDC token of GitHub, which client-id and tenant-id log in with.',
    expected: 'ACTIONS_ID_TOKEN_REQUEST_URL in the environment',
    found: 'nothing',
    remedy:
      'add `permissions: { id-token: write, contents: read }` to the job; in a reusable workflow also to the calling job; a pull request from a fork never gets one',
    link: 'https://docs.github.com/actions/reference/security/oidc'
  })
}

/** Foreign text must not be taken for a workflow command: `::` at the start of a line. */
function withoutCommands(text: string): string {
  return text.replaceAll(/^([\s\u0085]*)::/gm, '$1 : :')
}

function annotate({ verdict }: Report, clean: (text: string) => string): void {
  for (const { hop, ...facts } of verdict.problems) {
    const title = hop === undefined ? 'Patless' : `Patless: ${hop}`
    const text = clean(textOf(facts))
    if (verdict.exitCode === 0) core.warning(text, { title })
    else core.error(text, { title })
  }
  if (verdict.exitCode !== 0) core.error(clean(verdict.text), { title: 'Patless' })
  process.exitCode = verdict.exitCode
}

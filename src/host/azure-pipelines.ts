/**
 * A task of Azure Pipelines, by azure-pipelines-task-lib. Reached by dynamic import only: the library prints, deletes
 * INPUT_* and turns uncaught exceptions into exit code 0 at import. A task tells its result by `task.complete`, and
 * ends with exit code 0: the agent takes any other for a failure of its own machinery.
 */
import * as tl from 'azure-pipelines-task-lib/task.js'
import { writeFile } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { dirname, join } from 'node:path'
import { hostToken } from '../services/entra/host-token.ts'
import { Problem, textOf } from '../core/problem.ts'
import { camelCase, inputsFor } from '../config/table.ts'
import { unexpandedIn } from '../config/unexpanded.ts'
import { Redaction } from '../core/redaction.ts'
import { toSafeLine, toSafeText } from '../core/safe-text.ts'
import type { Host } from './ports.ts'
import { publishTo, type Sinks } from './publish.ts'
import { connectionOf, type Endpoint } from './service-connection.ts'

/** The phases of a run and how far it is when one begins, in per cent. */
const PROGRESS: readonly (readonly [phase: string, percent: number])[] = [
  ['Inputs and login', 5],
  ['Observe', 15],
  ['Check the rights', 40],
  ['Apply', 50],
  ['Prove', 70]
]

/**
 * @param names of the environment before the library took the inputs out of it
 * @param lost whether something of stdout was: results, outputs and all else are commands there
 */
export function azurePipelinesHost(
  environment: NodeJS.ProcessEnv,
  names: readonly string[],
  lost: () => boolean = () => false
): Host {
  const redaction = new Redaction()
  const clean = (text: string): string => toSafeText(redaction.of(inOwnNames(text)))
  const print = (text: string): void => {
    process.stdout.write(`${clean(text)}\n`)
  }
  const given = inputsOf(names)
  const connectionId = given.get('azure-subscription') ?? ''
  given.delete('azure-subscription')
  const unexpanded = unexpandedIn(connectionId)
  return {
    environment,
    given,
    place: 'azure-pipelines',
    get connectedSubscription() {
      return connectionId === '' ? undefined : endpointOf(connectionId).data.subscriptionid
    },
    faults: unexpanded ? [{ input: 'azure-subscription', ...unexpanded }] : [],
    get connection() {
      return connectionOf(endpointOf(connectionId))
    },
    log: {
      info: print,
      warning: (text) => {
        tl.logIssue(tl.IssueType.Warning, clean(text))
      },
      debug: (text) => {
        tl.debug(clean(text))
      },
      progress: (text) => {
        print(`… ${text}`)
      },
      group: async (title, work) => {
        const percent = PROGRESS.find(([phase]) => title.startsWith(phase))?.[1]
        if (percent !== undefined) tl.setProgress(percent, title)
        process.stdout.write(`##[group]${toSafeLine(redaction.of(title))}\n`)
        try {
          return await work()
        } finally {
          process.stdout.write('##[endgroup]\n')
        }
      }
    },
    mask(secret) {
      redaction.add(secret)
      // The agent masks line by line, and refuses more than one.
      for (const line of secret.split(/[\r\n]+/).filter((one) => one.trim() !== '')) tl.setSecret(line)
    },
    identityToken: () => identityToken(environment, connectionId),
    async publish(report) {
      await publishTo(sinksOf(redaction, clean), report)
      // The agent, if there still is one, knows nothing of this task but what its exit code says.
      await setImmediate()
      if (lost()) process.exitCode = 1
    },
    refuse(problem) {
      tl.logIssue(tl.IssueType.Error, clean(`Patless: ${textOf(problem)}`))
      complete('Failed', clean(problem.what))
    }
  }
}

/** Texts name inputs as the table does; here `set resource-group` must read `set resourceGroup`. */
function inOwnNames(text: string): string {
  return text.replaceAll(HYPHENATED, camelCase)
}

/** No part of a longer word, path or option: `azure.workload.identity/client-id`, `az … --resource-group`. */
const HYPHENATED = new RegExp(
  `(?<![\\w./-])(?:${inputsFor('azure-pipelines')
    .map(({ name }) => name)
    .filter((name) => name.includes('-'))
    .join('|')})(?![\\w/-])`,
  'g'
)

/** The task names its inputs in camelCase; the agent upper-cases them. What is not known is kept for the parser to refuse. */
function inputsOf(names: readonly string[]): Map<string, string> {
  const given = new Map<string, string>()
  const known = inputsFor('azure-pipelines').map(({ name }) => name)
  for (const name of known) given.set(name, tl.getInput(camelCase(name)) ?? '')
  const keys = new Set(known.map((name) => `INPUT_${camelCase(name).toUpperCase()}`))
  for (const key of names.filter((one) => one.startsWith('INPUT_') && !keys.has(one))) {
    given.set(key.slice('INPUT_'.length).toLowerCase(), '')
  }
  return given
}

function endpointOf(id: string): Endpoint {
  const data = (key: keyof Endpoint['data']): string | undefined => tl.getEndpointDataParameter(id, key, true)
  // Not by getEndpointAuthorizationParameter: it writes the value into the debug log.
  const { parameters = {} } = tl.getEndpointAuthorization(id, true) ?? {}
  return {
    id,
    scheme: tl.getEndpointAuthorizationScheme(id, true),
    parameters: Object.fromEntries(
      Object.entries(parameters).map(([key, value]) => [key.toLowerCase(), value])
    ),
    data: {
      environment: data('environment'),
      subscriptionid: data('subscriptionid'),
      isdraft: data('isdraft')
    }
  }
}

/** Issuer and subject are the connection's own affair: the token is asked for, never composed. */
async function identityToken(environment: NodeJS.ProcessEnv, connectionId: string): Promise<string> {
  const uri = environment['SYSTEM_OIDCREQUESTURI'] ?? ''
  const access = tl.getEndpointAuthorization('SYSTEMVSSCONNECTION', true)?.parameters['AccessToken']
  if (uri === '' || access === undefined) {
    throw new Problem({
      what: 'This job cannot have an OIDC token for the service connection.',
      expected: 'SYSTEM_OIDCREQUESTURI and the job access token',
      found: uri === '' ? 'no SYSTEM_OIDCREQUESTURI' : 'no access token',
      remedy: 'update the agent to 4.265.1 or newer; run in a job of the agent, not in a server job'
    })
  }
  const url = new URL(uri)
  url.searchParams.set('api-version', '7.1')
  url.searchParams.set('serviceConnectionId', connectionId)
  return hostToken({
    url,
    method: 'POST',
    bearer: access,
    headers: { 'x-tfs-fedauthredirect': 'Suppress', 'content-type': 'application/json' },
    field: 'oidcToken',
    refused: (status) => ({
      what: `Azure Pipelines gave no OIDC token for the service connection (${status}).`,
      remedy:
        'let the pipeline use the connection (Service connections > Security), and check that it uses workload identity federation',
      link: 'https://learn.microsoft.com/azure/devops/pipelines/release/troubleshoot-workload-identity'
    })
  })
}

function sinksOf(redaction: Redaction, clean: (text: string) => string): Sinks {
  const issue = (type: tl.IssueType, text: string, code?: string): void => {
    tl.logIssue(type, clean(text), undefined, undefined, undefined, code)
  }
  return {
    verdict({ verdict }) {
      const type = verdict.exitCode === 0 ? tl.IssueType.Warning : tl.IssueType.Error
      for (const { hop, ...facts } of verdict.problems)
        issue(type, `Patless${hop === undefined ? '' : `, ${hop}`}: ${textOf(facts)}`, facts.code)
      if (verdict.exitCode !== 0) issue(tl.IssueType.Error, `Patless: ${verdict.text}`)
    },
    outputs: {
      name: 'the output variables',
      place: 'stdout',
      write(values) {
        for (const [name, value] of Object.entries(values))
          tl.setVariable(camelCase(name), redaction.of(value), false, true)
        return Promise.resolve()
      }
    },
    summary: {
      name: 'the summary',
      place: 'Patless.md beside the report',
      async write(report) {
        const { markdownOf } = await import('../report/markdown.ts')
        const path = join(dirname(report.outputs.report), 'Patless.md')
        await writeFile(path, redaction.of(inOwnNames(markdownOf(report, 'none'))))
        tl.uploadSummary(path)
      }
    },
    attach: (path) => {
      tl.addAttachment('patless.report', 'report.json', path)
    },
    problem: (problem) => {
      issue(tl.IssueType.Error, `Patless: ${textOf(problem)}`, problem.code)
    },
    finish({ verdict }) {
      tl.setProgress(100, 'Done')
      const result =
        verdict.exitCode !== 0 ? 'Failed' : verdict.problems.length > 0 ? 'SucceededWithIssues' : 'Succeeded'
      complete(result, clean(verdict.text))
      process.exitCode = 0
    }
  }
}

/** `tl.setResult` would tell a failure a second time, as an issue of its own. */
function complete(result: keyof typeof tl.TaskResult, text: string): void {
  tl.command('task.complete', { result, done: 'true' }, text)
}

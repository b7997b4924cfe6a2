/**
 * A task of Azure Pipelines, with azure-pipelines-task-lib. Import this file dynamically only: at import, the library
 * prints, deletes INPUT_* and turns uncaught exceptions into exit code 0. A task reports its result with `task.complete`
 * and exits with 0: the agent treats any other code as a failure of the task runner itself.
 */
import * as tl from 'azure-pipelines-task-lib/task.js'
import { writeFile } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { dirname, join } from 'node:path'
import { hostToken } from '../services/entra/host-token.ts'
import { Problem } from '../core/finding.ts'
import { asInYaml, nameInputs, type InputNaming } from '../core/input-name.ts'
import { camelCase, inputsFor } from '../config/table.ts'
import { findUnexpanded } from '../config/unexpanded.ts'
import { Redaction } from '../core/redaction.ts'
import { toSafeText } from '../core/safe-text.ts'
import { PHASES, type PhaseId } from '../report/events.ts'
import { needsAction } from '../report/findings.ts'
import { textOf } from '../report/finding-text.ts'
import { linesOf } from '../report/lines.ts'
import { trustAlso } from '../http/authorities.ts'
import { agentNetworkOf, networkOf } from './agent-network.ts'
import type { Host } from './ports.ts'
import { publishTo, type Sinks } from './publish.ts'
import { connectionOf, pageOf, placeOf, type Endpoint } from './service-connection.ts'

/** Progress in percent when a phase starts. */
const PROGRESS: Readonly<Record<PhaseId, number>> = {
  login: 5,
  query: 5,
  read: 15,
  audit: 15,
  rights: 40,
  recover: 45,
  write: 50,
  remove: 50,
  migrate: 60,
  rollback: 60,
  verify: 70,
  issue: 95,
  targets: 10
}

interface Started {
  /** Whether part of stdout was lost. On this host, results, outputs and everything else are commands on stdout. */
  readonly lost?: () => boolean
  /** Password of the agent's proxy. */
  readonly proxyPassword?: string | undefined
}

const naming: InputNaming = (name, value) => asInYaml(camelCase(name), value)

/**
 * @param names the names of the environment variables before the library deleted the inputs
 * @param started what was recorded before the library was loaded
 */
export function azurePipelinesHost(
  surroundings: NodeJS.ProcessEnv,
  names: readonly string[],
  { lost = () => false, proxyPassword }: Started = {}
): Host {
  const redaction = new Redaction()
  const clean = (text: string): string => toSafeText(redaction.of(nameInputs(text, naming)))
  const print = (text: string): void => {
    process.stdout.write(`${clean(text)}\n`)
  }
  // The agent drops these lines otherwise, one by one.
  const verbose = surroundings['SYSTEM_DEBUG']?.toLowerCase() === 'true'
  const mask = (secret: string): void => {
    redaction.add(secret)
    // The agent masks line by line, and refuses more than one.
    for (const line of secret.split(/[\r\n]+/).filter((one) => one.trim() !== '')) tl.setSecret(line)
  }
  const given = inputsOf(names)
  const connectionId = given.get('azure-subscription') ?? ''
  given.delete('azure-subscription')
  const identityConnectionId = given.get('identity-service-connection') ?? ''
  const namesIdentity = identityConnectionId !== '' && !findUnexpanded(identityConnectionId)
  const unexpanded = findUnexpanded(connectionId)
  const agent = agentNetworkOf(surroundings, proxyPassword)
  const network = networkOf(agent, surroundings)
  const environment = withVariables(surroundings, network.variables)
  const untrusted = trustAlso(agent.authorities)
  network.secrets.forEach(mask)
  return {
    environment,
    given,
    hostKind: 'azure-pipelines',
    get connectedSubscription() {
      return connectionId === '' ? undefined : endpointOf(connectionId).data.subscriptionid
    },
    get connectedIdentity() {
      if (!namesIdentity) return undefined
      const { parameters, data } = endpointOf(identityConnectionId)
      return placeOf({ tenantId: parameters['tenantid'], subscriptionId: data.subscriptionid })
    },
    faults: [
      ...(unexpanded ? [{ input: 'azure-subscription', ...unexpanded }] : []),
      ...(untrusted === undefined ? [] : [{ input: 'Agent.CAInfo', ...untrusted }])
    ],
    get serviceConnection() {
      return connectionOf({ ...endpointOf(connectionId), page: pageOf(connectionId, surroundings) })
    },
    get forIdentity() {
      if (!namesIdentity) return undefined
      return {
        serviceConnection: connectionOf(
          { ...endpointOf(identityConnectionId), page: pageOf(identityConnectionId, surroundings) },
          'identityServiceConnection'
        ),
        identityToken: () => identityToken(environment, identityConnectionId)
      }
    },
    naming,
    reporter: {
      on(event) {
        if (event.kind === 'debug') {
          if (verbose) tl.debug(clean(event.text))
        } else for (const { head, rest } of linesOf(event)) print(head + rest)
      },
      phase: async (id, work) => {
        tl.setProgress(PROGRESS[id], PHASES[id])
        process.stdout.write(`##[group]${PHASES[id]}\n`)
        try {
          return await work()
        } finally {
          process.stdout.write('##[endgroup]\n')
        }
      }
    },
    mask,
    identityToken: () => identityToken(environment, connectionId),
    async publish(report) {
      await publishTo(sinksOf(redaction, clean), report)
      // If stdout is broken, the exit code is all that the agent gets.
      await setImmediate()
      if (lost()) process.exitCode = 1
    },
    refuse(problem) {
      tl.logIssue(tl.IssueType.Error, clean(`Patless, ${problem.id}: ${textOf(problem)}`))
      complete('Failed', clean(problem.summary))
    }
  }
}

/** A copy of the environment is case-sensitive even on Windows, where PATH is often spelled Path. */
function withVariables(
  environment: NodeJS.ProcessEnv,
  variables: Readonly<Record<string, string>>
): NodeJS.ProcessEnv {
  if (Object.keys(variables).length === 0) return environment
  const { PATH = '' } = environment
  return { ...environment, PATH, ...variables }
}

/** The task's inputs are in camelCase; the agent upper-cases them. Unknown names are kept for the parser to refuse. */
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
  // getEndpointAuthorizationParameter would write the value to the debug log.
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
      isdraft: data('isdraft'),
      identitytype: data('identitytype')
    }
  }
}

/** A token for the service connection, whose issuer and subject the service decides. */
async function identityToken(environment: NodeJS.ProcessEnv, connectionId: string): Promise<string> {
  const uri = environment['SYSTEM_OIDCREQUESTURI'] ?? ''
  const access = tl.getEndpointAuthorization('SYSTEMVSSCONNECTION', true)?.parameters['AccessToken']
  if (uri === '' || access === undefined) {
    throw new Problem({
      id: 'host/no-identity-token',
      summary: 'This job cannot request an OIDC token for the service connection.',
      expected: 'SYSTEM_OIDCREQUESTURI and the job access token',
      actual: uri === '' ? 'no SYSTEM_OIDCREQUESTURI' : 'no access token',
      remedy: 'update the agent to 4.265.1 or newer, and run the task in an agent job, not in a server job'
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
      id: 'host/identity-token-refused',
      summary: `Azure Pipelines did not issue an OIDC token for the service connection (${status}).`,
      remedy:
        'authorize the pipeline to use the connection (Service connections > Security), and check that it uses workload identity federation',
      link: 'https://learn.microsoft.com/azure/devops/pipelines/release/troubleshoot-workload-identity'
    })
  })
}

function sinksOf(redaction: Redaction, clean: (text: string) => string): Sinks {
  const issue = (type: tl.IssueType, text: string, code?: string): void => {
    tl.logIssue(type, clean(text), undefined, undefined, undefined, code)
  }
  return {
    verdict({ verdict, findings }) {
      for (const finding of findings.filter(needsAction)) {
        const type = finding.severity === 'error' ? tl.IssueType.Error : tl.IssueType.Warning
        issue(type, `Patless, ${finding.id}: ${textOf(finding)}`, finding.code)
      }
      if (verdict.exitCode !== 0) issue(tl.IssueType.Error, `Patless: ${verdict.summary}`)
    },
    outputs: {
      name: 'the output variables',
      location: 'stdout',
      write(values) {
        for (const [name, value] of Object.entries(values))
          tl.setVariable(camelCase(name), redaction.of(value), false, true)
        return Promise.resolve()
      }
    },
    summary: {
      name: 'the summary',
      location: 'Patless.md beside the report',
      async write(report) {
        const { markdownOf } = await import('../report/markdown.ts')
        const path = join(dirname(report.outputs.report), 'Patless.md')
        await writeFile(path, redaction.of(markdownOf(report, 'none')))
        tl.uploadSummary(path)
      }
    },
    attach: (path) => {
      tl.addAttachment('patless.report', 'report.json', path)
    },
    problem: (problem) => {
      issue(tl.IssueType.Error, `Patless, ${problem.id}: ${textOf(problem)}`, problem.code)
    },
    finish({ verdict, findings }) {
      tl.setProgress(100, 'Done')
      // A warning about the login or the machine is not an issue of the chain.
      const issues = findings.some(
        (one) => needsAction(one) && (one.resource ?? one.verification ?? one.fingerprint)
      )
      const result = verdict.exitCode !== 0 ? 'Failed' : issues ? 'SucceededWithIssues' : 'Succeeded'
      complete(result, clean(verdict.summary))
      process.exitCode = 0
    }
  }
}

/** `tl.setResult` would report a failure again, as a separate issue. */
function complete(result: keyof typeof tl.TaskResult, text: string): void {
  tl.command('task.complete', { result, done: 'true' }, text)
}

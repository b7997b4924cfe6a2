/** Runs the source of Patless against a twin in the same process, for tests and benchmarks. */
import { setDefaultCACertificates } from 'node:tls'
import { runMode } from '../src/commands/mode.ts'
import { hostToken } from '../src/services/entra/host-token.ts'
import type { FindingFacts } from '../src/core/finding.ts'
import { PHASES } from '../src/report/events.ts'
import { writeReport } from '../src/report/file.ts'
import { linesOf } from '../src/report/lines.ts'
import type { Report } from '../src/report/report.ts'
import type { ResourceKind } from '../src/core/finding-titles.ts'
import type { Entry } from './journal.ts'
import { leakCheck } from './leaks.ts'
import type { AzureTwin } from './azure/azure.ts'
import { assertReport } from './report-schema.ts'
import { NO_LAG, startTwin, type Twin } from './twin.ts'
import type { Lag } from './world.ts'

export type Inputs = Readonly<Record<string, string>>

export interface WorldUnderTest {
  readonly twin: Twin
  /** Everything that was printed: log, progress, debug. */
  readonly printed: string[]
  readonly masked: Set<string>
  run(inputs: Inputs): Promise<Report>
  apply(inputs?: Inputs): Promise<Report>
  check(inputs?: Inputs): Promise<Report>
  remove(inputs?: Inputs): Promise<Report>
  /** Puts a new world into the state after apply, before any verification. The state is built once, then restored. */
  applied(): Promise<void>
  /** Writing requests since the last `twin.journal.clear()`, without logins and reviews. */
  writes(): string[]
}

/** Time limit of one request, in ms: shorter than in production. */
const TIMEOUT = 5_000

export async function startWorldUnderTest(lag: Lag = NO_LAG, timeout = TIMEOUT): Promise<WorldUnderTest> {
  const twin = await startTwin(lag)
  const { tls } = twin
  // All twins of this process share one certificate, and there are no other servers.
  setDefaultCACertificates([tls.ca])
  const printed: string[] = []
  const masked = new Set<string>()
  const go = (inputs: Inputs): Promise<Report> =>
    runInProcess(inputs, {
      environment: twin.environment,
      temporary: twin.temporary,
      azure: twin.azure,
      timeout,
      printed,
      masked
    })
  let kept: { readonly issuer: string; readonly restore: () => void } | undefined
  const applied = async (): Promise<void> => {
    const { issuer } = twin.kubernetes.access
    if (kept?.issuer === issuer) {
      kept.restore()
      return
    }
    twin.reset()
    const { outputs } = await go({ mode: 'apply', verification: 'none' })
    if (outputs.changed !== 'true') throw new Error('there is no chain')
    kept = { issuer, restore: twin.keep() }
  }
  return {
    twin,
    applied,
    printed,
    masked,
    run: go,
    apply: (inputs = {}) => go({ mode: 'apply', ...inputs }),
    check: (inputs = {}) => go({ mode: 'check', ...inputs }),
    remove: (inputs = {}) => go({ mode: 'remove', ...inputs }),
    writes: () =>
      twin.journal.entries
        .filter(isWrite)
        .map(({ service, method, path }) => `${service} ${method} ${path.split('?')[0] ?? ''}`)
  }
}

export interface InProcess {
  /** Of the job: its inputs, its token, and Azure's endpoints. */
  readonly environment: Readonly<Record<string, string>>
  readonly temporary: string
  readonly azure: Pick<AzureTwin, 'github'>
  /** For one request, in ms. */
  readonly timeout?: number
  /** Everything that was printed. */
  readonly printed?: string[]
  readonly masked?: Set<string>
}

/** One run as a GitHub job, against any world. @param inputs beside those of the environment */
export async function runInProcess(inputs: Inputs, world: InProcess): Promise<Report> {
  const { azure, timeout = TIMEOUT, printed = [], masked = new Set<string>() } = world
  const { PATH = '', HOME = '' } = process.env
  const environment: NodeJS.ProcessEnv = { PATH, HOME, ...world.environment, RUNNER_TEMP: world.temporary }
  const given = new Map(
    Object.entries(environment).flatMap(([key, value]) => {
      const name = /^INPUT_(.+)$/.exec(key)?.[1]?.toLowerCase()
      return name === undefined ? [] : [[name, value ?? ''] as const]
    })
  )
  for (const [name, value] of Object.entries(inputs)) given.set(name, value)
  const check = leakCheck()
  const shown: string[] = []
  const print = (text: string): void => {
    printed.push(text)
    shown.push(text)
  }
  try {
    const report = await runMode({
      given,
      environment,
      timeout,
      mask: (secret) => masked.add(secret),
      identityToken: (audience) => identityToken(azure, audience, timeout),
      reporter: {
        on(event) {
          if (event.kind === 'debug') print(event.text)
          else for (const { head, rest } of linesOf(event)) print(head + rest)
        },
        phase: (id, work) => {
          print(PHASES[id])
          return work()
        }
      }
    })
    await writeReport(report)
    assertReport(report)
    shown.push(JSON.stringify(report))
    return report
  } catch (error) {
    shown.push(JSON.stringify(error), String(error))
    throw error
  } finally {
    check(shown.join('\n'))
  }
}

/** The result of every resource. */
export function wordsOf({ resources }: Report): Record<ResourceKind, string> {
  return Object.fromEntries(resources.map(({ resource, result }) => [resource, result])) as Record<
    ResourceKind,
    string
  >
}

/** Some POST requests only read: tokens, credentials, reviews and git objects. Commands show by what they ask the cluster. */
export function isWrite({ service, method, path }: Entry): boolean {
  const asks =
    /\/token(\?|$)|listClusterUserCredential|runCommand|ResourceGraph|selfsubject|git-upload-pack|oauth2/.test(
      path
    )
  return !['GET', 'HEAD', 'OPTIONS'].includes(method) && !asks && service !== 'oidc'
}

/** Requests the token like the GitHub host, with a shorter time limit. */
function identityToken(azure: InProcess['azure'], audience: string, timeout: number): Promise<string> {
  const url = new URL(azure.github.requestUrl)
  url.searchParams.set('audience', audience)
  const refused = (status: number): FindingFacts => ({
    id: 'host/identity-token-refused',
    summary: `The host did not issue an OIDC token (${status}).`,
    remedy: 'run again'
  })
  return hostToken(
    { url, method: 'GET', bearer: azure.github.requestToken, field: 'value', refused },
    timeout
  )
}

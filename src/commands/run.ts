/** One run from parsed inputs to report: log in, reconcile. */
import { Clocks } from '../http/clocks.ts'
import { hostname } from 'node:os'
import type { LoginSources, ServiceConnection } from '../services/entra/sources.ts'
import { connect, type Services, type ServiceSettings } from '../services/services.ts'
import { proxyFor, useProxies } from '../http/proxy.ts'
import { explain } from '../diagnosis/explain.ts'
import type { Desired } from '../config/desired.ts'
import type { InputFault } from '../config/inputs.ts'
import type { InputSource } from '../config/parse.ts'
import type { Finding } from '../core/finding.ts'
import { asInYaml, nameInputs, type InputNaming } from '../core/input-name.ts'
import { mapStrings } from '../core/strings.ts'
import type { RunContext } from '../engine/graph.ts'
import type { ResourceOutcome } from '../engine/outcome.ts'
import type { Reporter } from '../report/events.ts'
import { reportOf, type Ended, type Report } from '../report/report.ts'
import { publishable, type Around } from './around.ts'
import type { MigrationRun } from './migrating.ts'
import { reconcile, type Hooks } from './reconcile.ts'
import { NOTHING_LEFT } from './recovery.ts'
import { outcomeWithoutLogin } from './without-login.ts'

/** What a run needs from its host. */
export interface RunHost {
  readonly environment: NodeJS.ProcessEnv
  readonly mask: (secret: string) => void
  readonly reporter: Reporter
  /** How this host spells inputs. */
  readonly naming?: InputNaming
  readonly identityToken?: (audience: string) => Promise<string>
  readonly serviceConnection?: ServiceConnection
  readonly forIdentity?: LoginSources['forIdentity']
  /** For one request, in ms. */
  readonly timeout?: number
  /** How a waiting run sees this one: a URL where the host has one. */
  readonly holder?: string
}

/** What a run needs from its host, including the inputs. */
export interface InputHost extends RunHost, InputSource {
  /** Raw text by input name. */
  readonly given: ReadonlyMap<string, string>
  /** Faults that the host itself found in the inputs. */
  readonly faults?: readonly InputFault[]
}

/** For one request, in ms. */
const REQUEST_TIMEOUT = 30_000

/** For the services, in addition to the timeout of the verification, in ms. A cluster update takes longest. */
const RUN_BUDGET = 30 * 60_000

/**
 * @returns the report, with all masked secrets removed; the caller writes its file to `outputs.report`
 * @throws {Problem} when there is no writable folder for the report. The report has every later failure.
 */
export function run(desired: Desired, host: RunHost): Promise<Report> {
  return publishable(host, (around) => runWithin(desired, host, around))
}

/**
 * @param around what several runs of one process have in common
 * @returns the report, with all masked secrets removed
 */
export async function runWithin(desired: Desired, host: RunHost, around: Around): Promise<Report> {
  const startedAt = Date.now()
  const { environment, reporter, naming = asInYaml, timeout = REQUEST_TIMEOUT } = host
  const { holder = `process ${process.pid} on ${hostname()}` } = host
  const { redaction, path, signal } = around
  const mask = (secret: string): void => {
    redaction.add(secret)
    host.mask(secret)
  }
  const say = (kind: 'info' | 'debug' | 'progress', text: string): void => {
    reporter.on({ kind, text })
  }
  const closes: (() => Promise<void>)[] = []
  const warnings: Finding[] = []
  const warn = (finding: Finding): void => {
    // What is read twice is warned of once.
    if (warnings.some(({ id, summary }) => id === finding.id && summary === finding.summary)) return
    warnings.push(finding)
    reporter.on({ kind: 'warning', finding })
  }
  const policy = {
    deadline: startedAt + RUN_BUDGET + timeFor(desired),
    report: (text: string) => {
      say('progress', text)
    },
    signal
  }
  const wire = {
    policy,
    debug: (text: string) => {
      say('debug', text)
    },
    warn,
    timeout,
    proxyFor: (url: string) => proxyFor(url, environment),
    clocks: new Clocks(),
    atEnd: (close: () => Promise<void>) => {
      closes.push(close)
    }
  }
  const logIn = async (): Promise<Services> => {
    for (const line of desired.derived) say('info', line)
    useProxies(environment)
    const { cloud, login, cluster, clusterAccess } = desired
    const settings = { cloud, login, clusterAccess, kubeconfig: cluster.kubeconfig, ...needsOf(desired) }
    const { identityToken, forIdentity } = host
    // The host may refuse its service connection here.
    const sources = {
      environment,
      mask,
      identityToken,
      forIdentity,
      serviceConnection: host.serviceConnection
    }
    const services = await connect(settings, wire, sources, around.shared)
    say('info', `login: ${services.login.description}`)
    if (services.identityLogin) say('info', `login for the identity: ${services.identityLogin.description}`)
    for (const { warning } of [services.login, services.identityLogin ?? services.login])
      if (warning !== undefined) warn(warning)
    return services
  }
  const { ended, login } = await reporter.phase('login', logIn).then(
    async (services) => {
      const context = {
        services,
        explain,
        policy: { ...policy, budget: timeFor(desired) },
        started: startedAt,
        done: (outcome: ResourceOutcome) => {
          reporter.on({ kind: 'resource', outcome })
        }
      }
      const run = { holder, origin: environment['AZURE_DEVOPS_URL'] }
      return { ended: await execute(desired, context, reporter, run), login: loginOf(services) }
    },
    // Somebody who reads only outputs, summary or report learns of it, too.
    async (error: unknown) => ({
      ended: { outcome: outcomeWithoutLogin(desired, await explain(error)) },
      login: 'none'
    })
  )
  // Of a hundred clusters, those that are done would keep their connections for a while.
  await Promise.allSettled(closes.map((close) => close()))
  const { outcome } = ended
  const findings = Object.values(outcome.verifications).flatMap((one) => one.findings ?? [])
  if (desired.mode !== 'audit')
    reporter.on({ kind: 'verification', outcome: { ...outcome.verification, findings } })
  const clean = <T>(value: T): T => mapStrings(value, (text) => nameInputs(redaction.of(text), naming))
  // Clean the outcome before it becomes outputs: in JSON a secret may be escaped and not be found.
  const report = reportOf(clean(ended), desired, {
    startedAt,
    login,
    path,
    findings: clean(warnings)
  })
  const cleaned = { ...clean(report), outputs: report.outputs }
  return desired.mode === 'diagnose' ? await withIssue(cleaned, desired.redact, reporter) : cleaned
}

/** One file per mode. Loaded when it is due: no run needs two of them. */
async function execute(
  desired: Desired,
  context: RunContext<Services>,
  reporter: Reporter,
  { holder, origin }: Pick<MigrationRun, 'holder' | 'origin'>
): Promise<Ended> {
  if (desired.mode === 'audit') {
    const { audit } = await import('./audit.ts')
    return audit(desired, context, reporter)
  }
  if (desired.mode === 'export') {
    const { exportChain } = await import('./export/export.ts')
    return exportChain(desired, context, reporter)
  }
  if (desired.mode === 'migrate' || desired.mode === 'rollback') {
    const run = { context, reporter, holder, origin }
    return {
      outcome:
        desired.mode === 'migrate'
          ? await (await import('./migrate.ts')).migrate(desired, run)
          : await (await import('./rollback.ts')).rollback(desired, run)
    }
  }
  const recover: Hooks['recover'] = async (known, options) => {
    const { backups = [], unreadable = [] } = known.left ?? {}
    if (backups.length + unreadable.length === 0) return NOTHING_LEFT
    const { recover } = await import('./recover.ts')
    return recover(known, desired, { context, reporter, holder, origin }, options)
  }
  if (desired.mode === 'diagnose') {
    const { diagnose } = await import('./diagnose.ts')
    return diagnose(desired, context, reporter, { recover })
  }
  const chain = { ...desired, mode: desired.mode }
  return { outcome: await reconcile(chain, context, reporter, { recover }) }
}

/** The block is the last thing in the log, where it is found. */
async function withIssue(report: Report, redact: boolean, reporter: Reporter): Promise<Report> {
  const { issueOf } = await import('../report/issue.ts')
  const issue = issueOf(report, redact)
  await reporter.phase('issue', () => {
    reporter.on({ kind: 'info', text: issue })
    return Promise.resolve()
  })
  return { ...report, issue }
}

/** What a mode needs of the services. */
function needsOf(desired: Desired): Omit<ServiceSettings, 'cloud' | 'login' | 'kubeconfig'> {
  if (desired.mode === 'audit')
    return { readsGit: false, uses: desired.cluster.kind === 'given' ? 'cluster' : 'azure' }
  const { mode, verification, identityLogin } = desired
  const readsGit = mode !== 'remove' && mode !== 'export' && verification !== 'none'
  const organizations = desired.organizations.map(({ name }) => name)
  return { readsGit, uses: 'everything', identityLogin, organizations }
}

function loginOf({ login, identityLogin }: Services): string {
  if (!identityLogin) return login.description
  return `${login.description}; for the identity: ${identityLogin.description}`
}

/** For what takes effect late, in ms. */
function timeFor(desired: Desired): number {
  return desired.mode === 'audit' ? 0 : desired.verificationTimeout
}

/** One run from parsed inputs to report: reserve a path for the report, log in, reconcile. */
import type { ServiceConnection } from '../services/entra/sources.ts'
import { connect, type Services } from '../services/services.ts'
import { proxyFor, useProxies } from '../http/proxy.ts'
import { explain } from '../diagnosis/explain.ts'
import type { Desired } from '../config/desired.ts'
import type { Finding } from '../core/finding.ts'
import { asInYaml, nameInputs, type InputNaming } from '../core/input-name.ts'
import { Redaction } from '../core/redaction.ts'
import { mapStrings } from '../core/strings.ts'
import type { ResourceOutcome } from '../engine/outcome.ts'
import type { Reporter } from '../report/events.ts'
import { removeReportFolder, reserveReportPath } from '../report/file.ts'
import { reportOf, type Report } from '../report/report.ts'
import { reconcile } from './reconcile.ts'
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
  /** For one request, in ms. */
  readonly timeout?: number
}

/** For one request, in ms. */
const REQUEST_TIMEOUT = 30_000

/** For the services, in addition to the timeout of the verification, in ms. A cluster update takes longest. */
const RUN_BUDGET = 30 * 60_000

/** Cancelled job, Ctrl-C, closed terminal. Child processes have groups of their own and do not get these signals. */
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/**
 * @returns the report, with all masked secrets removed; the caller writes its file to `outputs.report`
 * @throws {Problem} when there is no writable folder for the report. The report has every later failure.
 */
export async function run(desired: Desired, host: RunHost): Promise<Report> {
  const startedAt = Date.now()
  const redaction = new Redaction()
  const { environment, reporter, naming = asInYaml, timeout = REQUEST_TIMEOUT } = host
  const mask = (secret: string): void => {
    redaction.add(secret)
    host.mask(secret)
  }
  const say = (kind: 'info' | 'debug' | 'progress', text: string): void => {
    reporter.on({ kind, text })
  }
  const controller = new AbortController()
  const cancel = (): void => {
    say('progress', 'Cancelling. Completed changes are in the report; run again to continue.')
    controller.abort(new Error('the run was cancelled'))
  }
  for (const signal of SIGNALS) process.once(signal, cancel)
  const path = await reserveReportPath(environment).catch((error: unknown) => {
    for (const signal of SIGNALS) process.off(signal, cancel)
    throw error
  })
  const warnings: Finding[] = []
  const warn = (finding: Finding): void => {
    // What is read twice is warned of once.
    if (warnings.some(({ id, summary }) => id === finding.id && summary === finding.summary)) return
    warnings.push(finding)
    reporter.on({ kind: 'warning', finding })
  }
  const policy = {
    deadline: startedAt + RUN_BUDGET + desired.verificationTimeout,
    report: (text: string) => {
      say('progress', text)
    },
    signal: controller.signal
  }
  const wire = {
    policy,
    debug: (text: string) => {
      say('debug', text)
    },
    warn,
    timeout,
    proxyFor: (url: string) => proxyFor(url, environment)
  }
  const logIn = async (): Promise<Services> => {
    for (const line of desired.derived) say('info', line)
    useProxies(environment)
    const services = await connect(
      {
        ...desired,
        kubeconfig: desired.cluster.kubeconfig,
        readsGit: desired.mode !== 'remove' && desired.verification !== 'none'
      },
      wire,
      // The host may refuse its service connection here.
      { environment, mask, identityToken: host.identityToken, serviceConnection: host.serviceConnection }
    )
    say('info', `login: ${services.login.description}`)
    if (services.login.warning !== undefined) warn(services.login.warning)
    return services
  }
  try {
    const { outcome, login } = await reporter.phase('login', logIn).then(
      async (services) => {
        const context = {
          services,
          explain,
          policy: { ...policy, budget: desired.verificationTimeout },
          started: startedAt,
          done: (outcome: ResourceOutcome) => {
            reporter.on({ kind: 'resource', outcome })
          }
        }
        return {
          outcome: await reconcile(desired, context, reporter),
          login: services.login.description
        }
      },
      // Somebody who reads only outputs, summary or report learns of it, too.
      async (error: unknown) => ({
        outcome: outcomeWithoutLogin(desired, await explain(error)),
        login: 'none'
      })
    )
    const findings = Object.values(outcome.verifications).flatMap((one) => one.findings ?? [])
    reporter.on({ kind: 'verification', outcome: { ...outcome.verification, findings } })
    const clean = <T>(value: T): T => mapStrings(value, (text) => nameInputs(redaction.of(text), naming))
    // Clean the outcome before it becomes outputs: in JSON a secret may be escaped and not be found.
    const report = reportOf(clean(outcome), desired, {
      startedAt,
      login,
      path,
      findings: clean(warnings)
    })
    return { ...clean(report), outputs: report.outputs }
  } catch (error) {
    await removeReportFolder(path)
    throw error
  } finally {
    for (const signal of SIGNALS) process.off(signal, cancel)
  }
}

/** One run from parsed inputs to report: find a place for the report, log in, reconcile. */
import type { ServiceConnection } from '../services/entra/sources.ts'
import { connect, type Services } from '../services/services.ts'
import { proxyFor, useProxies } from '../http/proxy.ts'
import { explain } from '../diagnosis/catalogue.ts'
import type { Desired } from '../config/desired.ts'
import type { Finding } from '../core/finding.ts'
import { asInYaml, nameInputs, type InputNaming } from '../core/input-name.ts'
import { Redaction } from '../core/redaction.ts'
import { mapStrings } from '../core/strings.ts'
import type { ResourceOutcome } from '../engine/outcome.ts'
import type { Reporter } from '../report/events.ts'
import { leaveReport, placeForReport } from '../report/file.ts'
import { reportOf, type Report } from '../report/report.ts'
import { reconcile } from './reconcile.ts'

/** What a run needs of the place it runs in. */
export interface Surroundings {
  readonly environment: NodeJS.ProcessEnv
  readonly mask: (secret: string) => void
  readonly reporter: Reporter
  /** How this place names inputs. */
  readonly naming?: InputNaming
  readonly identityToken?: (audience: string) => Promise<string>
  readonly serviceConnection?: ServiceConnection
  /** ms one request may take. */
  readonly timeout?: number
}

/** ms one request may take. */
const REQUEST_TIMEOUT = 30_000

/** Beside the verification's own timeout: what the services may take (a cluster update is the longest), in ms. */
const RUN_BUDGET = 30 * 60_000

/** A cancelled job, Ctrl-C, a closed terminal: what was started is a group of its own, and does not hear of them. */
const ENDINGS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const

/**
 * @returns the report, without any secret that was masked; its file is still to be written, at `outputs.report`
 * @throws {Problem} when the run could not begin: no login, no git, no place for the report. Later failures are in it.
 */
export async function run(desired: Desired, surroundings: Surroundings): Promise<Report> {
  const startedAt = Date.now()
  const redaction = new Redaction()
  const { reporter, naming = asInYaml, timeout = REQUEST_TIMEOUT, ...given } = surroundings
  const sources = {
    ...given,
    mask: (secret: string) => {
      redaction.add(secret)
      surroundings.mask(secret)
    }
  }
  const say = (kind: 'info' | 'debug' | 'progress', text: string): void => {
    reporter.on({ kind, text })
  }
  const stop = new AbortController()
  const stopped = (): void => {
    say('progress', 'Stopping: what was done so far is in the report; run again to go on.')
    stop.abort(new Error('the run was cancelled'))
  }
  for (const signal of ENDINGS) process.once(signal, stopped)
  const path = await placeForReport(sources.environment).catch((error: unknown) => {
    for (const signal of ENDINGS) process.off(signal, stopped)
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
    signal: stop.signal
  }
  const wire = {
    policy,
    debug: (text: string) => {
      say('debug', text)
    },
    warn,
    timeout,
    proxyFor: (url: string) => proxyFor(url, sources.environment)
  }
  const logIn = async (): Promise<Services> => {
    for (const line of desired.derived) say('info', line)
    useProxies(sources.environment)
    const services = await connect(
      {
        ...desired,
        kubeconfig: desired.cluster.kubeconfig,
        readsGit: desired.mode !== 'remove' && desired.verification !== 'none'
      },
      wire,
      sources
    )
    say('info', `login: ${services.login.description}`)
    if (services.login.warning !== undefined) warn(services.login.warning)
    return services
  }
  try {
    const services = await reporter.phase('login', logIn)
    const context = {
      services,
      explain,
      policy: { ...policy, budget: desired.verificationTimeout },
      started: startedAt,
      done: (outcome: ResourceOutcome) => {
        reporter.on({ kind: 'resource', outcome })
      }
    }
    const outcome = await reconcile(desired, context, reporter)
    const findings = Object.values(outcome.verifications).flatMap((one) => one.findings ?? [])
    reporter.on({ kind: 'verification', outcome: { ...outcome.verification, findings } })
    const clean = <T>(value: T): T => mapStrings(value, (text) => nameInputs(redaction.of(text), naming))
    // Before the outputs are made of it: a secret is found in a value, not in its JSON.
    const report = reportOf(clean(outcome), desired, {
      startedAt,
      login: services.login.description,
      path,
      findings: clean(warnings)
    })
    return { ...clean(report), outputs: report.outputs }
  } catch (error) {
    await leaveReport(path)
    throw error
  } finally {
    for (const signal of ENDINGS) process.off(signal, stopped)
  }
}

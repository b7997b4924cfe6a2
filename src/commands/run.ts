/** One run from parsed inputs to report: find a place for the report, log in, reconcile. */
import type { Connection } from '../services/entra/sources.ts'
import { connect } from '../services/services.ts'
import { proxyFor, useProxies } from '../http/proxy.ts'
import { explain } from '../diagnosis/catalogue.ts'
import type { Desired } from '../config/desired.ts'
import { reconcile, type Phase } from './reconcile.ts'
import { toLine } from '../core/safe-text.ts'
import { Redaction } from '../core/redaction.ts'
import { leaveReport, placeForReport } from '../report/file.ts'
import { linesOf, noteLines } from '../report/lines.ts'
import { reportOf, type Report } from '../report/report.ts'

/** What a run needs of the place it runs in. */
export interface Surroundings {
  readonly environment: NodeJS.ProcessEnv
  readonly mask: (secret: string) => void
  readonly identityToken?: (audience: string) => Promise<string>
  readonly connection?: Connection
  /** ms one request may take. */
  readonly timeout?: number
  readonly log: {
    readonly info: (text: string) => void
    readonly warning: (text: string) => void
    readonly debug: (text: string) => void
    readonly progress: (text: string) => void
    readonly group: Phase
  }
}

/** ms one request may take. */
const REQUEST_TIMEOUT = 30_000

/** Beside the proof's own timeout: what the services themselves may take (a cluster update is the longest), in ms. */
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
  const { log, ...given } = surroundings
  const sources = {
    ...given,
    mask: (secret: string) => {
      redaction.add(secret)
      surroundings.mask(secret)
    }
  }
  const stop = new AbortController()
  const stopped = (): void => {
    log.progress('Stopping: what was done so far is in the report; run again to go on.')
    stop.abort(new Error('the run was cancelled'))
  }
  for (const signal of ENDINGS) process.once(signal, stopped)
  const path = await placeForReport(sources.environment).catch((error: unknown) => {
    for (const signal of ENDINGS) process.off(signal, stopped)
    throw error
  })
  const deadline = startedAt + RUN_BUDGET + desired.verificationTimeout
  const { timeout = REQUEST_TIMEOUT } = sources
  const patience = { deadline, say: log.progress, signal: stop.signal }
  const byProxy = (url: string): string | undefined => proxyFor(url, sources.environment)
  const wire = { patience, debug: log.debug, warn: log.warning, timeout, proxyFor: byProxy }
  try {
    const planes = await log.group('Inputs and login', async () => {
      for (const line of desired.derived) log.info(line)
      const deaf = useProxies(sources.environment)
      if (deaf !== undefined) log.warning(deaf)
      const connected = await connect(
        {
          ...desired,
          kubeconfig: desired.cluster.kubeconfig,
          readsGit: desired.mode !== 'remove' && desired.verification !== 'none'
        },
        wire,
        sources
      )
      log.info(`login: ${connected.login.description}`)
      if (connected.login.warning !== undefined) log.warning(connected.login.warning)
      return connected
    })
    const done = (hop: Parameters<typeof linesOf>[0]): void => {
      for (const line of linesOf(hop)) log.info(line)
    }
    const context = {
      services: planes,
      explain,
      patience: { ...patience, budget: desired.verificationTimeout },
      started: startedAt,
      done
    }
    const outcome = await reconcile(desired, context, log.group)
    log.info(`proof: ${outcome.proof.verification}: ${toLine(outcome.proof.reason)}`)
    for (const { notes = [] } of Object.values(outcome.proofs))
      for (const line of noteLines(notes)) log.info(line)
    // Before the outputs are made of it: a secret is found in a value, not in its JSON.
    const report = reportOf(redaction.in(outcome), desired, {
      startedAt,
      login: planes.login.description,
      path
    })
    return { ...redaction.in(report), outputs: report.outputs }
  } catch (error) {
    await leaveReport(path)
    throw error
  } finally {
    for (const signal of ENDINGS) process.off(signal, stopped)
  }
}

/**
 * Runs for targets of a file: the values of each become the inputs, and the rest is as for any cluster. Several run in
 * one process, a few at a time; the failure of one is its own.
 */
import type { Desired } from '../config/desired.ts'
import { InvalidInputs, type InputFault } from '../config/inputs.ts'
import { parseInputs } from '../config/parse.ts'
import type { FileTarget } from '../config/targets/file.ts'
import { selectTargets } from '../config/targets/select.ts'
import { inputsOf, readFleet, type Fleet } from '../config/targets/targets.ts'
import { mapBounded } from '../core/concurrency.ts'
import type { Finding } from '../core/finding.ts'
import { explain } from '../diagnosis/explain.ts'
import { proxyFor } from '../http/proxy.ts'
import type { Wire } from '../http/request.ts'
import type { Reporter } from '../report/events.ts'
import { fleetReportOf } from '../report/fleet.ts'
import { linesOf } from '../report/lines.ts'
import { reportOf, type Report } from '../report/report.ts'
import { Shared } from '../services/shared.ts'
import { publishable, type Around } from './around.ts'
import { run, runWithin, type InputHost } from './run.ts'
import { outcomeWithoutLogin } from './without-login.ts'

/** @throws {InvalidInputs} for faults of the file or of the inputs beside it: nothing was read or written */
export async function runTargets(host: InputHost): Promise<Report> {
  const fleet = readFleet(host.given, host.environment)
  const targets = selectTargets(fleet, host.given.get('target') ?? '')
  const desired = desiredOf(fleet, targets, host)
  const [only, ...others] = desired
  return only && others.length === 0 ? run(only, host) : runAll(desired, fleet, host)
}

/** What each target asks for; the faults of all are reported together. */
export function desiredOf(fleet: Fleet, targets: readonly FileTarget[], host: InputHost): Desired[] {
  const faults: InputFault[] = []
  const secrets: string[] = []
  const desired = targets.flatMap((target) => {
    const { given, located } = inputsOf(fleet, target, host.given)
    try {
      const one = parseInputs(given, host.environment, host.faults, host)
      return [{ ...one, target: { name: target.name, plan: fleet.digest } }]
    } catch (error) {
      if (!(error instanceof InvalidInputs)) throw error
      faults.push(...error.faults.map(located))
      secrets.push(...error.secrets)
      return []
    }
  })
  if (faults.length > 0) throw new InvalidInputs(faults.filter(isFirst), secrets)
  return desired
}

/** A fault of an input of the run is one of every target. */
function isFirst(fault: InputFault, index: number, all: readonly InputFault[]): boolean {
  return all.findIndex(({ input, problem }) => input === fault.input && problem === fault.problem) === index
}

function runAll(desired: readonly Desired[], fleet: Fleet, host: InputHost): Promise<Report> {
  const startedAt = Date.now()
  return publishable(host, (around) =>
    host.reporter.phase('targets', async () => {
      const findings: Finding[] = []
      const shared = new Shared(wireFor(host, around, findings))
      const runs = await mapBounded(
        desired,
        (one) => runOne(one, { ...host, reporter: namedReporter(host.reporter, one) }, { ...around, shared }),
        atOnce(host.given)
      )
      return fleetReportOf(runs, {
        mode: desired[0]?.mode ?? 'apply',
        plan: fleet.digest,
        startedAt,
        login: [...new Set(runs.map(({ login }) => login))].join(', '),
        path: around.path,
        findings,
        silent: []
      })
    })
  )
}

/** For what the targets share. A login is asked for as long as any of them may run. */
function wireFor(
  { environment, reporter, timeout = 30_000 }: InputHost,
  { signal }: Around,
  findings: Finding[]
): Wire {
  return {
    policy: {
      deadline: Date.now() + LONGEST,
      report: (text) => {
        reporter.on({ kind: 'progress', text })
      },
      signal
    },
    debug: (text) => {
      reporter.on({ kind: 'debug', text })
    },
    warn: (finding) => {
      findings.push(finding)
    },
    timeout,
    proxyFor: (url) => proxyFor(url, environment)
  }
}

/** Of all targets together, in ms: the most that GitHub gives a job. */
const LONGEST = 6 * 60 * 60_000

/** Valid, since every target was parsed with it. */
function atOnce(given: ReadonlyMap<string, string>): number {
  const text = given.get('concurrency')?.trim() ?? ''
  return text === '' ? 8 : Number(text)
}

/** A failure without a report is one of this target, too. */
async function runOne(desired: Desired, host: InputHost, around: Around): Promise<Report> {
  const startedAt = Date.now()
  try {
    const report = await runWithin(desired, host, around)
    host.reporter.on({ kind: 'info', text: report.verdict.summary })
    return report
  } catch (error) {
    const outcome = outcomeWithoutLogin(desired, await explain(error))
    const { path } = around
    return reportOf({ outcome }, desired, { startedAt, login: 'none', path, findings: [] })
  }
}

/** Lines of several targets are mixed, so each names its own; groups of a log cannot overlap. */
function namedReporter(reporter: Reporter, { target }: Desired): Reporter {
  const name = target?.name ?? ''
  return {
    on(event) {
      if (event.kind === 'debug') reporter.on({ ...event, text: `${name}: ${event.text}` })
      else
        for (const { head, rest } of linesOf(event))
          reporter.on({ kind: 'info', text: `${name}: ${head}${rest}` })
    },
    phase: (_id, work) => work()
  }
}

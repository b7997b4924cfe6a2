/**
 * Runs for targets of a file: the values of each become the inputs, and the rest is as for any cluster. Several run in
 * one process, a few at a time; the failure of one is its own.
 */
import type { Desired } from '../config/desired.ts'
import { InvalidInputs, type InputFault } from '../config/inputs.ts'
import { parseInputs, type InputSource } from '../config/parse.ts'
import type { FileTarget } from '../config/targets/target.ts'
import { selectTargets } from '../config/targets/select.ts'
import type { InputName } from '../config/table.ts'
import { inputsOf, type Fleet } from '../config/targets/targets.ts'
import { mapBounded } from '../core/concurrency.ts'
import { collectEarly } from '../core/memory.ts'
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
import { withFleet } from './fleet.ts'
import { run, runWithin, type InputHost } from './run.ts'
import { outcomeWithoutLogin } from './without-login.ts'

/** @throws {InvalidInputs} for faults of the file or of the inputs beside it: nothing was read or written */
export function runTargets(host: InputHost): Promise<Report> {
  return withFleet(host, (fleet) => {
    const targets = selectTargets(fleet, host.given.get('target') ?? '')
    const desired = desiredOf(fleet, targets, host)
    const [only, ...others] = desired
    return only && others.length === 0 ? run(only, host) : runAll(desired, fleet, host)
  })
}

/** What each target asks for; the faults of all are reported together. */
export function desiredOf(fleet: Fleet, targets: readonly FileTarget[], host: InputHost): Desired[] {
  const faults: InputFault[] = []
  const secrets: string[] = []
  refuseUnusedConnection(fleet, host)
  const desired = targets.flatMap((target) => {
    const { given, located } = inputsOf(fleet, target, host.given, host.hostKind)
    try {
      const own = forTarget(given, host)
      const one = parseInputs(own.given, host.environment, host.faults, own.source)
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

/**
 * Every job of a matrix on Azure Pipelines has the same service connections, so the target says what it takes of them:
 * the second one only with a tenant for the identity; and the login may have roles in further subscriptions.
 */
function forTarget(
  given: ReadonlyMap<string, string>,
  host: InputHost
): { readonly given: ReadonlyMap<string, string>; readonly source: InputSource } {
  const has = (name: InputName): boolean => (given.get(name) ?? '') !== ''
  const namesSubscription = has('subscription-id') || given.get('cluster')?.startsWith('/') === true
  const usesSecond = has('identity-tenant-id')
  const own = new Map(given)
  if (!usesSecond) own.delete('identity-service-connection')
  return {
    given: own,
    source: {
      ...(host.hostKind && { hostKind: host.hostKind }),
      connectedSubscription: namesSubscription ? undefined : host.connectedSubscription,
      connectedIdentity: usesSecond ? host.connectedIdentity : undefined
    }
  }
}

/** A connection that no target uses is one that some target was meant to use. */
function refuseUnusedConnection({ path, targets }: Fleet, { given }: InputHost): void {
  if ((given.get('identity-service-connection') ?? '') === '') return
  const tenants = targets.map(({ values }) => values.get('identity-tenant-id')?.text)
  if ([given.get('identity-tenant-id'), ...tenants].some((tenant) => (tenant ?? '') !== '')) return
  throw new InvalidInputs([
    {
      input: 'identity-service-connection',
      problem: `No target of ${path} says identity-tenant-id, so nothing uses it.`,
      remedy:
        'Write identity-tenant-id, the tenant of that connection, under defaults or at the targets whose organization is there; or leave the connection out.'
    }
  ])
}

/** A fault of an input of the run is one of every target. */
function isFirst(fault: InputFault, index: number, all: readonly InputFault[]): boolean {
  return all.findIndex(({ input, problem }) => input === fault.input && problem === fault.problem) === index
}

function runAll(desired: readonly Desired[], fleet: Fleet, host: InputHost): Promise<Report> {
  const startedAt = Date.now()
  collectEarly()
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

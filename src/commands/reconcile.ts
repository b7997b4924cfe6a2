/** One run: read the whole chain; in apply, check the permissions, then write the differences; verify. */
import { explain } from '../diagnosis/explain.ts'
import type { FindingFacts } from '../core/finding.ts'
import type { ResourceKind } from '../core/finding-titles.ts'
import type { Services } from '../services/services.ts'
import type { DesiredChain } from '../config/desired.ts'
import { dependentsOf } from '../chain/dependents.ts'
import { runChain } from '../chain/graph.ts'
import type { ChainGraph } from '../chain/resource.ts'
import { missingRepositories } from '../chain/repositories.ts'
import type { Due, Known, RightsFinding } from '../chain/rights.ts'
import { Graph, type RunContext } from '../engine/graph.ts'
import { outcomeOf } from '../engine/judge.ts'
import { nameOf, type Outcome, type ResourceOutcome } from '../engine/outcome.ts'
import type { Reporter } from '../report/events.ts'
import { NOTHING_LEFT, type Recovery } from './recovery.ts'
import { isWorthDiagnosing, wasRefused } from './worth-diagnosing.ts'

/** The retry budget of a verification when nothing is new, in ms: then only a slow replica can explain a refusal. */
const SETTLED_BUDGET = 30_000
/** The resources that the verification of access depends on. */
const VERIFIED: ReadonlySet<ResourceKind> = new Set([
  'cluster',
  'identity',
  'federated-credential',
  'entitlement',
  'permission'
])

/** What the caller does at points of the run. */
export interface Hooks {
  /** Gets the outputs of the chain once it was written and verified. */
  readonly ready: (known: Known) => void
  /** Is called before the first write; in a run that writes nothing, to report only. */
  readonly recover: (known: Known, options: { readonly writes: boolean }) => Promise<Recovery>
  /** Reads all evidence, also where nothing failed. */
  readonly everything: boolean
}

/** A run that failed or found drift in a chain that exists is diagnosed; any other reads nothing more. */
export async function reconcile(
  desired: DesiredChain,
  context: RunContext<Services>,
  reporter: Pick<Reporter, 'phase' | 'on'>,
  { everything = false, ...hooks }: Partial<Hooks> = {}
): Promise<Outcome> {
  let last: Known | undefined
  const outcome = await reconciled(desired, context, reporter, {
    ready: () => undefined,
    recover: () => Promise.resolve(NOTHING_LEFT),
    ...hooks,
    learn: (known) => {
      last = known
    }
  })
  if (!last) return outcome
  if (everything || isWorthDiagnosing(outcome, last)) {
    const { diagnosed } = await import('../chain/evidence/diagnose.ts')
    return diagnosed(outcome, desired, last, context.services, everything)
  }
  if (!wasRefused(outcome)) return outcome
  const { namesOf, withNames } = await import('../chain/evidence/names.ts')
  return withNames(outcome, namesOf(desired, last, outcome, context.services.endpoints))
}

async function reconciled(
  desired: DesiredChain,
  context: RunContext<Services>,
  { phase, on }: Pick<Reporter, 'phase' | 'on'>,
  { ready, learn, recover }: Omit<Hooks, 'everything'> & { readonly learn: (known: Known) => void }
): Promise<Outcome> {
  const { services, policy } = context
  const { mode, dryRun, verificationTimeout } = desired
  const pass = (graph: ChainGraph, budget: number): Promise<Known> =>
    runChain(graph, desired, services, { ...policy, budget }).then((known) => {
      learn(known)
      return known
    })
  const settled = Math.min(SETTLED_BUDGET, verificationTimeout)
  const read: ChainGraph = new Graph(context, { verifies: mode === 'check' })
  const known = await phase('read', () => pass(read, settled))
  const learned: RightsFinding[] = []
  /** @returns the missing permissions; those that could not be checked become findings of the report. */
  const checkPermissions = async (
    due: readonly Due[],
    table: 'WRITES' | 'REMOVES' = 'WRITES'
  ): Promise<FindingFacts[]> => {
    if (due.length === 0) return []
    return phase('rights', async () => {
      const [{ missingRights }, tables] = await Promise.all([
        import('../chain/missing-rights.ts'),
        import('../chain/permissions.ts')
      ])
      const asked = withoutForeign(desired, read.resources)
      const { missing, findings } = await missingRights(due, tables[table], known, asked, services)
      const shown = dryRun ? findings.map(asWarning) : findings
      for (const { finding } of shown) on({ kind: 'warning', finding })
      learned.push(...shown)
      const refused = dryRun ? undefined : services.kubernetes(known.cluster?.id).reach.writeRefused
      return refused ? [refused, ...missing] : missing
    })
  }
  const planned = async (outcome: Outcome): Promise<Outcome> => {
    if (!dryRun) return outcome
    const { applyPlan, removePlan } = await import('../chain/plan.ts')
    const { resources } = outcome
    const plan = mode === 'remove' ? removePlan(resources, known) : applyPlan(read.resources, known, desired)
    on({ kind: 'plan', plan })
    return { ...outcome, plan }
  }
  if (mode === 'remove') {
    const recovered = await recover(known, { writes: !dryRun })
    if (recovered.problems.length > 0) return stoppedBy(recovered, 'remove', read)
    const readAgain = async (): Promise<ChainGraph> => {
      const graph: ChainGraph = new Graph({ ...context, done: () => undefined }, { fresh: true })
      await pass(graph, settled)
      return graph
    }
    const { removeChain } = await import('./remove.ts')
    const outcome = await removeChain(recovered.changed ? await readAgain() : read, {
      dryRun,
      context,
      phase: (work) => phase('remove', work),
      checkPermissions: (due) =>
        checkPermissions(
          due.map((which) => ({ ...which, differences: [] })),
          'REMOVES'
        ),
      readAgain
    })
    return planned(withRecovery(withFindings(outcome, learned), recovered))
  }
  if (mode === 'check')
    return withRecovery(await outcomeOf('check', read, []), await recover(known, { writes: false }))
  const differing = read.resources.filter(({ result }) => result !== 'unchanged')
  const blocked = read.resources.some(
    ({ result, differences, findings }) =>
      result === 'failed' ||
      differences.some(({ blocked }) => blocked) ||
      findings.some(({ severity }) => severity === 'error')
  )
  // Whatever is in the way is asked of all services before anything is reported: an administrator is asked once.
  const [absent, missing] = await Promise.all([
    absentRepositories(differing, withoutForeign(desired, read.resources), services),
    mayAsk(read.resources) ? checkPermissions(differing) : []
  ])
  const problems = [...absent, ...missing].filter(isUnreported(read.resources))
  const writes = !dryRun && !blocked && problems.length === 0
  const recovered = await recover(known, { writes })
  if (!writes) {
    const outcome = await outcomeOf(dryRun ? 'dry-run' : 'apply', read, problems)
    return planned(withRecovery(withFindings(outcome, learned), recovered))
  }
  if (recovered.problems.length > 0) return stoppedBy(recovered, 'apply', read)
  const written: ChainGraph = new Graph(context, { verifies: true, before: read })
  const budget = mayBePropagating(differing, read) ? verificationTimeout : settled
  ready(await phase(differing.length === 0 ? 'verify' : 'write', () => pass(written, budget)))
  return withRecovery(withFindings(await outcomeOf('apply', written, []), learned), recovered)
}

/** Nothing of its own is written by a run that could not finish what a killed one left. */
async function stoppedBy(recovered: Recovery, mode: Outcome['mode'], read: ChainGraph): Promise<Outcome> {
  return withRecovery(await outcomeOf(mode, read, recovered.problems), recovered)
}

function withRecovery(outcome: Outcome, { findings, changed }: Recovery): Outcome {
  return {
    ...outcome,
    changed: outcome.changed || changed,
    findings: [...(outcome.findings ?? []), ...findings]
  }
}

/** A repository that does not exist is found before anything is written for the others. */
function absentRepositories(
  differing: readonly ResourceOutcome[],
  { repositories }: DesiredChain,
  services: Services
): Promise<FindingFacts[]> {
  // A failure to read is reported already, and may be the reason why the repositories are not seen.
  if (differing.length === 0 || differing.some(({ result }) => result === 'failed'))
    return Promise.resolve([])
  return missingRepositories(repositories, services).catch(async (error: unknown) => [await explain(error)])
}

/** Without the organizations of another tenant: they refuse every question of the login, for the reason that is reported. */
function withoutForeign(desired: DesiredChain, resources: readonly ResourceOutcome[]): DesiredChain {
  const foreign = resources.filter(
    ({ resource, differences }) =>
      resource === 'entitlement' &&
      differences.some(({ blocked }) => blocked?.id === 'entitlement/other-tenant')
  )
  if (foreign.length === 0) return desired
  const organizations = desired.organizations.filter(({ of }) => !foreign.some((one) => one.of === of))
  return {
    ...desired,
    organizations,
    repositories: organizations.flatMap(({ repositories }) => repositories)
  }
}

/** Failures after which no service is asked about rights: it would only fail once more. */
const NOT_ASKED = /^(?:http|run|patless|login|program)\//

function mayAsk(resources: readonly ResourceOutcome[]): boolean {
  return !resources.some(({ result, problem }) => result === 'failed' && NOT_ASKED.test(problem?.id ?? ''))
}

/** The same answer may be met by a resource that was read and by the question about rights. */
function isUnreported(resources: readonly ResourceOutcome[]): (facts: FindingFacts) => boolean {
  return ({ id, summary }) =>
    !resources.some(({ problem }) => problem?.id === id && problem.summary === summary)
}

/** A dry run is asked for what is in the way, so a right that is not known is no mere note. */
function asWarning(one: RightsFinding): RightsFinding {
  return { ...one, finding: { ...one.finding, severity: 'warning' } }
}

function withFindings(outcome: Outcome, learned: readonly RightsFinding[]): Outcome {
  const resources = outcome.resources.map((one) => ({
    ...one,
    findings: [
      ...one.findings,
      ...learned.filter((finding) => nameOf(finding) === nameOf(one)).map(({ finding }) => finding)
    ]
  }))
  return { ...outcome, resources }
}

/**
 * Whether parts of the chain may still be propagating: this run writes something that the verification needs, or an
 * earlier run was cancelled before its verification, because Argo CD is connected only after it.
 */
function mayBePropagating(differing: readonly ResourceOutcome[], graph: ChainGraph): boolean {
  const unconnected = differing.some(
    ({ resource, result }) => resource === 'connection' && result === 'missing'
  )
  return (
    differing.some(({ resource }) => VERIFIED.has(resource)) ||
    (unconnected && dependentsOf(graph).repositories.length === 0)
  )
}

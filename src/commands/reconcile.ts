/** One run: read the whole chain; in apply, check the permissions, then write the differences; verify. */
import { explain } from '../diagnosis/explain.ts'
import type { FindingFacts } from '../core/finding.ts'
import type { FindingId, ResourceKind } from '../core/finding-titles.ts'
import type { Services } from '../services/services.ts'
import type { Desired } from '../config/desired.ts'
import { dependentsOf } from '../chain/dependents.ts'
import { runChain } from '../chain/graph.ts'
import type { ChainGraph } from '../chain/resource.ts'
import { missingRepositories } from '../chain/repositories.ts'
import { missingRights } from '../chain/missing-rights.ts'
import { REMOVES, WRITES } from '../chain/permissions.ts'
import type { Due, Known, RightsFinding } from '../chain/rights.ts'
import { Graph, type RunContext } from '../engine/graph.ts'
import { outcomeOf } from '../engine/judge.ts'
import { nameOf, type Outcome, type ResourceOutcome } from '../engine/outcome.ts'
import type { Reporter } from '../report/events.ts'
import { removeChain } from './remove.ts'

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

/** A run that failed or found drift in a chain that exists is diagnosed; any other reads nothing more. */
export async function reconcile(
  desired: Desired,
  context: RunContext<Services>,
  reporter: Pick<Reporter, 'phase' | 'on'>
): Promise<Outcome> {
  const { outcome, known } = await reconciled(desired, context, reporter)
  if (!isWorthDiagnosing(outcome, known)) return outcome
  const { diagnosed } = await import('../chain/evidence/diagnose.ts')
  return diagnosed(outcome, desired, known, context.services)
}

interface Reconciled {
  readonly outcome: Outcome
  readonly known: Known
}

/** Before the identity exists there is no chain, and where a service does not answer there is nothing to read. */
function isWorthDiagnosing(
  { mode, resources, verifications, problems }: Outcome,
  { identity }: Known
): boolean {
  if (identity === undefined || mode === 'remove' || problems.length > 0) return false
  const met = [...resources, ...Object.values(verifications)]
  const silent = met.some(({ problem }) => SILENT.has(problem?.id ?? ''))
  const wrong =
    resources.some(
      ({ result, differences }) =>
        result === 'failed' ||
        (mode === 'check' && ['drifted', 'missing'].includes(result)) ||
        differences.some(({ blocked }) => blocked)
    ) || Object.values(verifications).some(({ result }) => result === 'failed' || result === 'inconclusive')
  return wrong && !silent
}

const SILENT: ReadonlySet<string> = new Set<FindingId>([
  'cluster/out-of-reach',
  'http/refused',
  'http/unexpected-reply',
  'http/unreachable',
  'run/cancelled'
])

async function reconciled(
  desired: Desired,
  context: RunContext<Services>,
  { phase, on }: Pick<Reporter, 'phase' | 'on'>
): Promise<Reconciled> {
  const { services, policy } = context
  const { mode, dryRun, verificationTimeout } = desired
  const pass = (graph: ChainGraph, budget: number): Promise<Known> =>
    runChain(graph, desired, services, { ...policy, budget })
  const settled = Math.min(SETTLED_BUDGET, verificationTimeout)
  const read: ChainGraph = new Graph(context, { verifies: mode === 'check' })
  const known = await phase('read', () => pass(read, settled))
  const learned: RightsFinding[] = []
  /** @returns the missing permissions; those that could not be checked become findings of the report. */
  const checkPermissions = async (due: readonly Due[], table = WRITES): Promise<FindingFacts[]> => {
    if (due.length === 0) return []
    return phase('rights', async () => {
      try {
        const { missing, findings } = await missingRights(due, table, known, desired, services)
        for (const { finding } of findings) on({ kind: 'warning', finding })
        learned.push(...findings)
        return missing
      } catch (error) {
        // A permission that cannot be checked counts as missing; the state that was read is reported anyway.
        return [await explain(error)]
      }
    })
  }
  if (mode === 'remove') {
    const outcome = await removeChain(read, {
      dryRun,
      context,
      phase: (work) => phase('remove', work),
      checkPermissions: (due) =>
        checkPermissions(
          due.map((which) => ({ ...which, differences: [] })),
          REMOVES
        ),
      async readAgain() {
        const graph: ChainGraph = new Graph({ ...context, done: () => undefined }, { fresh: true })
        await pass(graph, settled)
        return graph
      }
    })
    return { outcome: withFindings(outcome, learned), known }
  }
  if (mode === 'check') return { outcome: await outcomeOf('check', read, []), known }
  const differing = read.resources.filter(({ result }) => result !== 'unchanged')
  const blocked = read.resources.some(
    ({ result, differences, findings }) =>
      result === 'failed' ||
      differences.some(({ blocked }) => blocked) ||
      findings.some(({ severity }) => severity === 'error')
  )
  if (dryRun || blocked) return { outcome: await outcomeOf(dryRun ? 'dry-run' : 'apply', read, []), known }
  // A repository that does not exist is found before anything is written for the others.
  const absent =
    differing.length === 0
      ? []
      : await missingRepositories(desired.repositories, services).catch(async (error: unknown) => [
          await explain(error)
        ])
  if (absent.length > 0)
    return { outcome: withFindings(await outcomeOf('apply', read, absent), learned), known }
  const missing = await checkPermissions(differing)
  if (missing.length > 0)
    return { outcome: withFindings(await outcomeOf('apply', read, missing), learned), known }
  const written: ChainGraph = new Graph(context, { verifies: true, before: read })
  const after = await phase(differing.length === 0 ? 'verify' : 'write', () =>
    pass(written, mayBePropagating(differing, read) ? verificationTimeout : settled)
  )
  return { outcome: withFindings(await outcomeOf('apply', written, []), learned), known: after }
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

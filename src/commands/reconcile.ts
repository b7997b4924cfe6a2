/** One run: read the whole chain; in apply, check the permissions, then write the differences; verify. */
import { explain } from '../diagnosis/catalogue.ts'
import type { FindingFacts } from '../core/finding.ts'
import type { ResourceKind } from '../core/finding-titles.ts'
import type { Services } from '../services/services.ts'
import type { Desired } from '../config/desired.ts'
import { dependentsOf } from '../chain/dependents.ts'
import { runChain, type Known } from '../chain/graph.ts'
import type { ChainGraph } from '../chain/resource.ts'
import { missingRights, REMOVES, WRITES } from '../chain/permissions.ts'
import { Graph, type RunContext } from '../engine/graph.ts'
import { outcomeOf } from '../engine/judge.ts'
import type { Outcome, ResourceOutcome } from '../engine/outcome.ts'
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

export async function reconcile(
  desired: Desired,
  context: RunContext<Services>,
  { phase }: Pick<Reporter, 'phase'>
): Promise<Outcome> {
  const { services, policy } = context
  const { mode, dryRun, verificationTimeout } = desired
  const pass = (graph: ChainGraph, budget: number): Promise<Known> =>
    runChain(graph, desired, services, { ...policy, budget })
  const settled = Math.min(SETTLED_BUDGET, verificationTimeout)
  const read: ChainGraph = new Graph(context, { verifies: mode === 'check' })
  const known = await phase('read', () => pass(read, settled))
  const checkPermissions = (due: readonly ResourceKind[], table = WRITES): Promise<FindingFacts[]> =>
    due.length === 0
      ? Promise.resolve([])
      : phase('rights', () =>
          // A permission that cannot be checked counts as missing; the state that was read is reported anyway.
          missingRights(due, table, known, desired, services).catch((error: unknown) => [explain(error)])
        )
  if (mode === 'remove') {
    return removeChain(read, {
      dryRun,
      context,
      phase: (work) => phase('remove', work),
      checkPermissions: (due) => checkPermissions(due, REMOVES),
      async readAgain() {
        const graph: ChainGraph = new Graph({ ...context, done: () => undefined }, { fresh: true })
        await pass(graph, settled)
        return graph
      }
    })
  }
  if (mode === 'check') return outcomeOf('check', read, [])
  const differing = read.resources.filter(({ result }) => result !== 'unchanged')
  const blocked = differing.some(
    ({ result, differences }) => result === 'failed' || differences.some(({ blocked }) => blocked)
  )
  if (dryRun || blocked) return outcomeOf(dryRun ? 'dry-run' : 'apply', read, [])
  const missing = await checkPermissions(differing.map(({ resource }) => resource))
  if (missing.length > 0) return outcomeOf('apply', read, missing)
  const written: ChainGraph = new Graph(context, { verifies: true, before: read })
  await phase(differing.length === 0 ? 'verify' : 'write', () =>
    pass(written, mayBePropagating(differing, read) ? verificationTimeout : settled)
  )
  return outcomeOf('apply', written, [])
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

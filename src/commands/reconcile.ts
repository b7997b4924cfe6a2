/** One run: observe the whole chain; in apply, check the rights, then write what differs; prove. */
import { explain } from '../diagnosis/catalogue.ts'
import type { ProblemFacts } from '../core/problem.ts'
import type { Planes } from '../services/services.ts'
import type { Desired } from '../config/desired.ts'
import { runChain, type Standing } from '../chain/graph.ts'
import { outcomeOf } from '../engine/judged.ts'
import type { HopName, HopOutcome, Outcome } from '../engine/outcome.ts'
import { planOf } from '../engine/delete.ts'
import { removed } from './remove.ts'
import { missingRights, REMOVES, WRITES } from '../chain/permissions.ts'
import { Graph, type RunContext } from '../engine/graph.ts'

/** How long, in ms, the proof of what has stood for long waits: only slow replicas can cure a refusal. */
const SETTLED_PATIENCE = 30_000
const PROVED: ReadonlySet<HopName> = new Set([
  'cluster',
  'identity',
  'federated-credential',
  'entitlement',
  'permission'
])

/** Phases, as the log groups them. */
export type Phase = <T>(title: string, work: () => Promise<T>) => Promise<T>

export async function reconcile(want: Desired, context: RunContext<Planes>, phase: Phase): Promise<Outcome> {
  const { services: planes, patience } = context
  const checking = want.mode === 'check'
  const pass = (run: Graph<Planes>, budget: number): Promise<Standing> =>
    runChain(run, want, planes, { ...patience, budget })
  const settled = Math.min(SETTLED_PATIENCE, want.verificationTimeout)
  const observed = new Graph(context, { proving: checking })
  const standing = await phase('Observe', () => pass(observed, settled))
  const lacking = (due: readonly HopName[], table = WRITES): Promise<ProblemFacts[]> =>
    due.length === 0
      ? Promise.resolve([])
      : phase('Check the rights for what is to be written', () =>
          // What cannot be asked is not known to be allowed; what was observed is reported all the same.
          missingRights(due, table, standing, want, planes).catch((error: unknown) => [explain(error)])
        )
  if (want.mode === 'remove') {
    return removed(observed, {
      dryRun: want.dryRun,
      context,
      phase: (work) => phase('Remove', work),
      lacking: (due) => lacking(due, REMOVES),
      async look() {
        const again = new Graph({ ...context, done: () => undefined }, { fresh: true })
        await pass(again, settled)
        return again
      }
    })
  }
  if (checking) return outcomeOf('check', observed, [])
  const differing = observed.hops.filter(({ result }) => result !== 'unchanged')
  const stopped = differing.some(
    ({ result, changes }) => result === 'failed' || changes.some(({ blocked }) => blocked)
  )
  if (want.dryRun || stopped) return outcomeOf(want.dryRun ? 'dry-run' : 'apply', observed, [])
  const missing = await lacking(differing.map(({ hop }) => hop))
  if (missing.length > 0) return outcomeOf('apply', observed, missing)
  const converged = new Graph(context, { proving: true, observed })
  await phase(differing.length === 0 ? 'Prove' : 'Apply and prove', () =>
    pass(converged, isNew(differing, observed) ? want.verificationTimeout : settled)
  )
  return outcomeOf('apply', converged, [])
}

/**
 * Whether services may not have heard of all of the chain yet: this run writes to what the proof rests on, or an
 * earlier one was stopped before its proof, since Argo CD is only connected after it.
 */
function isNew(differing: readonly HopOutcome[], { removables }: Graph<Planes>): boolean {
  const unconnected = differing.some(({ hop, result }) => hop === 'connection' && result === 'missing')
  return (
    differing.some(({ hop }) => PROVED.has(hop)) ||
    (unconnected && planOf(removables).others.repositories.length === 0)
  )
}

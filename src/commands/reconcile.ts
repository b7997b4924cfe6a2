/** One run: observe the whole chain; in apply, check the rights, then write what differs; prove. */
import { explain } from '../diagnosis/catalogue.ts'
import type { Planes } from '../services/services.ts'
import type { Desired } from '../config/desired.ts'
import { runChain } from '../chain/graph.ts'
import { outcomeOf } from '../engine/judged.ts'
import type { HopName, HopOutcome, Outcome } from '../engine/outcome.ts'
import { planOf } from '../engine/delete.ts'
import { removed } from './remove.ts'
import { missingRights } from '../chain/missing-rights.ts'
import { REMOVES, WRITES } from '../chain/permissions.ts'
import type { Due, Note, Rights, Standing } from '../chain/rights.ts'
import { Graph, type RunContext } from '../engine/graph.ts'
import { noteLines } from '../report/lines.ts'

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
  const noted: Note[] = []
  /** The rights that are missing; what is not known of others is told, and goes into the report. */
  const lacking = async (due: readonly Due[], table = WRITES): Promise<Rights['missing']> => {
    if (due.length === 0) return []
    return phase('Check the rights for what is to be written', async () => {
      try {
        const { missing, notes } = await missingRights(due, table, standing, want, planes)
        for (const { facts } of notes) for (const line of noteLines([facts])) patience.say(line)
        noted.push(...notes)
        return missing
      } catch (error) {
        // What cannot be asked is not known to be allowed; what was observed is reported all the same.
        return [explain(error)]
      }
    })
  }
  if (want.mode === 'remove') {
    const outcome = await removed(observed, {
      dryRun: want.dryRun,
      context,
      phase: (work) => phase('Remove', work),
      lacking: (due) =>
        lacking(
          due.map((hop) => ({ hop, changes: [] })),
          REMOVES
        ),
      async look() {
        const again = new Graph({ ...context, done: () => undefined }, { fresh: true })
        await pass(again, settled)
        return again
      }
    })
    return withNotes(outcome, noted)
  }
  if (checking) return outcomeOf('check', observed, [])
  const differing = observed.hops.filter(({ result }) => result !== 'unchanged')
  const stopped = differing.some(
    ({ result, changes }) => result === 'failed' || changes.some(({ blocked }) => blocked)
  )
  if (want.dryRun || stopped) return outcomeOf(want.dryRun ? 'dry-run' : 'apply', observed, [])
  const missing = await lacking(differing)
  if (missing.length > 0) return withNotes(await outcomeOf('apply', observed, missing), noted)
  const converged = new Graph(context, { proving: true, observed })
  await phase(differing.length === 0 ? 'Prove' : 'Apply and prove', () =>
    pass(converged, isNew(differing, observed) ? want.verificationTimeout : settled)
  )
  return withNotes(await outcomeOf('apply', converged, []), noted)
}

function withNotes(outcome: Outcome, noted: readonly Note[]): Outcome {
  const hops = outcome.hops.map((one) => ({
    ...one,
    notes: [...one.notes, ...noted.filter(({ hop }) => hop === one.hop).map(({ facts }) => facts)]
  }))
  return { ...outcome, hops }
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

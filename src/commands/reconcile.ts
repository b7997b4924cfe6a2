/** One run: read the whole chain; in apply, check the rights, then write what differs; verify. */
import { explain } from '../diagnosis/catalogue.ts'
import type { FindingFacts } from '../core/finding.ts'
import type { ResourceKind } from '../core/finding-titles.ts'
import type { Services } from '../services/services.ts'
import type { Desired } from '../config/desired.ts'
import { dependentsOf } from '../chain/dependents.ts'
import { runChain, type Known } from '../chain/graph.ts'
import type { ChainGraph } from '../chain/resource.ts'
import { missingRepositories } from '../chain/repositories.ts'
import { missingRights, REMOVES, WRITES } from '../chain/permissions.ts'
import { Graph, type RunContext } from '../engine/graph.ts'
import { outcomeOf } from '../engine/judge.ts'
import type { Outcome, ResourceOutcome } from '../engine/outcome.ts'
import type { Reporter } from '../report/events.ts'
import { removeChain } from './remove.ts'

/** How long, in ms, the verification of what has been there for long waits: only slow replicas can cure a refusal. */
const SETTLED_BUDGET = 30_000
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
  const lacking = (due: readonly ResourceKind[], table = WRITES): Promise<FindingFacts[]> =>
    due.length === 0
      ? Promise.resolve([])
      : phase('rights', () =>
          // What cannot be asked is not known to be allowed; what was read is reported all the same.
          missingRights(due, table, known, desired, services).catch((error: unknown) => [explain(error)])
        )
  if (mode === 'remove') {
    return removeChain(read, {
      dryRun,
      context,
      phase: (work) => phase('remove', work),
      lacking: (due) => lacking(due, REMOVES),
      async look() {
        const again: ChainGraph = new Graph({ ...context, done: () => undefined }, { fresh: true })
        await pass(again, settled)
        return again
      }
    })
  }
  if (mode === 'check') return outcomeOf('check', read, [])
  const differing = read.resources.filter(({ result }) => result !== 'unchanged')
  const blocked = read.resources.some(
    ({ result, differences, findings }) =>
      result === 'failed' ||
      differences.some(({ blocked }) => blocked) ||
      findings.some(({ severity }) => severity === 'error')
  )
  if (dryRun || blocked) return outcomeOf(dryRun ? 'dry-run' : 'apply', read, [])
  // A repository that is not there is found before anything is written for the others.
  const absent =
    differing.length === 0
      ? []
      : await missingRepositories(desired.repositories, services).catch((error: unknown) => [explain(error)])
  if (absent.length > 0) return outcomeOf('apply', read, absent)
  const missing = await lacking(differing.map(({ resource }) => resource))
  if (missing.length > 0) return outcomeOf('apply', read, missing)
  const written: ChainGraph = new Graph(context, { verifies: true, before: read })
  await phase(differing.length === 0 ? 'verify' : 'write', () =>
    pass(written, isNew(differing, read) ? verificationTimeout : settled)
  )
  return outcomeOf('apply', written, [])
}

/**
 * Whether services may not have heard of all of the chain yet: this run writes to what the verification needs, or an
 * earlier one was stopped before its verification, since Argo CD is only connected after it.
 */
function isNew(differing: readonly ResourceOutcome[], graph: ChainGraph): boolean {
  const unconnected = differing.some(
    ({ resource, result }) => resource === 'connection' && result === 'missing'
  )
  return (
    differing.some(({ resource }) => VERIFIED.has(resource)) ||
    (unconnected && dependentsOf(graph).repositories.length === 0)
  )
}

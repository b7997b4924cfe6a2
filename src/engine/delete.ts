/**
 * The way back: what the chain of this target has is deleted in reverse order, so that a run that dies half-way leaves
 * the rest where the next run finds it. What others depend on is retained, with the reason.
 */
import type { RunRetryPolicy } from '../http/retry.ts'
import type { FindingFacts } from '../core/finding.ts'
import type { ResourceKind } from '../core/finding-titles.ts'
import { writeUntilConverged } from './converge.ts'
import type { ResourceOutcome, Result } from './outcome.ts'
import type { Deletion, Resource } from './resource.ts'

/** A resource as it was read, ready to be deleted. */
export interface Deletable<Dependents> {
  readonly kind: ResourceKind
  readonly dependents: Partial<Dependents>
  planDelete(dependents: Dependents): Deletion | undefined
  /** @throws the failure that trying again does not cure. */
  delete(dependents: Dependents, policy: RunRetryPolicy): Promise<void>
}

/** undefined for a resource that remove never touches. */
export function deletableOf<Spec, State, Output, Services, Dependents>(
  resource: Resource<Spec, State, Output, Services, Dependents>,
  spec: Spec,
  state: State,
  services: Services
): Deletable<Dependents> | undefined {
  if (!resource.delete || !resource.planDelete) return undefined
  const planDelete = (now: State, dependents: Dependents): Deletion | undefined =>
    resource.planDelete?.(spec, now, dependents)
  return {
    kind: resource.kind,
    dependents: resource.assess(spec, state).dependents ?? {},
    planDelete: (dependents) => planDelete(state, dependents),
    async delete(dependents, policy) {
      const steps = {
        write: async (now: State) => {
          const left = planDelete(now, dependents)
          // After a lost race it may be gone, or be somebody else's.
          if (left && left.retain === undefined) await resource.delete?.(spec, now, services, policy)
        },
        read: () => resource.read(spec, services, { fresh: true }),
        open: (now: State) => {
          const left = planDelete(now, dependents)
          // What others own may come into sight when ours is gone.
          return left && left.retain === undefined ? stillThere(left) : undefined
        }
      }
      await writeUntilConverged(state, steps, policy)
    }
  }
}

export interface DeletionStep<Dependents> {
  readonly deletable: Deletable<Dependents>
  readonly deletion: Deletion
}

/** What remove would do, resource by resource, in the order it would do it. */
export interface DeletionPlan<Dependents> {
  readonly dependents: Dependents
  readonly steps: readonly DeletionStep<Dependents>[]
}

/** What a plan is made of: the resources as far as they could be read, and the graph's edges. */
export interface Deletables<Dependents> {
  /** In the order of the chain. */
  readonly kinds: readonly ResourceKind[]
  readonly deletables: ReadonlyMap<ResourceKind, Deletable<Dependents>>
  dependenciesOf(kind: ResourceKind): readonly ResourceKind[]
}

export function planOf<Dependents>(
  graph: Deletables<Dependents>,
  dependents: Dependents
): DeletionPlan<Dependents> {
  const needed = new Map<ResourceKind, string>()
  const steps = graph.kinds.toReversed().flatMap((kind) => {
    const deletable = graph.deletables.get(kind)
    const deletion = deletable?.planDelete(dependents)
    const reason = needed.get(kind) ?? needOf(kind, deletion)
    // Also through what is not there: something else may be in its place.
    for (const below of graph.dependenciesOf(kind))
      if (reason !== undefined && !needed.has(below)) needed.set(below, reason)
    const retain = deletion?.retain ?? needed.get(kind)
    return deletable && deletion
      ? [{ deletable, deletion: retain === undefined ? deletion : { ...deletion, retain } }]
      : []
  })
  return { dependents, steps }
}

/** Why what a resource depends on has to stay: it stays itself, or a part of it does. */
function needOf(kind: ResourceKind, deletion: Deletion | undefined): string | undefined {
  if (!deletion || deletion.detached) return undefined
  const { what, retain, left } = deletion
  const stays = retain === undefined ? left : `${what}: ${retain}`
  return stays === undefined ? undefined : `the ${kind} needs it, and stays (${stays})`
}

/** The resources that a plan deletes. */
export function dueOf<Dependents>({ steps }: DeletionPlan<Dependents>): ResourceKind[] {
  return steps.filter(({ deletion }) => deletion.retain === undefined).map(({ deletable }) => deletable.kind)
}

/**
 * @param plan `later`: what is not to be deleted yet
 * @param dryRun report only
 * @param done the resources whose word is final: what becomes of the plan's is added. After a failure what they depend
 *   on is left, and said to be.
 */
export async function deleteByPlan<Dependents>(
  { dependents, steps, later }: DeletionPlan<Dependents> & { readonly later: ReadonlySet<ResourceKind> },
  dryRun: boolean,
  context: {
    readonly policy: RunRetryPolicy
    readonly started: number
    readonly done: (outcome: ResourceOutcome) => void
    readonly explain: (error: unknown) => FindingFacts
  },
  done: ResourceOutcome[]
): Promise<void> {
  const { policy, started } = context
  let failed: ResourceKind | undefined
  for (const { deletable, deletion } of steps) {
    const { kind: resource } = deletable
    const { what, retain, left } = deletion
    const also = left === undefined ? '' : `; left: ${left}`
    const start = Date.now() - started
    const record = (result: Result, more: Partial<ResourceOutcome> = {}): void => {
      const end = Date.now() - started
      const outcome = { resource, result, differences: [], findings: [], start, end, ...more }
      done.push(outcome)
      context.done(outcome)
    }
    const differences = [{ field: what, expected: 'nothing', actual: 'there' }]
    if (later.has(resource) && failed === undefined) continue
    if (retain !== undefined) record('skipped', { summary: `left: ${what}: ${retain}` })
    else if (dryRun) record('drifted', { differences, summary: `would be removed${also}` })
    else if (failed !== undefined)
      record('skipped', { summary: `left: ${what}: ${failed} is not removed yet` })
    else {
      policy.report(`Removing ${what}.`)
      try {
        await deletable.delete(dependents, policy)
        record('removed', left === undefined ? { differences } : { differences, summary: `removed${also}` })
      } catch (error) {
        failed = resource
        record('failed', { differences, problem: context.explain(error) })
      }
    }
  }
}

function stillThere({ what }: Deletion): FindingFacts {
  return {
    id: 'resource/still-there',
    summary: `${what} is still there after it was removed.`,
    remedy: 'see whether another tool (an operator, GitOps, a policy) writes it back, then run again'
  }
}

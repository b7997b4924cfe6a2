/**
 * Deletes the resources of the chain in reverse order, so that a run that dies half-way leaves the rest where the next
 * run finds it. Whatever others depend on is retained, with the reason.
 */
import type { RunRetryPolicy } from '../http/retry.ts'
import type { FindingFacts } from '../core/finding.ts'
import type { Deletable } from './deletable.ts'
import { nameOf, type ResourceOutcome, type Result } from './outcome.ts'
import type { Deletion } from './resource.ts'

export interface DeletionStep<Dependents> {
  readonly deletable: Deletable<Dependents>
  readonly deletion: Deletion
}

/** The steps of a removal, in order. */
export interface DeletionPlan<Dependents> {
  readonly dependents: Dependents
  readonly steps: readonly DeletionStep<Dependents>[]
}

/** The input of a plan: the resources that could be read, and the edges of the graph. */
export interface Deletables<Dependents> {
  /** In the order of the chain. */
  readonly names: readonly string[]
  readonly deletables: ReadonlyMap<string, Deletable<Dependents>>
  dependenciesOf(name: string): readonly string[]
}

export function planOf<Dependents>(
  graph: Deletables<Dependents>,
  dependents: Dependents
): DeletionPlan<Dependents> {
  const retainReasons = new Map<string, string>()
  const steps = graph.names.toReversed().flatMap((name) => {
    const deletable = graph.deletables.get(name)
    const deletion = deletable?.planDelete(dependents)
    const reason = retainReasons.get(name) ?? dependenciesReason(name, deletion)
    // The reason also passes through a missing resource: something else may be in its place.
    for (const dependency of graph.dependenciesOf(name))
      if (reason !== undefined && !retainReasons.has(dependency)) retainReasons.set(dependency, reason)
    const retain = deletion?.retain ?? retainReasons.get(name)
    return deletable && deletion
      ? [{ deletable, deletion: retain === undefined ? deletion : { ...deletion, retain } }]
      : []
  })
  return { dependents, steps }
}

/** Why the dependencies of a resource must stay: the resource itself stays, or a part of it does. */
function dependenciesReason(name: string, deletion: Deletion | undefined): string | undefined {
  if (!deletion || deletion.detached) return undefined
  const { what, retain, left } = deletion
  const kept = retain === undefined ? left : `${what}: ${retain}`
  return kept === undefined ? undefined : `the ${name} needs it and is kept (${kept})`
}

/** The resources that a plan deletes. */
export function dueOf<Dependents>({ steps }: DeletionPlan<Dependents>): Deletable<Dependents>['which'][] {
  return steps.filter(({ deletion }) => deletion.retain === undefined).map(({ deletable }) => deletable.which)
}

/**
 * Deletes the resources of the plan. After the first failure the rest is skipped and reported.
 *
 * @param plan `later`: names of resources that must not be deleted yet
 * @param dryRun report only
 * @param done collects the final outcomes
 */
export async function deleteByPlan<Dependents>(
  { dependents, steps, later }: DeletionPlan<Dependents> & { readonly later: ReadonlySet<string> },
  dryRun: boolean,
  context: {
    readonly policy: RunRetryPolicy
    readonly started: number
    readonly done: (outcome: ResourceOutcome) => void
    readonly explain: (error: unknown) => Promise<FindingFacts>
  },
  done: ResourceOutcome[]
): Promise<void> {
  const { policy, started } = context
  let failed: string | undefined
  for (const { deletable, deletion } of steps) {
    const { which } = deletable
    const name = nameOf(which)
    const { what, retain, left } = deletion
    const also = left === undefined ? '' : `; kept: ${left}`
    const start = Date.now() - started
    const record = (result: Result, more: Partial<ResourceOutcome> = {}): void => {
      const end = Date.now() - started
      const outcome = { ...which, result, differences: [], findings: [], start, end, ...more }
      done.push(outcome)
      context.done(outcome)
    }
    const differences = [{ field: what, expected: 'nothing', actual: 'there' }]
    if (later.has(name) && failed === undefined) continue
    if (retain !== undefined) record('skipped', { summary: `kept: ${what}: ${retain}` })
    else if (dryRun) record('drifted', { differences, summary: `would be removed${also}` })
    else if (failed !== undefined)
      record('skipped', { summary: `kept: ${what}: ${failed} is not removed yet` })
    else {
      policy.report(`Removing ${what}.`)
      try {
        await deletable.delete(dependents, policy)
        record('removed', left === undefined ? { differences } : { differences, summary: `removed${also}` })
      } catch (error) {
        failed = name
        record('failed', { differences, problem: await context.explain(error) })
      }
    }
  }
}

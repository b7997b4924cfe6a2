/** A resource that can be deleted, as the graph keeps it for a removal (delete.ts). */
import type { RunRetryPolicy } from '../http/retry.ts'
import type { FindingFacts } from '../core/finding.ts'
import { writeUntilConverged } from './converge.ts'
import type { ResourceOutcome } from './outcome.ts'
import type { Assessment, Deletion, Resource } from './resource.ts'

/** A resource and its state, ready to be deleted. */
export interface Deletable<Dependents> {
  readonly which: Pick<ResourceOutcome, 'resource' | 'of'>
  readonly dependents: Partial<Dependents>
  planDelete(dependents: Dependents): Deletion | undefined
  /** @throws a failure that a retry does not cure. */
  delete(dependents: Dependents, policy: RunRetryPolicy): Promise<void>
}

/** undefined for a resource that remove never touches. */
export function deletableOf<Spec, State, Output, Services, Dependents>(
  which: Pick<ResourceOutcome, 'resource' | 'of'>,
  resource: Resource<Spec, State, Output, Services, Dependents>,
  spec: Spec,
  state: State,
  { dependents = {} }: Assessment<Output, Dependents>,
  services: Services
): Deletable<Dependents> | undefined {
  if (!resource.delete || !resource.planDelete) return undefined
  const planDelete = (current: State, dependents: Dependents): Deletion | undefined =>
    resource.planDelete?.(spec, current, dependents)
  return {
    which,
    dependents,
    planDelete: (dependents) => planDelete(state, dependents),
    async delete(dependents, policy) {
      const steps = {
        write: async (current: State) => {
          const deletion = planDelete(current, dependents)
          // After a lost race the object may be gone, or may belong to somebody else.
          if (deletion && deletion.retain === undefined)
            await resource.delete?.(spec, current, services, policy)
        },
        read: () => resource.read(spec, services, { fresh: true }),
        remaining: (current: State) => {
          const deletion = planDelete(current, dependents)
          // Once ours is gone, an object of somebody else may become visible.
          return deletion && deletion.retain === undefined ? stillThere(deletion) : undefined
        }
      }
      await writeUntilConverged(state, steps, policy)
    }
  }
}

function stillThere({ what }: Deletion): FindingFacts {
  return {
    id: 'resource/still-there',
    summary: `${what} still exists after it was removed.`,
    remedy: 'check whether another tool (an operator, GitOps, a policy) creates it again, then run again'
  }
}

/** Writes one resource: refuses what is blocked, waits for what has to be in order before, writes until it converges. */
import { Problem, type FindingFacts } from '../core/finding.ts'
import type { ResourceKind } from '../core/finding-titles.ts'
import type { RunRetryPolicy } from '../http/retry.ts'
import { writeUntilConverged } from './converge.ts'
import type { Node } from './node.ts'
import type { Difference } from './outcome.ts'
import type { Assessment, Resource } from './resource.ts'

/**
 * @returns the assessment after the write
 * @throws {Problem} when a difference is blocked, or still there at the deadline
 * @throws {MissingOutput} when a node in `after` is not in order
 */
export async function writeResource<Spec, State, Output, Services, Dependents>(
  resource: Resource<Spec, State, Output, Services, Dependents>,
  {
    spec,
    first,
    before: { differences },
    after
  }: {
    readonly spec: Spec
    readonly first: State
    readonly before: Assessment<Output, Dependents>
    readonly after: readonly Node[]
  },
  { services, policy }: { readonly services: Services; readonly policy: RunRetryPolicy }
): Promise<Assessment<Output, Dependents>> {
  const blocked = blockedOf(differences)
  if (blocked || !resource.apply) throw new Problem(blocked ?? neverWritten(resource.kind, differences))
  for (const node of after) await node.available
  const steps = {
    write: async (state: State) => {
      // After a lost race the object may belong to somebody else.
      const blocked = blockedOf(resource.assess(spec, state).differences)
      if (blocked) throw new Problem(blocked)
      await resource.apply?.(spec, state, services, policy)
    },
    read: () => resource.read(spec, services, { fresh: true }),
    remaining: (state: State) => {
      const { differences } = resource.assess(spec, state)
      return differences.length === 0 ? undefined : (blockedOf(differences) ?? stillDiffers(differences))
    }
  }
  return resource.assess(spec, await writeUntilConverged(first, steps, policy))
}

function blockedOf(differences: readonly Difference[]): FindingFacts | undefined {
  return differences.find(({ blocked }) => blocked)?.blocked
}

function neverWritten(kind: ResourceKind, differences: readonly Difference[]): FindingFacts {
  return {
    ...stillDiffers(differences),
    summary: `${kind} differs, and Patless does not manage it.`
  }
}

function stillDiffers([first]: readonly Difference[]): FindingFacts {
  return {
    id: 'resource/still-differs',
    summary: `${first?.field ?? 'A field'} still differs after the write.`,
    expected: first?.expected ?? '',
    actual: first?.actual ?? 'nothing',
    remedy: 'check whether another tool (an operator, GitOps, a policy) reverts it, then run again'
  }
}

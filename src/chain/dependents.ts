/** Who else depends on the chain of a target: what decides whether remove deletes a thing. */
import { withoutCredentials } from '../core/text.ts'
import type { Deletable } from '../engine/delete.ts'
import type { ResourceKind } from '../core/finding-titles.ts'

/** What else depends on the chain; collected from its resources before remove deletes the first thing. */
export interface Dependents {
  /** URLs of other repositories that this Argo CD reads by workload identity. */
  readonly repositories: readonly string[]
  /** Other federated credentials of the identity. */
  readonly credentials: readonly string[]
  /** Ids of other projects that the identity is in. */
  readonly projects: readonly string[]
  /** Whether the identity carries the mark of this tool; `absent`: there is none, as far as was read. */
  readonly identity: 'ours' | 'foreign' | 'absent'
}

/** What all resources know of others together. Not to know who else is there is no reason to think nobody is. */
export function dependentsOf({
  deletables
}: {
  readonly deletables: ReadonlyMap<ResourceKind, Deletable<Dependents>>
}): Dependents {
  return [...deletables.values()].reduce<Dependents>((all, { dependents }) => ({ ...all, ...dependents }), {
    repositories: deletables.has('connection') ? [] : [UNREAD],
    credentials: deletables.has('federated-credential') ? [] : [UNREAD],
    projects: [],
    identity: deletables.has('identity') ? 'absent' : 'foreign'
  })
}

const UNREAD = '(they could not be read)'

/** Why something of the cluster has to stay. */
export function readElsewhere(repositories: readonly string[]): string {
  return `Argo CD reads other repositories with it: ${repositories.map(withoutCredentials).join(', ')}`
}

/** Why what hangs on the identity and carries no mark of its own must stay. */
export const NOT_OURS = 'the identity was not made by Patless (no tag managed-by: patless)'

/** Why what the identity is or has must stay; undefined when it serves this target alone. */
export function identityServesOthers({
  repositories,
  credentials,
  identity
}: Dependents): string | undefined {
  if (repositories.length > 0) return readElsewhere(repositories)
  if (credentials.length > 0) return `the identity has other federated credentials: ${credentials.join(', ')}`
  return identity === 'ours' ? undefined : NOT_OURS
}

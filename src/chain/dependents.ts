/** Other users of these resources. They decide whether remove deletes or retains a resource. */
import { withoutCredentials } from '../core/text.ts'
import type { Deletable } from '../engine/deletable.ts'

/** Collected from all resources before remove deletes the first one. */
export interface Dependents {
  /** URLs of other repositories that this Argo CD reads by workload identity. */
  readonly repositories: readonly string[]
  /** Other federated credentials of the identity. */
  readonly credentials: readonly string[]
  /** Ids of other projects that the identity is in, by organization. */
  readonly projects: Readonly<Record<string, readonly string[]>>
  /** Whether the identity has the tag of Patless; `absent`: the read found no identity. */
  readonly identity: 'ours' | 'foreign' | 'absent'
}

/** Merges the dependents of all resources. If other users cannot be listed, assume there are some. */
export function dependentsOf({
  deletables
}: {
  readonly deletables: ReadonlyMap<string, Deletable<Dependents>>
}): Dependents {
  return [...deletables.values()].reduce<Dependents>(
    (all, { dependents }) => ({
      ...all,
      ...dependents,
      projects: { ...all.projects, ...dependents.projects }
    }),
    {
      repositories: deletables.has('connection') ? [] : [UNREAD],
      credentials: deletables.has('federated-credential') ? [] : [UNREAD],
      projects: {},
      identity: deletables.has('identity') ? 'absent' : 'foreign'
    }
  )
}

const UNREAD = '(they could not be read)'

/** Why a resource in the cluster is retained. */
export function readElsewhere(repositories: readonly string[]): string {
  return `Argo CD reads other repositories with it: ${repositories.map(withoutCredentials).join(', ')}`
}

/** Why a resource that depends on the identity and has no mark of its own is retained. */
export const NOT_OURS = 'the identity was not made by Patless (no tag managed-by: patless)'

/** Why the identity, or a resource that belongs to it, is retained; undefined when only this target uses it. */
export function identityServesOthers({
  repositories,
  credentials,
  identity
}: Dependents): string | undefined {
  if (repositories.length > 0) return readElsewhere(repositories)
  if (credentials.length > 0) return `the identity has other federated credentials: ${credentials.join(', ')}`
  return identity === 'ours' ? undefined : NOT_OURS
}

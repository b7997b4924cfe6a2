/** Who else rests on the chain of a target: what decides whether remove takes a thing away. */
import { withoutCredentials } from '../core/text.ts'

/** What else rests on the chain; collected from the hops before remove takes the first thing away. */
export interface Others {
  /** URLs of other repositories that this Argo CD reads by workload identity. */
  readonly repositories: readonly string[]
  /** Other federated credentials of the identity. */
  readonly credentials: readonly string[]
  /** Ids of other projects that the identity is in. */
  readonly projects: readonly string[]
  /** The identity does not carry the mark of this tool. */
  readonly unmarked: boolean
}

/** Why something of the cluster has to stay. */
export function readElsewhere(repositories: readonly string[]): string {
  return `Argo CD reads other repositories with it: ${repositories.map(withoutCredentials).join(', ')}`
}

/** Why what the identity is or has must stay; undefined when it serves this target alone. */
export function identityServesOthers({ repositories, credentials, unmarked }: Others): string | undefined {
  if (repositories.length > 0) return readElsewhere(repositories)
  if (credentials.length > 0) return `the identity has other federated credentials: ${credentials.join(', ')}`
  return unmarked ? 'the identity was not made by Patless (no tag managed-by: patless)' : undefined
}

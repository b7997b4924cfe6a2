/** Who else rests on the chain of a target: what decides whether remove takes a thing away. */
import { withoutCredentials } from '../core/text.ts'
import type { HopName } from './outcome.ts'

/** What else rests on the chain; collected from the hops before remove takes the first thing away. */
export interface Others {
  /** URLs of other repositories that this Argo CD reads by workload identity. */
  readonly repositories: readonly string[]
  /** Other federated credentials of the identity. */
  readonly credentials: readonly string[]
  /** Ids of other projects that the identity is in. */
  readonly projects: readonly string[]
  /** Whether the identity carries the mark of this tool; `absent`: there is none, as far as was read. */
  readonly identity: 'ours' | 'foreign' | 'absent'
}

/** What each resource rests on, directly: when it stays, so does all of that. */
export const RESTS_ON: Readonly<Partial<Record<HopName, readonly HopName[]>>> = {
  application: ['connection'],
  connection: ['workload'],
  workload: ['federated-credential', 'identity', 'entitlement', 'permission'],
  permission: ['entitlement', 'identity'],
  entitlement: ['identity'],
  'federated-credential': ['identity']
}

/** Why something of the cluster has to stay. */
export function readElsewhere(repositories: readonly string[]): string {
  return `Argo CD reads other repositories with it: ${repositories.map(withoutCredentials).join(', ')}`
}

/** Why what hangs on the identity and carries no mark of its own must stay. */
export const NOT_OURS = 'the identity was not made by Patless (no tag managed-by: patless)'

/** Why what the identity is or has must stay; undefined when it serves this target alone. */
export function identityServesOthers({ repositories, credentials, identity }: Others): string | undefined {
  if (repositories.length > 0) return readElsewhere(repositories)
  if (credentials.length > 0) return `the identity has other federated credentials: ${credentials.join(', ')}`
  return identity === 'ours' ? undefined : NOT_OURS
}

/** The user-assigned managed identity that the repo-server becomes: no secret, only a trust. */
import type { IdentityPlace, ManagedIdentity } from '../services/azure/managed-identities.ts'
import type { ChainHop } from './resource.ts'
import { identityServesOthers } from '../engine/dependents.ts'

interface Want extends IdentityPlace {
  /** Region for a new one; an existing identity stays where it is. */
  readonly location: string
}

export const identity: ChainHop<Want, ManagedIdentity | undefined, ManagedIdentity> = {
  name: 'identity',
  observe: (want, { identities }) => identities.get(want),
  exists: (seen) => seen !== undefined,
  compare: ({ name, resourceGroup }, seen) =>
    seen ? [] : [{ field: 'managed identity', expected: `${name} in ${resourceGroup}`, found: undefined }],
  given: (_want, seen) => seen,
  facts: ({ id, clientId, principalId, tenantId }) => ({ identityId: id, clientId, principalId, tenantId }),
  summary: ({ name, clientId, principalId }) => `${name}, client id ${clientId}, principal id ${principalId}`,

  async apply(want, _seen, { identities }) {
    await identities.put(want, want.location)
  },

  others: (_want, seen) => ({ unmarked: seen !== undefined && !seen.marked }),

  belonging({ resourceGroup }, seen, others) {
    if (!seen) return undefined
    const what = `managed identity ${seen.name} in ${resourceGroup}`
    const keep = identityServesOthers(others)
    return keep === undefined ? { what } : { what, keep }
  },

  async remove(want, _seen, { identities }) {
    await identities.remove(want)
  }
}

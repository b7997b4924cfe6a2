/** The user-assigned managed identity that the repo-server becomes: no secret, only a trust. */
import type { IdentityPlace, ManagedIdentity } from '../services/azure/managed-identities.ts'
import type { ChainHop } from './resource.ts'
import { identityServesOthers, type Others } from '../engine/dependents.ts'

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

  others: (_want, seen) => ({ identity: whoseIdentity(seen) }),

  belonging({ resourceGroup }, seen, others) {
    if (!seen) return undefined
    const what = `managed identity ${seen.name} in ${resourceGroup}`
    const keep = identityServesOthers({ ...others, identity: whoseIdentity(seen) })
    return keep === undefined ? { what } : { what, keep }
  },

  async remove(want, _seen, { identities }) {
    await identities.remove(want)
  }
}

/** Memberships, licences and access control entries carry no marks: whose they are follows from the identity's tag. */
export function whoseIdentity(seen: Pick<ManagedIdentity, 'marked'> | undefined): Others['identity'] {
  if (seen === undefined) return 'absent'
  return seen.marked ? 'ours' : 'foreign'
}

/** The user-assigned managed identity that the repo-server becomes: no secret, only a trust. */
import type { IdentityPlace, ManagedIdentity } from '../services/azure/managed-identities.ts'
import type { ChainResource } from './resource.ts'
import { identityServesOthers, type Dependents } from './dependents.ts'

interface Spec extends IdentityPlace {
  /** Region for a new one; an existing identity stays where it is. */
  readonly location: string
}

export const identity: ChainResource<Spec, ManagedIdentity | undefined, ManagedIdentity> = {
  kind: 'identity',
  read: (spec, { identities }) => identities.get(spec),

  assess({ name, resourceGroup }, state) {
    const dependents = { identity: whoseIdentity(state) }
    if (!state) {
      const expected = `${name} in ${resourceGroup}`
      return {
        exists: false,
        differences: [{ field: 'managed identity', expected, actual: undefined }],
        dependents
      }
    }
    const { id, clientId, principalId, tenantId } = state
    return {
      exists: true,
      differences: [],
      output: state,
      outputs: { identityId: id, clientId, principalId, tenantId },
      summary: `${state.name}, client id ${clientId}, principal id ${principalId}`,
      dependents
    }
  },

  async apply(spec, _state, { identities }) {
    await identities.put(spec, spec.location)
  },

  planDelete({ resourceGroup }, state, dependents) {
    if (!state) return undefined
    const what = `managed identity ${state.name} in ${resourceGroup}`
    const retain = identityServesOthers({ ...dependents, identity: whoseIdentity(state) })
    return retain === undefined ? { what } : { what, retain }
  },

  async delete(spec, _state, { identities }) {
    await identities.remove(spec)
  }
}

/** Memberships, licences and access control entries carry no marks: whose they are follows from the identity's tag. */
export function whoseIdentity(state: Pick<ManagedIdentity, 'marked'> | undefined): Dependents['identity'] {
  if (state === undefined) return 'absent'
  return state.marked ? 'ours' : 'foreign'
}

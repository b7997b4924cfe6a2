/** The user-assigned managed identity that the repo-server becomes: no secret, only a trust. */
import type { IdentityPlace, ManagedIdentity } from '../services/azure/managed-identities.ts'
import type { Change } from '../engine/outcome.ts'
import type { ChainHop } from './resource.ts'
import { identityServesOthers, type Others } from '../engine/dependents.ts'

interface Want extends IdentityPlace {
  /** Region for a new one; an existing identity stays where it is. */
  readonly location: string
  /** Of one that Patless makes, beside its own. */
  readonly tags: Readonly<Record<string, string>>
}

export const identity: ChainHop<Want, ManagedIdentity | undefined, ManagedIdentity> = {
  name: 'identity',
  observe: (want, { identities }) => identities.get(want),
  exists: (seen) => seen !== undefined,
  compare({ name, resourceGroup, tags }, seen) {
    if (seen) return missingTags(tags, seen)
    return [{ field: 'managed identity', expected: `${name} in ${resourceGroup}`, found: undefined }]
  },
  given: (_want, seen) => seen,
  facts: ({ id, clientId, principalId, tenantId }) => ({ identityId: id, clientId, principalId, tenantId }),
  summary: ({ name, clientId, principalId }) => `${name}, client id ${clientId}, principal id ${principalId}`,

  async apply(want, seen, { identities }) {
    if (!seen) {
      await identities.put(want, want.location, want.tags)
      return
    }
    // They are written as a whole: those that somebody set since the first look stay.
    const now = await identities.get(want)
    if (now?.marked === true) await identities.tag(want, { ...without(now.tags, want.tags), ...want.tags })
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

/** Tags of an identity that others made are theirs. Their names know no case in Azure, their values do. */
function missingTags(
  tags: Readonly<Record<string, string>>,
  { marked, tags: found }: Pick<ManagedIdentity, 'marked' | 'tags'>
): Change[] {
  if (!marked) return []
  return Object.entries(tags).flatMap(([name, value]) => {
    const [, own] = Object.entries(found).find(([one]) => one.toLowerCase() === name.toLowerCase()) ?? []
    return own === value ? [] : [{ field: `tag ${name}`, expected: value, found: own }]
  })
}

/** A tag that is spelled in another case would be the same tag twice. */
function without(
  tags: Readonly<Record<string, string>>,
  others: Readonly<Record<string, string>>
): Record<string, string> {
  const names = new Set(Object.keys(others).map((name) => name.toLowerCase()))
  return Object.fromEntries(Object.entries(tags).filter(([name]) => !names.has(name.toLowerCase())))
}

/** Memberships, licences and access control entries carry no marks: whose they are follows from the identity's tag. */
export function whoseIdentity(seen: Pick<ManagedIdentity, 'marked'> | undefined): Others['identity'] {
  if (seen === undefined) return 'absent'
  return seen.marked ? 'ours' : 'foreign'
}

/** The user-assigned managed identity that the repo-server uses: it has no secret, only a trust. */
import type { IdentityPlace, ManagedIdentity } from '../services/azure/managed-identities.ts'
import type { Difference } from '../engine/outcome.ts'
import type { ChainResource } from './resource.ts'
import { identityServesOthers, type Dependents } from './dependents.ts'

interface Spec extends IdentityPlace {
  /** Region of a new identity; an existing one keeps its region. */
  readonly location: string
  /** Tags of an identity that Patless creates, in addition to its own tag. */
  readonly tags: Readonly<Record<string, string>>
}

export const identity: ChainResource<Spec, ManagedIdentity | undefined, ManagedIdentity> = {
  kind: 'identity',
  read: (spec, { identities }) => identities.get(spec),

  assess({ name, resourceGroup, tags }, state) {
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
      differences: tagDifferences(tags, state),
      output: state,
      outputs: { identityId: id, clientId, principalId, tenantId },
      summary: `${state.name}, client id ${clientId}, principal id ${principalId}`,
      dependents
    }
  },

  async apply(spec, state, { identities }) {
    if (!state) {
      await identities.put(spec, spec.location, spec.tags)
      return
    }
    // A write replaces all tags, so a second read keeps those that somebody has set since the first.
    const now = await identities.get(spec)
    if (now?.marked === true) await identities.tag(spec, { ...without(now.tags, spec.tags), ...spec.tags })
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

/**
 * The tags of an identity that others made belong to them. In Azure, tag names are case-insensitive and values are
 * case-sensitive.
 */
function tagDifferences(
  tags: Readonly<Record<string, string>>,
  { marked, tags: found }: Pick<ManagedIdentity, 'marked' | 'tags'>
): Difference[] {
  if (!marked) return []
  return Object.entries(tags).flatMap(([name, value]) => {
    const [, actual] = Object.entries(found).find(([one]) => one.toLowerCase() === name.toLowerCase()) ?? []
    return actual === value ? [] : [{ field: `tag ${name}`, expected: value, actual }]
  })
}

/** Removes names that differ only in case: Azure would get the same tag twice. */
function without(
  tags: Readonly<Record<string, string>>,
  others: Readonly<Record<string, string>>
): Record<string, string> {
  const names = new Set(Object.keys(others).map((name) => name.toLowerCase()))
  return Object.fromEntries(Object.entries(tags).filter(([name]) => !names.has(name.toLowerCase())))
}

/** Memberships, licenses and access control entries carry no marks; the tag of the identity shows who owns them. */
export function whoseIdentity(state: Pick<ManagedIdentity, 'marked'> | undefined): Dependents['identity'] {
  if (state === undefined) return 'absent'
  return state.marked ? 'ours' : 'foreign'
}

/**
 * Microsoft.Authorization/permissions: the caller's permissions at a scope, for callers that may read them (Stack
 * Overflow 42134892 quotes the refusal). One entry for each role that applies there.
 */
import type { Answer, Call, Route } from '../wire.ts'
import type { ArmContext } from './arm-context.ts'
import { armError } from './arm-error.ts'
import { effective } from './rights.ts'
import type { AzureState } from './state.ts'
import { hasGroup } from './tenants.ts'

const PATH = 'providers/Microsoft.Authorization/permissions'

export function permissionRoutes({ guarded, state, callerOf }: ArmContext): Route[] {
  const granted = async (call: Call): Promise<Answer> => {
    const { url } = call
    const { principalId = '' } = (await callerOf(call)) ?? {}
    const scope = url.pathname.replace(/\/providers\/Microsoft\.Authorization\/permissions$/i, '')
    const value = effective(state().assignmentsOf(principalId), scope).map(
      ({ actions, notActions = [] }) => ({
        actions,
        notActions,
        dataActions: [],
        notDataActions: []
      })
    )
    return absent(scope, state()) ?? { status: 200, body: { value } }
  }
  const asked = guarded('Microsoft.Authorization/permissions/read', granted)
  return [
    ['GET', `/subscriptions/:subscription/${PATH}`, asked],
    ['GET', `/subscriptions/:subscription/*/${PATH}`, asked]
  ]
}

/**
 * The error for a scope that does not exist. The twin only knows its own identities and clusters; everything in
 * `rg-shared` is assumed to exist.
 */
function absent(scope: string, state: AzureState): Answer | undefined {
  const { cluster, furtherClusters, identities } = state
  const [, subscription, group, type, name] =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)(?:\/providers\/[^/]+\/([^/]+)\/([^/]+)$)?/i.exec(
      scope
    ) ?? []
  if (group === undefined) return undefined
  const same = (one: string, other: string | undefined): boolean => one.toLowerCase() === other?.toLowerCase()
  if (same('rg-shared', group)) return undefined
  if (!hasGroup(state, subscription, group))
    return armError(404, 'ResourceGroupNotFound', `Resource group '${group}' could not be found.`)
  const further = furtherClusters
    .filter((one) => one.subscriptionId === subscription && same(one.resourceGroup, group))
    .map(({ resource }) => resource)
  const clusters = [...(cluster ? [cluster] : []), ...further]
  const here = identities.filter((one) => one.subscriptionId === subscription)
  const known = { userassignedidentities: here, managedclusters: clusters }
  const all = known[type?.toLowerCase() as keyof typeof known] as readonly { name: string }[] | undefined
  if (!all || all.some((one) => same(one.name, name))) return undefined
  return armError(404, 'ResourceNotFound', `The Resource '${scope}' was not found.`)
}

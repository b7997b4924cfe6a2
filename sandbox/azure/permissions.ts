/**
 * Microsoft.Authorization/permissions: what the caller may do at a scope, for those who may ask (Stack Overflow 42134892
 * quotes the refusal). One entry for each role that holds there.
 */
import type { Answer, Call, Route } from '../wire.ts'
import type { ArmContext } from './arm-context.ts'
import { armError } from './arm-error.ts'
import { effective } from './rights.ts'
import { IDS, type AzureState } from './state.ts'

const PATH = 'providers/Microsoft.Authorization/permissions'

export function permissionRoutes({ guarded, state }: ArmContext): Route[] {
  const granted = ({ url }: Call): Answer => {
    const scope = url.pathname.replace(/\/providers\/Microsoft\.Authorization\/permissions$/i, '')
    const value = effective(state().assignments, scope).map(({ actions, notActions = [] }) => ({
      actions,
      notActions,
      dataActions: [],
      notDataActions: []
    }))
    return absent(scope, state()) ?? { status: 200, body: { value } }
  }
  const asked = guarded('Microsoft.Authorization/permissions/read', granted)
  return [
    ['GET', `/subscriptions/:subscription/${PATH}`, asked],
    ['GET', `/subscriptions/:subscription/*/${PATH}`, asked]
  ]
}

/** Of the resources that the twin has; others, and all in the group of others, are taken to exist. */
function absent(scope: string, { cluster, identities }: AzureState): Answer | undefined {
  const [, group, type, name] =
    /^\/subscriptions\/[^/]+\/resourceGroups\/([^/]+)(?:\/providers\/[^/]+\/([^/]+)\/([^/]+)$)?/i.exec(
      scope
    ) ?? []
  if (group === undefined) return undefined
  const same = (one: string, other: string | undefined): boolean => one.toLowerCase() === other?.toLowerCase()
  if (same('rg-shared', group)) return undefined
  if (!same(IDS.resourceGroup, group))
    return armError(404, 'ResourceGroupNotFound', `Resource group '${group}' could not be found.`)
  const known = { userassignedidentities: identities, managedclusters: cluster ? [cluster] : [] }
  const all = known[type?.toLowerCase() as keyof typeof known] as readonly { name: string }[] | undefined
  if (!all || all.some((one) => same(one.name, name))) return undefined
  return armError(404, 'ResourceNotFound', `The Resource '${scope}' was not found.`)
}

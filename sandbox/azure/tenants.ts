/**
 * The twin's two tenants. Each has a subscription with one resource group, and an application that the job may log in
 * as; neither accepts a token of the other. The cluster is in the first.
 */
import type { Answer } from '../wire.ts'
import { armError } from './arm-error.ts'
import { IDS, type AzureState } from './state.ts'

/** Subscription → its tenant and the name of its resource group. */
const SUBSCRIPTIONS = new Map<string, { readonly tenantId: string; readonly resourceGroup: string }>([
  [IDS.subscriptionId, { tenantId: IDS.tenantId, resourceGroup: IDS.resourceGroup }],
  [IDS.otherSubscriptionId, { tenantId: IDS.otherTenantId, resourceGroup: IDS.otherResourceGroup }]
])

export function tenantOfSubscription(subscriptionId: string): string | undefined {
  return SUBSCRIPTIONS.get(subscriptionId)?.tenantId
}

/** As ARM lists them. */
export function subscriptionsOf(tenantId: string): readonly { readonly subscriptionId: string }[] {
  return [...SUBSCRIPTIONS]
    .filter(([, one]) => one.tenantId === tenantId)
    .map(([id]) => ({
      id: `/subscriptions/${id}`,
      subscriptionId: id,
      tenantId,
      displayName: id === IDS.subscriptionId ? 'GitOps' : 'Identities',
      state: 'Enabled'
    }))
}

/** Whether the subscription has a resource group of this name, in any case. */
export function hasGroup(subscriptionId: string | undefined, group: string): boolean {
  return SUBSCRIPTIONS.get(subscriptionId ?? '')?.resourceGroup === group.toLowerCase()
}

/** The answer to a token of another tenant than that of the subscription (learn.microsoft.com, resource-manager errors). */
export function wrongTenant(ofToken: string, ofSubscription: string): Answer {
  const text = `The access token is from the wrong issuer 'https://sts.windows.net/${ofToken}/'. It must match the tenant 'https://sts.windows.net/${ofSubscription}/' associated with this subscription. Please use the authority (URL) 'https://login.windows.net/${ofSubscription}' to get the token. Note, if the subscription is transferred to another tenant there is no impact to the services, but information about new tenant could take time to propagate (up to an hour). If you just transferred your subscription and see this error message, please try back later.`
  return armError(401, 'InvalidAuthenticationTokenTenant', text)
}

/** The first organization is connected to the second tenant, whose login administers it. */
export function connectToOtherTenant({ organizations: [first] }: AzureState): void {
  if (!first) return
  first.tenant = IDS.otherTenantId
  first.collectionAdministrator = false
  first.administrators.add(first.addMember(IDS.otherLoginPrincipalId, 'express', 0).descriptor)
}

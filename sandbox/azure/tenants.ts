/**
 * The twin's two tenants. Each has subscriptions, and an application that the job may log in as; neither accepts a token
 * of the other. Clusters are in the first.
 */
import type { Answer } from '../wire.ts'
import { armError } from './arm-error.ts'
import type { Organization } from './organization.ts'
import { IDS, type AzureState } from './state.ts'

export function tenantOfSubscription({ subscriptions }: AzureState, id: string): string | undefined {
  return subscriptions.find(({ subscriptionId }) => subscriptionId === id)?.tenantId
}

/** As ARM lists them. */
export function subscriptionsOf(
  { subscriptions }: AzureState,
  tenant: string
): readonly { readonly id: string; readonly subscriptionId: string }[] {
  return subscriptions
    .filter(({ tenantId }) => tenantId === tenant)
    .map(({ subscriptionId, displayName, tenantId }) => ({
      id: `/subscriptions/${subscriptionId}`,
      subscriptionId,
      tenantId,
      displayName,
      state: 'Enabled'
    }))
}

/** Whether the subscription has a resource group of this name, in any case. */
export function hasGroup({ subscriptions }: AzureState, id: string | undefined, group: string): boolean {
  const found = subscriptions.find(({ subscriptionId }) => subscriptionId === id)
  return found?.resourceGroups.includes(group.toLowerCase()) === true
}

/** The answer to a token of another tenant than that of the subscription (learn.microsoft.com, resource-manager errors). */
export function wrongTenant(ofToken: string, ofSubscription: string): Answer {
  const text = `The access token is from the wrong issuer 'https://sts.windows.net/${ofToken}/'. It must match the tenant 'https://sts.windows.net/${ofSubscription}/' associated with this subscription. Please use the authority (URL) 'https://login.windows.net/${ofSubscription}' to get the token. Note, if the subscription is transferred to another tenant there is no impact to the services, but information about new tenant could take time to propagate (up to an hour). If you just transferred your subscription and see this error message, please try back later.`
  return armError(401, 'InvalidAuthenticationTokenTenant', text)
}

/** An organization is connected to the second tenant, whose login administers it. */
export function connectToOtherTenant(organization: Organization | undefined): void {
  if (!organization) return
  organization.tenant = IDS.otherTenantId
  organization.collectionAdministrator = false
  const { descriptor } = organization.addMember(IDS.otherLoginPrincipalId, 'express', 0)
  organization.administrators.add(descriptor)
}

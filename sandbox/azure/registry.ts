/** The twin's container registries: plain data. */
const TYPE = 'Microsoft.ContainerRegistry/registries'

interface Places {
  readonly subscriptionId: string
  readonly resourceGroup: string
  readonly otherSubscriptionId: string
  readonly otherResourceGroup: string
}

export interface Registry {
  readonly name: string
  readonly subscriptionId: string
  readonly resourceGroup: string
  readonly loginServer: string
  /** Permissions are of repositories. */
  byRepository: boolean
  acceptsArmTokens: boolean
  anonymous: boolean
  quarantines: boolean
  provisioningState: string
  network: 'everywhere' | 'some addresses' | 'private endpoints'
  /** `path:version` → digest. */
  readonly charts: Map<string, string>
  /** Where its challenge sends clients; absent: to itself. */
  realm?: string
}

export function newRegistries(ids: Places): Registry[] {
  const digest = `sha256:${'c4'.repeat(32)}`
  const of = (
    name: string,
    loginServer: string,
    place: { subscriptionId: string; resourceGroup: string }
  ): Registry => ({
    ...{ name, loginServer, ...place, byRepository: false, acceptsArmTokens: true },
    ...{ anonymous: false, quarantines: false, provisioningState: 'Succeeded', network: 'everywhere' },
    charts: new Map([
      ['charts/app:1.2.3', digest],
      ['charts/db:0.4.0_build.7', digest],
      ['shop:2.0.0', digest]
    ])
  })
  const here = { subscriptionId: ids.subscriptionId, resourceGroup: ids.resourceGroup }
  return [
    of('contosocharts', 'contosocharts.azurecr.io', here),
    // With a domain name label.
    of('contosolabel', 'contosolabel-b7f2h9abc.azurecr.io', here),
    of('identitycharts', 'identitycharts.azurecr.io', {
      subscriptionId: ids.otherSubscriptionId,
      resourceGroup: ids.otherResourceGroup
    })
  ]
}

export function registryId({ subscriptionId, resourceGroup, name }: Registry): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${TYPE}/${name}`
}

/**
 * Container registries (Microsoft.ContainerRegistry/registries) and what an identity may do with them. Wire shapes:
 * Azure/azure-sdk-for-js, @azure/arm-containerregistry, 2025-11-01: the first stable version with the mode of roles.
 */
import * as z from 'zod/mini'
import { safe, UnexpectedReply } from '../../http/errors.ts'
import { nameOf, orAbsent, understood } from '../../http/request.ts'
import type { ArmWire } from './arm-wire.ts'
import { namedId } from './ids.ts'

const API = '2025-11-01'
const TYPE = 'Microsoft.ContainerRegistry/registries'
const policyShape = z.nullish(z.looseObject({ status: z.nullish(z.string()) }))
const shape = z.looseObject({
  id: namedId(TYPE),
  properties: z.looseObject({
    loginServer: z.string().check(z.regex(/^[a-z0-9-]{1,100}\.azurecr\.[a-z]{2,3}$/i)),
    provisioningState: z.nullish(z.string()),
    publicNetworkAccess: z.nullish(z.string()),
    networkRuleSet: z.nullish(z.looseObject({ defaultAction: z.nullish(z.string()) })),
    anonymousPullEnabled: z.nullish(z.boolean()),
    roleAssignmentMode: z.nullish(z.string()),
    policies: z.nullish(
      z.looseObject({ azureADAuthenticationAsArmPolicy: policyShape, quarantinePolicy: policyShape })
    )
  })
})

export interface Registry {
  readonly id: string
  /** In lower case. */
  readonly loginServer: string
  readonly provisioningState: string
  /** From where it answers. */
  readonly network: 'everywhere' | 'some addresses' | 'private endpoints'
  /** Everybody may pull. */
  readonly anonymous: boolean
  /** Permissions are of repositories: roles on the registry as a whole, such as AcrPull, give none. */
  readonly byRepository: boolean
  /** Accepts tokens for Azure Resource Manager, which Argo CD asks for, and not only those for registries. */
  readonly acceptsArmTokens: boolean
  /** New artifacts cannot be pulled until somebody releases them. */
  readonly quarantines: boolean
}

export class Registries {
  readonly #wire: ArmWire
  constructor(wire: ArmWire) {
    this.#wire = wire
  }

  /** Those of the subscription that the login may read. */
  async list(subscriptionId: string): Promise<Registry[]> {
    const found = await this.#wire.list(`/subscriptions/${subscriptionId}/providers/${TYPE}`, API, shape)
    return found.map(registryOf)
  }

  /** undefined when it (or its resource group) does not exist. */
  async get(id: string): Promise<Registry | undefined> {
    const request = this.#wire.request('GET', id, API)
    const reply = await orAbsent(this.#wire.send(request))
    if (!reply) return undefined
    const found = registryOf(understood(shape, reply, request))
    // The role is assigned at the id in the answer.
    if (found.id.toLowerCase() === id.toLowerCase()) return found
    throw new UnexpectedReply('ARM', nameOf(request), `another registry: ${safe(found.id, 200)}`)
  }
}

function registryOf({ id, properties }: z.infer<typeof shape>): Registry {
  const { policies, publicNetworkAccess, networkRuleSet } = properties
  const is = (value: string | null | undefined, word: string): boolean =>
    value?.toLowerCase() === word.toLowerCase()
  return {
    id,
    loginServer: properties.loginServer.toLowerCase(),
    provisioningState: safe(properties.provisioningState ?? 'Succeeded', 40),
    network: is(publicNetworkAccess, 'Disabled')
      ? 'private endpoints'
      : is(networkRuleSet?.defaultAction, 'Deny')
        ? 'some addresses'
        : 'everywhere',
    anonymous: properties.anonymousPullEnabled ?? false,
    byRepository: is(properties.roleAssignmentMode, 'AbacRepositoryPermissions'),
    acceptsArmTokens: !is(policies?.azureADAuthenticationAsArmPolicy?.status, 'disabled'),
    quarantines: is(policies?.quarantinePolicy?.status, 'enabled')
  }
}

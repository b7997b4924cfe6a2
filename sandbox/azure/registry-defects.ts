/** What can be otherwise about the first registry, and about the role of the identity there. */
import { randomUUID } from 'node:crypto'
import { builtInId } from './built-in-roles.ts'
import { registryId, type Registry } from './registry.ts'
import { identityOf, IDS, type AzureState } from './state.ts'

type Defect = (state: AzureState) => void

const first =
  (change: (registry: Registry) => void): Defect =>
  ({ registries: [registry] }) => {
    if (registry) change(registry)
  }

const GROUP = `/subscriptions/${IDS.subscriptionId}/resourceGroups/${IDS.resourceGroup}`

/** Somebody else assigned it. @param scope absent: the registry */
const byHand =
  (roleName: string, { scope, condition }: { scope?: string; condition?: string } = {}): Defect =>
  (state) => {
    const [registry] = state.registries
    if (!registry) return
    state.roleAssignments.push({
      name: randomUUID(),
      scope: scope ?? registryId(registry),
      principalId: identityOf(state).principalId,
      roleDefinitionId: builtInId(IDS.subscriptionId, roleName),
      createdAt: 0,
      ...(condition !== undefined && { condition })
    })
  }

const NAME = '@Request[Microsoft.ContainerRegistry/registries/repositories:name]'

export const REGISTRY_DEFECTS: Readonly<Record<string, Defect>> = {
  'registry-by-repository': first((one) => {
    one.byRepository = true
  }),
  'registry-no-arm-tokens': first((one) => {
    one.acceptsArmTokens = false
  }),
  'registry-anonymous': first((one) => {
    one.anonymous = true
  }),
  'registry-quarantine': first((one) => {
    one.quarantines = true
  }),
  'registry-failed': first((one) => {
    one.provisioningState = 'Failed'
  }),
  'registry-firewall': first((one) => {
    one.network = 'some addresses'
  }),
  'registry-private': first((one) => {
    one.network = 'private endpoints'
  }),
  'registry-strange-realm': first((one) => {
    one.realm = 'https://login.evil.example/oauth2/token'
  }),
  'registry-gone': (state) => {
    state.registries.splice(0, 1)
  },
  'registry-role-taken': (state) => {
    state.roleAssignments.splice(0)
  },
  'registry-role-by-hand': byHand('AcrPull'),
  'registry-role-of-group': byHand('AcrPull', { scope: GROUP }),
  'registry-reader-by-hand': byHand('Container Registry Repository Reader'),
  'registry-reader-of-some': byHand('Container Registry Repository Reader', {
    condition: `${NAME} StringStartsWithIgnoreCase 'team/'`
  })
}

/** The state of Azure: subscriptions, clusters, identities, Azure DevOps organizations. Plain data. */
import type { Principal, Trust } from '../world.ts'
import type { Assignment, Lock, RoleAssignment, RoleDefinition } from './assignments.ts'
import type { LoginRefusal } from './login-refusals.ts'
import { builtIn } from './built-in-roles.ts'
import { DEPLOYER, Organization } from './organization.ts'
import { newRegistries, type Registry } from './registry.ts'

/** As Microsoft Graph shows it: the first characters, of old ones none. */
export interface ClientSecret {
  readonly hint: string | null
  readonly endDateTime: string
}

export interface FederatedCredential extends Trust {
  readonly name: string
}

export interface Identity {
  readonly name: string
  readonly subscriptionId: string
  readonly resourceGroup: string
  readonly location: string
  tags: Readonly<Record<string, string>>
  readonly clientId: string
  readonly principalId: string
  readonly createdAt: number
  readonly credentials: Map<string, FederatedCredential>
  /** A write to its credentials is running. */
  writing: boolean
}

/** An application registered in Entra. */
export interface Application {
  /** Object id. */
  readonly id: string
  readonly appId: string
  readonly displayName: string
  readonly tenantId: string
  readonly tags: readonly string[]
  /** Object ids. */
  readonly owners: readonly string[]
  readonly createdAt: number
  servicePrincipal: { readonly id: string; readonly createdAt: number } | undefined
  /** By id. */
  readonly credentials: Map<string, FederatedCredential>
}

/** Names and ids that a reset keeps. */
export const IDS = {
  tenantId: '5f1f3d5c-8a3e-4b1d-9a70-3d2c7c1c2a01',
  otherTenantId: '0d2a9a4e-6f27-4c0b-8f5e-7f5b2b1f9c02',
  subscriptionId: '9b0c7f7e-2d61-4c53-8a11-6f2f0c3a7d03',
  resourceGroup: 'rg-gitops',
  cluster: 'aks-gitops',
  location: 'westeurope',
  organization: 'contoso',
  secondOrganization: 'fabrikam',
  project: 'shop',
  projectId: '3c1d9a52-47be-4f7d-b0b1-9d5e6a7f8c04',
  repository: 'app',
  repositoryId: 'a4f0d3c2-5b6e-4d8f-9c1a-2b3c4d5e6f05',
  deployerClientId: 'e1a2b3c4-d5e6-4f70-8190-a1b2c3d4e506',
  deployerPrincipalId: DEPLOYER,
  otherSubscriptionId: '4e8d1c6b-73a2-4f95-b0c8-6d1e2f3a4b12',
  otherResourceGroup: 'rg-identities',
  otherLoginClientId: '7b6a5948-3726-4150-8f9e-0d1c2b3a4913',
  otherLoginPrincipalId: '1f2e3d4c-5b6a-4798-8a9b-0c1d2e3f4a14'
} as const

/** What a caller of the identity endpoint (App Service, 2019-08-01) proves itself with. */
export const IDENTITY_HEADER = 'secret-of-the-host'

export const CLUSTER_ID = `/subscriptions/${IDS.subscriptionId}/resourcegroups/${IDS.resourceGroup}/providers/Microsoft.ContainerService/managedClusters/${IDS.cluster}`

export interface ManagedCluster {
  readonly id: string
  readonly name: string
  readonly location: string
  eTag: string
  properties: Record<string, unknown>
  readonly [more: string]: unknown
}

/** Each belongs to one tenant. */
export interface Subscription {
  readonly subscriptionId: string
  readonly displayName: string
  readonly tenantId: string
  /** In lower case. */
  readonly resourceGroups: string[]
}

/** A cluster in ARM beside the one that most tests use. */
export interface FurtherCluster {
  readonly kind: 'managed' | 'connected'
  readonly subscriptionId: string
  readonly resourceGroup: string
  resource: ManagedCluster
  /** An operation ends at this time (ms since the epoch). */
  busyUntil: number
  /** False: its address is of a network that the twin's callers are not in. */
  reachable: boolean
}

/** A cluster that Azure Arc connects: the features that its owner turned on. */
export interface Connected {
  readonly issuer: boolean
  readonly workloadIdentity: boolean
}

/** A cluster extension in ARM. */
export interface Extension {
  readonly name: string
  readonly extensionType: string
  readonly namespace: string
  readonly autoUpgradeMinorVersion: boolean
  readonly releaseTrain: string
  readonly version: string
  readonly settings: Readonly<Record<string, string>>
  readonly provisioningState: 'Creating' | 'Updating' | 'Succeeded' | 'Failed'
  readonly createdAt: number
  readonly error: string | undefined
}

export interface ExtensionOperation {
  status: 'InProgress' | 'Succeeded' | 'Failed'
  error?: string
}

/** What Azure keeps of a command that ran in the cluster. */
export interface RanCommand {
  readonly id: string
  readonly command: string
  readonly withToken: boolean
  exitCode: number | undefined
  logs: string
}

/** What becomes of commands: they run, or a defect of Azure or of the cluster. */
export type CommandFate = 'runs' | 'not-started' | 'image' | 'expires' | 'cut' | 'never-ends'

export class AzureState {
  readonly subscriptions: Subscription[] = [
    {
      subscriptionId: IDS.subscriptionId,
      displayName: 'GitOps',
      tenantId: IDS.tenantId,
      resourceGroups: [IDS.resourceGroup]
    },
    {
      subscriptionId: IDS.otherSubscriptionId,
      displayName: 'Identities',
      tenantId: IDS.otherTenantId,
      resourceGroups: [IDS.otherResourceGroup]
    }
  ]
  /** Queries of Resource Graph that each caller has left, until ms since the epoch. */
  readonly queries = new Map<string, { readonly ends: number; left: number }>()
  readonly identities: Identity[] = []
  readonly applications: Application[] = []
  /** Which applications of Entra the deployer may change. */
  directoryRights: { readonly applications: 'all' | 'owned' | 'none' } = { applications: 'all' }
  /** Secrets of the deployer's application; undefined: it may not read itself, as most may not. */
  clientSecrets: readonly ClientSecret[] | undefined
  cluster: ManagedCluster | undefined
  readonly furtherClusters: FurtherCluster[] = []
  /** The cluster as Azure Arc shows it. */
  connected: Connected | undefined
  /** A cluster operation ends at this time (ms since the epoch). */
  clusterBusyUntil = 0
  /** By name in lower case. */
  readonly extensions = new Map<string, Extension>()
  readonly operations = new Map<string, ExtensionOperation>()
  /** Provider in lower case → ms since the epoch, Infinity for never; all other providers are registered. */
  readonly registeredAt = new Map<string, number>()
  deployerTrusts: Trust[] = []
  otherLoginTrusts: Trust[] = []
  /** Why Entra refuses the deployer, whatever it presents. */
  loginRefusal: LoginRefusal | undefined
  /** Roles of the deployer. */
  assignments: readonly Assignment[] = [{ scope: `/subscriptions/${IDS.subscriptionId}`, actions: ['*'] }]
  /** Roles of the login of the second tenant. */
  otherAssignments: readonly Assignment[] = [
    { scope: `/subscriptions/${IDS.otherSubscriptionId}`, actions: ['*'] }
  ]
  readonly roleDefinitions: RoleDefinition[] = []
  readonly roleAssignments: RoleAssignment[] = []
  registries: Registry[] = newRegistries(IDS)
  locks: readonly Lock[] = []
  /** Tags that a policy wants on everything that can have tags. */
  requiredTags: readonly string[] = []
  /** To those with rights in parts of it only, a list of the whole subscription is refused, or is of those parts. */
  partialLists: 'refused' | 'filtered' = 'refused'
  /** False: its address is of a network that the twin's callers are not in. */
  apiServerReachable = true
  /** Commands that ran in the cluster. */
  readonly commands: RanCommand[] = []
  commandFate: CommandFate = 'runs'
  entraDown = false
  /** The code with which every exchange of an identity is refused. */
  exchangeRefusal: number | undefined

  /** In the order of their ids; the first is that of most tests. */
  organizations: readonly Organization[]

  constructor(organizations: readonly Organization[], cluster: ManagedCluster | undefined) {
    this.organizations = organizations
    this.cluster = cluster
    for (const organization of organizations) organization.addMember(IDS.deployerPrincipalId, 'express', 0)
  }

  /** An independent copy of the current state. */
  copy(): AzureState {
    const organizations = this.organizations.map((one) =>
      Object.assign(new Organization(one.name, one.tenant, []), copied({ ...one }))
    )
    return Object.assign(new AzureState([], undefined), copied({ ...this }), { organizations })
  }

  /** What a principal may do in Azure: as assigned in ARM, and the deployer as the test says. */
  assignmentsOf(principalId: string): Assignment[] {
    const assigned = this.roleAssignments
      .filter((one) => one.principalId === principalId)
      .flatMap(({ scope, roleDefinitionId }) => {
        const role =
          builtIn(roleDefinitionId) ??
          this.roleDefinitions.find(({ name }) => roleDefinitionId.endsWith(`/${name}`))
        const { actions = [], notActions = [], dataActions = [] } = role ?? {}
        return role ? [{ scope, actions, notActions, dataActions }] : []
      })
    if (principalId === IDS.otherLoginPrincipalId) return [...this.otherAssignments, ...assigned]
    return principalId === IDS.deployerPrincipalId ? [...this.assignments, ...assigned] : assigned
  }

  /** An identity is in the tenant of its subscription. */
  tenantOf({ subscriptionId }: Pick<Identity, 'subscriptionId'>): string {
    return (
      this.subscriptions.find((one) => one.subscriptionId === subscriptionId)?.tenantId ?? IDS.otherTenantId
    )
  }

  /** A service principal in Entra, of either tenant. Every request looks for one of many, so only that one is made. */
  principal(by: 'clientId' | 'principalId', id: unknown): Principal | undefined {
    const logins: Principal[] = [
      {
        clientId: IDS.deployerClientId,
        principalId: IDS.deployerPrincipalId,
        displayName: 'deployer',
        tenantId: IDS.tenantId,
        createdAt: 0,
        trusts: this.deployerTrusts
      },
      {
        clientId: IDS.otherLoginClientId,
        principalId: IDS.otherLoginPrincipalId,
        displayName: 'deployer of identities',
        tenantId: IDS.otherTenantId,
        createdAt: 0,
        trusts: this.otherLoginTrusts
      }
    ]
    const login = logins.find((one) => one[by] === id)
    if (login) return login
    const found = this.identities.find((one) => one[by] === id)
    if (found) {
      const { name: displayName, credentials, ...identity } = found
      return { ...identity, displayName, tenantId: this.tenantOf(found), trusts: [...credentials.values()] }
    }
    for (const { appId: clientId, displayName, tenantId, servicePrincipal, credentials } of this
      .applications) {
      const { id: principalId, createdAt } = servicePrincipal ?? {}
      if (principalId === undefined || createdAt === undefined || { clientId, principalId }[by] !== id)
        continue
      return { clientId, principalId, displayName, tenantId, createdAt, trusts: [...credentials.values()] }
    }
    return undefined
  }
}

/** Not structuredClone, whose copies have the prototypes of another realm in a test. */
function copied<T>(value: T): T {
  const copy = (one: unknown): unknown => {
    if (Array.isArray(one)) return one.map(copy)
    if (one instanceof Map) return new Map([...one].map(([key, inner]) => [key, copy(inner)]))
    if (one instanceof Set) return new Set([...one].map(copy))
    if (typeof one !== 'object' || one === null) return one
    return Object.fromEntries(Object.entries(one).map(([key, inner]) => [key, copy(inner)]))
  }
  return copy(value) as T
}

/** @param tenantId of the organization, and so of every principal in it */
export function legacyDescriptorOf(principalId: string, tenantId: string): string {
  return `Microsoft.VisualStudio.Services.Claims.AadServicePrincipal;${tenantId}\\${principalId}`
}

export function identityOf(state: AzureState): Identity {
  const [first] = state.identities
  if (!first) throw new RangeError('this defect needs a managed identity; there is none yet')
  return first
}

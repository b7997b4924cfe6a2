/** Mistakes and outages in Azure. Those that need a managed identity use the first one. */
import { randomUUID } from 'node:crypto'
import { DEVOPS_DEFECTS } from './devops-defects.ts'
import { LOGIN_DEFECTS } from './login-defects.ts'
import { EXCHANGE_DEFECTS } from './exchange-refusals.ts'
import type { Organization } from './organization.ts'
import { REGISTRY_DEFECTS } from './registry-defects.ts'
import { connect } from './connected-clusters.ts'
import { connectToOtherTenant } from './tenants.ts'
import { IDS, identityOf, type AzureState, type CommandFate, type FederatedCredential } from './state.ts'

const SUBSCRIPTION = `/subscriptions/${IDS.subscriptionId}`
const GROUP = `${SUBSCRIPTION}/resourceGroups/${IDS.resourceGroup}`

type Defect = (state: AzureState) => void

export const AZURE_DEFECTS: Readonly<Record<string, Defect>> = {
  ...EXCHANGE_DEFECTS,
  ...of('', ({ organizations: [first] }) => first),
  ...of('second-', ({ organizations: [, second] }) => second),
  ...LOGIN_DEFECTS,
  ...REGISTRY_DEFECTS,
  'credential-subject': credential(({ subject, ...rest }) => ({
    ...rest,
    subject: subject.replace(/:[^:]+:([^:]+)$/, ':default:$1')
  })),
  'credential-subject-case': credential(({ subject, ...rest }) => ({
    ...rest,
    subject: subject.toUpperCase()
  })),
  'credential-issuer-slash': credential(({ issuer, ...rest }) => ({
    ...rest,
    issuer: issuer.replace(/\/$/, '')
  })),
  'credential-issuer-other': credential((one) => ({
    ...one,
    issuer: `https://westeurope.oic.prod-aks.azure.com/${IDS.tenantId}/${randomUUID()}/`
  })),
  'credential-audience': credential((one) => ({ ...one, audience: 'api://AzureADTokenExchangeChina' })),
  'credential-named-by-hand': (state) => {
    const { credentials } = identityOf(state)
    const all = [...credentials.values()]
    credentials.clear()
    for (const one of all) credentials.set('by-hand', { ...one, name: 'by-hand' })
  },
  'credential-deleted': (state) => {
    identityOf(state).credentials.clear()
  },
  'credentials-full': (state) => {
    const { credentials } = identityOf(state)
    credentials.clear()
    for (let count = 1; count <= 20; count += 1) {
      const name = `cluster-${count}`
      credentials.set(name, {
        name,
        issuer: `https://issuer.example/${count}/`,
        subject: 'system:serviceaccount:a:b',
        audience: 'api://AzureADTokenExchange',
        writtenAt: 0
      })
    }
  },
  'credential-on-another-identity': (state) => {
    const { credentials, ...rest } = identityOf(state)
    const other = { ...rest, name: 'id-other', clientId: randomUUID(), principalId: randomUUID() }
    state.identities.push({ ...other, credentials: new Map(credentials) })
    credentials.clear()
  },
  'identity-deleted': (state) => {
    state.identities.splice(0, 1)
  },
  'identity-untagged': (state) => {
    state.identities[0] = { ...identityOf(state), tags: { team: 'platform' } }
  },
  'identity-tagged': (state) => {
    const { tags } = identityOf(state)
    identityOf(state).tags = { ...tags, environment: 'production', COSTCENTER: '0815' }
  },
  'identity-shared': (state) => {
    identityOf(state).credentials.set('another-cluster', {
      name: 'another-cluster',
      issuer: 'https://issuer.example/another/',
      subject: 'system:serviceaccount:argocd:argocd-repo-server',
      audience: 'api://AzureADTokenExchange',
      writtenAt: 0
    })
  },
  'identity-recreated': (state) => {
    const { name, ...rest } = identityOf(state)
    state.identities[0] = {
      ...rest,
      name,
      clientId: randomUUID(),
      principalId: randomUUID(),
      credentials: new Map()
    }
  },
  'issuer-disabled': cluster({ oidcIssuerProfile: { enabled: false } }),
  'workload-identity-disabled': cluster({
    securityProfile: { imageCleaner: { enabled: true, intervalHours: 168 } }
  }),
  'cluster-busy': (state) => {
    state.clusterBusyUntil = Date.now() + 1_500
  },
  'cluster-deleted': (state) => {
    state.cluster = undefined
  },
  'provider-unregistered': (state) => {
    state.registeredAt.set('microsoft.kubernetesconfiguration', Infinity)
  },
  /** The cluster also loses its nodes. */
  'small-cluster': cluster({
    agentPoolProfiles: [
      { name: 'system', count: 3, vmSize: 'Standard_D4ds_v5', mode: 'System', osType: 'Linux' }
    ]
  }),
  /** Settings of versions before 1.0, which this one accepts and ignores; its own are gone. */
  'extension-keys-old': (state) => {
    const found = state.extensions.get('argocd')
    if (!found) throw new RangeError('this defect needs the extension')
    const { settings } = found
    const others = Object.entries(settings).filter(([key]) => !key.startsWith('azure.workloadIdentity.'))
    const old = {
      'workloadIdentity.enable': 'true',
      'workloadIdentity.clientId': settings['azure.workloadIdentity.clientId'] ?? ''
    }
    state.extensions.set('argocd', { ...found, settings: { ...Object.fromEntries(others), ...old } })
  },
  'extension-failed': (state) => {
    const found = state.extensions.get('argocd')
    if (!found) throw new RangeError('this defect needs the extension')
    state.extensions.set('argocd', { ...found, provisioningState: 'Failed' })
  },
  'extension-install': extension('1.0.3', 'Stable'),
  'extension-0-0-install': extension('0.0.7-preview', 'Preview'),
  'extension-deaf': extension('1.0.3', 'Stable'),
  'arm-reader-only': (state) => {
    const actions = ['*/read', 'Microsoft.ContainerService/managedClusters/listClusterUserCredential/action']
    state.assignments = [{ scope: SUBSCRIPTION, actions }]
  },
  'arm-no-user-credential': (state) => {
    const notActions = ['Microsoft.ContainerService/managedClusters/listClusterUserCredential/action']
    state.assignments = [{ scope: SUBSCRIPTION, actions: ['*'], notActions }]
  },
  'arm-no-operations': (state) => {
    state.assignments = [{ scope: SUBSCRIPTION, actions: ['*'], notActions: ['*/operations/read'] }]
  },
  'arm-lists-filtered': (state) => {
    state.partialLists = 'filtered'
  },
  'group-locked': (state) => {
    state.locks = [{ scope: GROUP, level: 'ReadOnly' }]
  },
  'group-delete-locked': (state) => {
    state.locks = [{ scope: GROUP, level: 'CanNotDelete' }]
  },
  'identity-locked': (state) => {
    const { name } = identityOf(state)
    const scope = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`
    state.locks = [{ scope, level: 'ReadOnly' }]
  },
  'tag-required': (state) => {
    state.requiredTags = ['costCenter']
  },
  /** Its network, its workspace and its identity are somebody else's. */
  'cluster-linked': (state) => {
    const { cluster: found } = state
    if (!found) return
    const shared = `${SUBSCRIPTION}/resourceGroups/rg-shared/providers`
    const subnet = `${shared}/Microsoft.Network/virtualNetworks/hub/subnets/aks`
    const pools = found.properties['agentPoolProfiles'] as object[]
    const own = `${shared}/Microsoft.ManagedIdentity/userAssignedIdentities/id-aks`
    const identity = { type: 'UserAssigned', userAssignedIdentities: { [own]: {} } }
    const workspace = `${shared}/Microsoft.OperationalInsights/workspaces/logs`
    const monitoring = { enabled: true, config: { logAnalyticsWorkspaceResourceID: workspace } }
    state.cluster = {
      ...found,
      identity,
      properties: {
        ...found.properties,
        agentPoolProfiles: pools.map((pool) => ({ ...pool, vnetSubnetID: subnet })),
        addonProfiles: { omsagent: monitoring, azurepolicy: { enabled: true, config: null } }
      }
    }
  },
  'private-cluster': cluster({ apiServerAccessProfile: { enablePrivateCluster: true } }),
  'authorized-ranges': cluster({ apiServerAccessProfile: { authorizedIPRanges: ['203.0.113.0/24'] } }),
  'api-server-unreachable': (state) => {
    state.apiServerReachable = false
  },
  /** Its API server has no address outside of its network. */
  'no-route': (state) => {
    cluster({ apiServerAccessProfile: { enablePrivateCluster: true } })(state)
    state.apiServerReachable = false
  },
  'run-command-disabled': cluster({
    apiServerAccessProfile: { enablePrivateCluster: true, disableRunCommand: true }
  }),
  'run-command-not-started': commands('not-started'),
  'run-command-image': commands('image'),
  'run-command-expires': commands('expires'),
  'run-command-cut': commands('cut'),
  'run-command-never-ends': commands('never-ends'),
  /** The identity has to be in the tenant of the organization, and the cluster is in another. */
  'two-tenants': ({ organizations: [first] }) => {
    connectToOtherTenant(first)
  },
  'arc-cluster': connect,
  'arc-features-off': (state) => {
    connect(state)
    state.connected = { issuer: false, workloadIdentity: false }
  },
  'entra-down': (state) => {
    state.entraDown = true
  }
}

function credential(change: (credential: FederatedCredential) => FederatedCredential): Defect {
  return (state) => {
    const { credentials } = identityOf(state)
    for (const [name, one] of credentials) credentials.set(name, { ...change(one), writtenAt: 0 })
  }
}

function commands(fate: CommandFate): Defect {
  return (state) => {
    state.commandFate = fate
  }
}

function cluster(properties: Readonly<Record<string, unknown>>): Defect {
  return (state) => {
    if (state.cluster) Object.assign(state.cluster.properties, properties)
  }
}

/** The extension in ARM; the defect's other half installs Argo CD in the cluster. */
function extension(version: string, releaseTrain: string): Defect {
  return (state) => {
    state.extensions.set('argocd', {
      name: 'argocd',
      extensionType: 'microsoft.argocd',
      namespace: 'argocd',
      autoUpgradeMinorVersion: releaseTrain === 'Stable',
      releaseTrain,
      version,
      settings: { 'redis-ha.enabled': 'false' },
      provisioningState: 'Succeeded',
      createdAt: 0,
      error: undefined
    })
  }
}

/** The defects of an organization, by names that begin with this. */
function of(
  begin: string,
  organization: (state: AzureState) => Organization | undefined
): Record<string, Defect> {
  return Object.fromEntries(
    Object.entries(DEVOPS_DEFECTS).map(([name, defect]): [string, Defect] => [
      `${begin}${name}`,
      (state) => {
        const found = organization(state)
        if (found) defect(found, state)
      }
    ])
  )
}

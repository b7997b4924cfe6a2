/** An AKS cluster as ARM shows it, in order. */
import { randomUUID } from 'node:crypto'
import { CLUSTER_ID, IDS, type ManagedCluster } from './state.ts'

export function newCluster(): ManagedCluster {
  return {
    id: CLUSTER_ID,
    name: IDS.cluster,
    location: IDS.location,
    type: 'Microsoft.ContainerService/ManagedClusters',
    tags: { team: 'platform' },
    sku: { name: 'Base', tier: 'Standard' },
    eTag: randomUUID(),
    identity: {
      type: 'SystemAssigned',
      principalId: '0c1d2e3f-4a5b-4c6d-8e7f-901a2b3c4d08',
      tenantId: IDS.tenantId
    },
    properties: {
      powerState: { code: 'Running' },
      kubernetesVersion: '1.34',
      currentKubernetesVersion: '1.34.2',
      dnsPrefix: 'gitops',
      fqdn: 'gitops-1a2b3c4d.hcp.westeurope.azmk8s.io',
      nodeResourceGroup: 'MC_rg-gitops_aks-gitops_westeurope',
      enableRBAC: true,
      servicePrincipalProfile: { clientId: 'msi' },
      disableLocalAccounts: true,
      aadProfile: { managed: true, enableAzureRBAC: false, adminGroupObjectIDs: [], tenantID: IDS.tenantId },
      agentPoolProfiles: [
        {
          name: 'system',
          count: 3,
          vmSize: 'Standard_D4ds_v5',
          mode: 'System',
          osType: 'Linux',
          powerState: { code: 'Running' }
        },
        {
          name: 'apps',
          count: 4,
          vmSize: 'Standard_D8ds_v5',
          mode: 'User',
          osType: 'Linux',
          powerState: { code: 'Running' }
        }
      ],
      networkProfile: { networkPlugin: 'azure', networkPluginMode: 'overlay', podCidr: '10.244.0.0/16' },
      oidcIssuerProfile: { enabled: true },
      securityProfile: {
        workloadIdentity: { enabled: true },
        imageCleaner: { enabled: true, intervalHours: 168 }
      },
      // A property that no current SDK knows: it must survive a write.
      aPropertyOfTomorrow: { kept: true }
    }
  }
}

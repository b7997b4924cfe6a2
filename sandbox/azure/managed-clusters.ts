/** Microsoft.ContainerService/managedClusters: full PUT only, eTags, one operation at a time, long operations. */
import { randomUUID } from 'node:crypto'
import { stringify } from 'yaml'
import type { Answer, Call, Route } from '../wire.ts'
import type { ClusterAccess } from '../world.ts'
import type { ArmContext } from './arm-context.ts'
import { armError } from './arm-error.ts'
import type { Link } from './assignments.ts'
import { keptOf, present } from './kept-clusters.ts'
import { CLUSTER_ID, IDS, type ManagedCluster } from './state.ts'

const TYPE = 'Microsoft.ContainerService/managedClusters'
const ONE =
  '/subscriptions/:subscription/:groups(resource[gG]roups)/:group/providers/Microsoft.ContainerService/managedClusters/:name'
/** An address without a server, like an API server in a network that the caller cannot reach. */
const NOWHERE = 'https://localhost:9'
/** Duration of an update of the twin's cluster, in ms. */
const UPDATE = 400

export function clusterRoutes(context: ArmContext): Route[] {
  const { guarded, guardedList, state } = context
  const listed = (call: Call): Answer => ({ status: 200, body: { value: present(context, call) } })
  const get = (call: Call): Answer => {
    const found = present(context, call).find(
      ({ name }) => name.toLowerCase() === call.params['name']?.toLowerCase()
    )
    return found ? { status: 200, body: found } : notFound(call.url)
  }
  const patch = async (call: Call): Promise<Answer> => {
    const kept = keptOf(context, call)
    if (!kept) return notFound(call.url)
    const { tags } = ((await call.json()) ?? {}) as { tags?: unknown }
    kept.resource = { ...kept.resource, tags, eTag: randomUUID() }
    return get(call)
  }
  const credentials =
    (format: 'user' | 'admin') =>
    (call: Call): Answer => {
      const kept = keptOf(context, call)
      if (!kept) return notFound(call.url)
      if (format === 'admin') {
        return armError(
          400,
          'BadRequest',
          "Getting static credential isn't allowed because this cluster is set to disable local accounts."
        )
      }
      const { server, ca } = kept.access
      const place = kept.reachable ? server : NOWHERE
      const value = Buffer.from(kubeconfigOf({ server: place, ca })).toString('base64')
      return { status: 200, body: { kubeconfigs: [{ name: 'clusterUser', value }] } }
    }
  const operation = ({ params }: Call): Answer => {
    const { clusterBusyUntil, furtherClusters } = state()
    const busy = [clusterBusyUntil, ...furtherClusters.map(({ busyUntil }) => busyUntil)].some(
      (until) => Date.now() < until
    )
    return {
      status: 200,
      headers: { 'retry-after': '1' },
      body: {
        id: `${CLUSTER_ID}/operations/${params['id'] ?? ''}`,
        name: params['id'],
        status: busy ? 'InProgress' : 'Succeeded',
        startTime: new Date().toISOString()
      }
    }
  }
  return [
    [
      'GET',
      `/subscriptions/:subscription/providers/${TYPE}`,
      guardedList(`${TYPE}/read`, (call) => present(context, call))
    ],
    [
      'GET',
      `/subscriptions/:subscription/:groups(resource[gG]roups)/:group/providers/${TYPE}`,
      guarded(`${TYPE}/read`, listed)
    ],
    ['GET', ONE, guarded(`${TYPE}/read`, get)],
    ['PUT', ONE, guarded(`${TYPE}/write`, (call) => put(call, context))],
    ['PATCH', ONE, guarded(`${TYPE}/write`, patch)],
    [
      'POST',
      `${ONE}/listClusterUserCredential`,
      guarded(`${TYPE}/listClusterUserCredential/action`, credentials('user'))
    ],
    [
      'POST',
      `${ONE}/listClusterAdminCredential`,
      guarded(`${TYPE}/listClusterAdminCredential/action`, credentials('admin'))
    ],
    [
      'GET',
      '/subscriptions/:subscription/providers/Microsoft.ContainerService/locations/:location/operations/:id',
      guarded('Microsoft.ContainerService/locations/operations/read', operation)
    ]
  ]
}

async function put(call: Call, context: ArmContext): Promise<Answer> {
  const { base, callerOf, linked } = context
  const kept = keptOf(context, call)
  if (!kept) return notFound(call.url)
  const { resource: found } = kept
  if (Date.now() < kept.busyUntil) {
    return armError(
      409,
      'OperationNotAllowed',
      'Operation is not allowed: Another operation (Updating) is in progress, please wait for it to finish before starting a new operation. See https://aka.ms/aks-pending-operation for more details'
    )
  }
  const expected = call.headers['if-match']
  if (expected !== undefined && expected !== found.eTag) {
    return armError(412, 'PreconditionFailed', `The etag ${expected} does not match that of the resource.`)
  }
  const body = (await call.json()) as ManagedCluster | undefined
  if (body?.location === undefined)
    return armError(400, 'LocationRequired', 'The location property is required for this definition.')
  const { oidcIssuerProfile } = body.properties as { oidcIssuerProfile?: { enabled?: boolean } }
  const before = found.properties['oidcIssuerProfile'] as { enabled?: boolean } | undefined
  if (before?.enabled === true && oidcIssuerProfile?.enabled !== true) {
    return armError(
      400,
      'OIDCIssuerFeatureCannotBeDisabled',
      'The OIDC issuer feature cannot be disabled once it is enabled.'
    )
  }
  const caller = await callerOf(call)
  const refused = caller && linked(caller, `${TYPE}/write`, found.id, linksOf(body))
  if (refused) return refused
  // A full replacement: properties that the body omits are removed.
  kept.resource = { ...body, id: found.id, name: found.name, eTag: randomUUID() }
  kept.busyUntil = Date.now() + UPDATE
  const link = `${base()}/subscriptions/${call.params['subscription'] ?? ''}/providers/Microsoft.ContainerService/locations/${found.location}/operations/${randomUUID()}?api-version=2025-10-01`
  return { status: 200, headers: { 'azure-asyncoperation': link, 'retry-after': '1' }, body: kept.resource }
}

/** Other resources in the body: the writer needs permission to use them, even if they do not change. */
function linksOf({ properties, identity }: ManagedCluster): Link[] {
  const { agentPoolProfiles = [], addonProfiles = {}, apiServerAccessProfile } = properties as Linking
  const subnets = [
    ...agentPoolProfiles.flatMap(({ vnetSubnetID, podSubnetID }) => [vnetSubnetID, podSubnetID]),
    apiServerAccessProfile?.subnetId
  ]
  const workspaces = Object.values(addonProfiles)
    .filter(({ enabled }) => enabled)
    .map(({ config }) => config?.['logAnalyticsWorkspaceResourceID'])
  const identities = Object.keys(
    (identity as { userAssignedIdentities?: object } | undefined)?.userAssignedIdentities ?? {}
  )
  const each = (action: string, scopes: readonly (string | undefined)[]): Link[] =>
    [...new Set(scopes)].flatMap((scope) => (scope === undefined ? [] : [{ action, scope }]))
  return [
    ...each('Microsoft.Network/virtualNetworks/subnets/join/action', subnets),
    ...each('Microsoft.OperationalInsights/workspaces/sharedkeys/read', workspaces),
    ...each('Microsoft.ManagedIdentity/userAssignedIdentities/assign/action', identities)
  ]
}

interface Linking {
  readonly agentPoolProfiles?: readonly { readonly vnetSubnetID?: string; readonly podSubnetID?: string }[]
  readonly addonProfiles?: Readonly<
    Record<string, { readonly enabled?: boolean; readonly config?: Readonly<Record<string, string>> }>
  >
  readonly apiServerAccessProfile?: { readonly subnetId?: string }
}

/** Whether the cluster publishes its issuer, and runs the webhook of workload identity. */
export function featuresOf(
  cluster: ManagedCluster | undefined
): Record<'issuer' | 'workloadIdentity', boolean> {
  if (!cluster) return { issuer: true, workloadIdentity: true }
  const { oidcIssuerProfile, securityProfile } = cluster.properties as {
    oidcIssuerProfile?: { enabled?: boolean }
    securityProfile?: { workloadIdentity?: { enabled?: boolean } }
  }
  return {
    issuer: oidcIssuerProfile?.enabled === true,
    workloadIdentity: securityProfile?.workloadIdentity?.enabled === true
  }
}

/** The user credential of a cluster with Entra: it names kubelogin and contains no secret. */
function kubeconfigOf({ server, ca }: Pick<ClusterAccess, 'server' | 'ca'>): string {
  const user = `clusterUser_${IDS.resourceGroup}_${IDS.cluster}`
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: IDS.cluster,
        cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') }
      }
    ],
    contexts: [{ name: IDS.cluster, context: { cluster: IDS.cluster, user } }],
    'current-context': IDS.cluster,
    users: [
      {
        name: user,
        user: {
          exec: {
            apiVersion: 'client.authentication.k8s.io/v1beta1',
            command: 'kubelogin',
            args: [
              'get-token',
              '--environment',
              'AzurePublicCloud',
              '--server-id',
              '6dae42f8-4368-4678-94ff-3960e28e3630',
              '--client-id',
              '80faf920-1908-4b52-b5ef-a8e7bedfc67a',
              '--tenant-id',
              IDS.tenantId,
              '--login',
              'devicecode'
            ],
            env: null,
            provideClusterInfo: false
          }
        }
      }
    ]
  })
}

function notFound(url: URL): Answer {
  return armError(
    404,
    'ResourceNotFound',
    `The Resource '${url.pathname}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`
  )
}

/** Combines the inputs about the cluster and its location in Azure; contradictions are faults. */
import type { AzurePlace } from './desired.ts'
import type { Fault, Values } from './inputs.ts'
import { GUID, RESOURCE_GROUP } from './patterns.ts'
import type { InputName } from './table.ts'
import { input } from '../core/input-name.ts'

const CLUSTER_ID =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.ContainerService\/managedClusters\/([^/]+)\/?$/i
const CONNECTED_ID =
  /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.Kubernetes\/connectedClusters\/([^/]+)\/?$/i
const CLUSTER_NAME = /^[a-z0-9](?:[\w-]{0,61}[a-z0-9])?$/i

interface NamedCluster {
  readonly name: string
  readonly resourceGroup?: string
  readonly subscriptionId?: string
  /** By Azure Arc. */
  readonly connected?: true
}

export function parseCluster(
  { cluster: text, 'oidc-issuer-url': issuerUrl }: Values,
  fault: Fault
): NamedCluster | undefined {
  // A missing cluster is a fault already.
  if (text === undefined || text === '') return undefined
  if (!text.includes('/')) {
    if (CLUSTER_NAME.test(text)) return { name: text }
    const remedy = 'Give the name or the resource id of the AKS cluster.'
    fault('cluster', `"${text}" is not a valid name of an AKS cluster.`, remedy)
    return undefined
  }
  const connected = CONNECTED_ID.exec(text)
  const [, subscriptionId = '', resourceGroup = '', name = ''] = connected ?? CLUSTER_ID.exec(text) ?? []
  const isId =
    issuerUrl === undefined &&
    GUID.test(subscriptionId) &&
    RESOURCE_GROUP.test(resourceGroup) &&
    CLUSTER_NAME.test(name)
  if (isId) return { name, resourceGroup, subscriptionId, ...(connected && { connected: true }) }
  fault(
    'cluster',
    'This is not the resource id of an AKS cluster.',
    'Expected /subscriptions/<id>/resourceGroups/<group>/providers/Microsoft.ContainerService/managedClusters/<name>.'
  )
  return undefined
}

/** The resource group or subscription, from its own input or from the cluster id; if both are given they must agree. */
export function mergeWithId(
  input: 'resource-group' | 'subscription-id',
  value: string | undefined,
  fromId: string | undefined,
  fault: Fault
): string | undefined {
  if (value !== undefined && fromId !== undefined && value.toLowerCase() !== fromId.toLowerCase()) {
    const what = input === 'resource-group' ? 'resource group' : 'subscription'
    fault(input, `It differs from the ${what} in the cluster id.`, 'Leave it out.')
  }
  return value ?? fromId
}

export function refuseOtherSubscription(
  connected: string | undefined,
  requested: string | undefined,
  fromId: string | undefined,
  fault: Fault
): void {
  if (connected === undefined || requested === undefined) return
  if (connected.toLowerCase() === requested.toLowerCase()) return
  fault(
    fromId === undefined ? 'subscription-id' : 'cluster',
    `It names the subscription ${requested}, but the service connection is for ${connected}.`,
    `Set ${input('azure-subscription')} to a service connection for ${requested}, or correct it.`
  )
}

export function subscriptionFromEnvironment(environment: NodeJS.ProcessEnv): string | undefined {
  const value = environment['AZURE_SUBSCRIPTION_ID']?.trim() ?? ''
  return GUID.test(value) ? value : undefined
}

export function isComplete(place: { [K in keyof AzurePlace]: string | undefined }): place is AzurePlace {
  return Object.values(place).every((value) => value !== undefined)
}

export function requireLocation(
  known: { [K in keyof AzurePlace | 'kubeconfig']: string | undefined },
  isAbsent: (name: InputName) => boolean,
  fault: Fault
): void {
  const needed = [
    ['kubeconfig', known.kubeconfig],
    ['subscription-id', known.subscriptionId],
    ['identity-resource-group', known.resourceGroup],
    ['location', known.location]
  ] as const
  // An input that was given and refused has its fault already.
  for (const [name] of needed.filter(([name, value]) => value === undefined && isAbsent(name)))
    fault(name, `For a cluster given by ${input('oidc-issuer-url')} it cannot be derived.`, `Give ${name}.`)
}

/** Azure runs commands in AKS clusters only; a migration would put credentials into commands that Azure keeps. */
export function refuseCommands(values: Values, isAks: boolean, fault: Fault): void {
  if (values['cluster-access'] !== 'run-command') return
  if (!isAks || values.kubeconfig !== undefined)
    fault(
      'cluster-access',
      `Azure runs commands only in an AKS cluster, to which it brings the login itself.`,
      isAks ? `Leave out ${input('kubeconfig')} or this.` : 'Choose auto or direct.'
    )
  if (values.mode === 'migrate' || values.mode === 'rollback')
    fault(
      'cluster-access',
      `${values.mode} moves credentials, and Azure keeps commands and what they print.`,
      `Run it on a runner that reaches the API server, with ${input('cluster-access', 'direct')}.`
    )
}

/** Azure Arc gives no direct way to the API server, and needs whoever runs the cluster to turn features on. */
export function refuseForConnected(
  { kubeconfig, 'configure-cluster': configure }: Pick<Values, 'kubeconfig' | 'configure-cluster'>,
  isAbsent: (name: InputName) => boolean,
  fault: Fault
): void {
  if (kubeconfig === undefined && isAbsent('kubeconfig'))
    fault(
      'kubeconfig',
      'It is needed for a cluster that Azure Arc connects: Arc gives no direct way to the API server.',
      'Give the path of a kubeconfig with a bound token of a service account.'
    )
  if (configure)
    fault(
      'configure-cluster',
      'The issuer of a connected cluster also needs flags of its API server.',
      'Leave it out: where the issuer is off, the run names the command that turns it on.'
    )
}

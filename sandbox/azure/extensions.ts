/**
 * Microsoft.KubernetesConfiguration/extensions: PUT replaces, PATCH merges settings. Both are long operations that the
 * agent in the cluster performs. Settings are not checked: an unknown key is accepted and has no effect.
 */
import { randomUUID } from 'node:crypto'
import type { Answer, Call, Handler, Route } from '../wire.ts'
import type { ArmContext } from './arm-context.ts'
import { armError } from './arm-error.ts'
import { unregistered } from './providers.ts'
import { CONNECTED_NAME } from './connected-clusters.ts'
import type { AzureState, Extension, ExtensionOperation } from './state.ts'

const PROVIDER = 'Microsoft.KubernetesConfiguration'
const TYPE = `${PROVIDER}/extensions`
const ALL = `/subscriptions/:subscription/:groups(resource[gG]roups)/:group/providers/:provider(Microsoft.ContainerService|Microsoft.Kubernetes)/:type(managedClusters|connectedClusters)/:cluster/providers/${TYPE}`
const ONE = `${ALL}/:name`
const PATCHABLE = [
  'autoUpgradeMode',
  'autoUpgradeMinorVersion',
  'releaseTrain',
  'version',
  'configurationSettings',
  'configurationProtectedSettings'
]
/** The current version of each release train. */
const LATEST = '1.0.3'

interface Properties {
  readonly extensionType?: string
  readonly autoUpgradeMinorVersion?: boolean
  readonly releaseTrain?: string
  readonly version?: string
  readonly scope?: { readonly cluster?: { readonly releaseNamespace?: string } }
  readonly configurationSettings?: Readonly<Record<string, string>>
}

export function extensionRoutes(context: ArmContext): Route[] {
  const { guarded, state } = context
  const found = ({ params }: Call): Extension | undefined =>
    state().extensions.get(params['name']?.toLowerCase() ?? '')
  /** Before the provider is registered nothing of its types can be read either (microsoft/vscode-apimanagement#466). */
  const onCluster =
    (handler: Handler): Handler =>
    (call) =>
      isHere(call.params, state()) ? (unregistered(state(), PROVIDER) ?? handler(call)) : missing(call)
  const list = (call: Call): Answer => ({
    status: 200,
    body: { value: [...state().extensions.values()].map((one) => resourceOf(one, call)), nextLink: null }
  })
  const get = (call: Call): Answer => {
    const extension = found(call)
    return extension ? { status: 200, body: resourceOf(extension, call) } : missing(call)
  }
  const operation = (call: Call): Answer => {
    const one = state().operations.get(call.params['operation'] ?? '')
    if (!one) return missing(call)
    const { status, error } = one
    return {
      status: 200,
      headers: status === 'InProgress' ? { 'retry-after': '1' } : {},
      body: {
        id: call.url.pathname,
        name: call.params['operation'],
        status,
        properties: {},
        error: error === undefined ? null : { code: 'ExtensionOperationFailed', message: error }
      }
    }
  }
  return [
    ['GET', ALL, guarded(`${TYPE}/read`, onCluster(list))],
    ['GET', ONE, guarded(`${TYPE}/read`, onCluster(get))],
    [
      'PUT',
      ONE,
      guarded(
        `${TYPE}/write`,
        onCluster((call) => put(call, found(call), context))
      )
    ],
    [
      'PATCH',
      ONE,
      guarded(
        `${TYPE}/write`,
        onCluster((call) => patch(call, found(call), context))
      )
    ],
    [
      'DELETE',
      ONE,
      guarded(
        `${TYPE}/delete`,
        onCluster((call) => remove(call, found(call), context))
      )
    ],
    ['GET', `${ONE}/operations/:operation`, guarded(`${TYPE}/operations/read`, onCluster(operation))]
  ]
}

/** Whether the cluster in the path is the one that there is, as AKS or as Azure Arc knows it. */
function isHere({ type, cluster }: Call['params'], state: AzureState): boolean {
  const name = cluster?.toLowerCase()
  if (type?.toLowerCase() === 'connectedclusters')
    return state.connected !== undefined && name === CONNECTED_NAME
  return state.cluster !== undefined && name === state.cluster.name
}

async function put(call: Call, found: Extension | undefined, context: ArmContext): Promise<Answer> {
  const { state } = context
  const { properties = {} } = ((await call.json()) ?? {}) as { properties?: Properties }
  const { extensionType, autoUpgradeMinorVersion = true, version } = properties
  if (extensionType?.toLowerCase() !== 'microsoft.argocd') {
    const text = `The extension type '${extensionType ?? ''}' is not available for this cluster.`
    return armError(400, 'ExtensionTypeRegistrationGetFailed', text)
  }
  const wrong = notText(properties)
  if (wrong) return wrong
  if (autoUpgradeMinorVersion && version !== undefined) {
    const text = 'version cannot be set when autoUpgradeMinorVersion is true.'
    return armError(400, 'BadRequest', text)
  }
  const extension: Extension = {
    name: call.params['name']?.toLowerCase() ?? '',
    extensionType: 'microsoft.argocd',
    namespace: properties.scope?.cluster?.releaseNamespace ?? 'argocd',
    autoUpgradeMinorVersion,
    releaseTrain: properties.releaseTrain ?? 'Stable',
    version: version ?? found?.version ?? LATEST,
    settings: { ...properties.configurationSettings },
    provisioningState: found ? 'Updating' : 'Creating',
    createdAt: found?.createdAt ?? Date.now(),
    error: undefined
  }
  state().extensions.set(extension.name, extension)
  return begun(call, extension, found ? 200 : 201, context)
}

async function patch(call: Call, found: Extension | undefined, context: ArmContext): Promise<Answer> {
  if (!found) return missing(call)
  const { properties = {} } = ((await call.json()) ?? {}) as { properties?: Properties }
  const fixed = Object.keys(properties).find((key) => !PATCHABLE.includes(key))
  if (fixed !== undefined)
    return armError(400, 'BadRequest', `Could not find member '${fixed}' on object of type 'PatchExtension'.`)
  const wrong = notText(properties)
  if (wrong) return wrong
  if (found.provisioningState !== 'Succeeded' && found.provisioningState !== 'Failed') {
    const text = `Cannot update the extension '${found.name}': another operation is in progress.`
    return armError(409, 'Conflict', text)
  }
  const settings = { ...found.settings, ...properties.configurationSettings }
  const { autoUpgradeMinorVersion, releaseTrain, version } = { ...found, ...properties }
  const next = { ...found, settings, autoUpgradeMinorVersion, releaseTrain, version }
  if (JSON.stringify(next) === JSON.stringify(found)) return { status: 200, body: resourceOf(found, call) }
  const extension: Extension = { ...next, provisioningState: 'Updating', error: undefined }
  context.state().extensions.set(found.name, extension)
  return begun(call, extension, 202, context)
}

function remove(call: Call, found: Extension | undefined, context: ArmContext): Answer {
  if (!found) return { status: 204 }
  const { extensions } = context.state()
  context.cluster().extensions.remove(found.namespace)
  extensions.delete(found.name)
  const operation = operationOf(context, { status: 'Succeeded' })
  return { status: 202, headers: linksOf(call, found.name, operation, context) }
}

/** The operation runs in the cluster; a reset of the twin in the meantime makes it void. */
function begun(call: Call, extension: Extension, status: number, context: ArmContext): Answer {
  const state = context.state()
  const operation: ExtensionOperation = { status: 'InProgress' }
  const id = operationOf(context, operation)
  void context
    .cluster()
    .extensions.roll(extension)
    .then((error) => {
      const provisioningState = error === undefined ? 'Succeeded' : 'Failed'
      Object.assign(operation, { status: provisioningState, ...(error === undefined ? {} : { error }) })
      if (state.extensions.get(extension.name) === extension)
        state.extensions.set(extension.name, { ...extension, provisioningState, error })
    })
  return { status, headers: linksOf(call, extension.name, id, context), body: resourceOf(extension, call) }
}

function operationOf({ state }: ArmContext, operation: ExtensionOperation): string {
  const id = randomUUID()
  state().operations.set(id, operation)
  return id
}

function linksOf(call: Call, name: string, operation: string, { base }: ArmContext): Record<string, string> {
  const link = `${base()}${idOf(name, call)}/operations/${operation}?api-version=${call.url.searchParams.get('api-version') ?? ''}`
  return {
    'azure-asyncoperation': link,
    'operation-location': link,
    'x-ms-async-operation-timeout': 'PT48H'
  }
}

function notText({ configurationSettings = {} }: Properties): Answer | undefined {
  const wrong = Object.entries(configurationSettings).find(([, value]) => typeof value !== 'string')
  if (!wrong) return undefined
  const text = `The value of configurationSettings.${wrong[0]} is invalid: a string was expected.`
  return armError(400, 'InvalidRequestContent', text)
}

function resourceOf(extension: Extension, call: Call): unknown {
  const { name, namespace, settings, provisioningState, createdAt, error, version, ...rest } = extension
  const at = new Date(createdAt).toISOString()
  return {
    id: idOf(name, call),
    name,
    type: TYPE,
    systemData: { createdAt: at, lastModifiedAt: at, createdBy: null, lastModifiedBy: null },
    properties: {
      ...rest,
      version,
      currentVersion: provisioningState === 'Creating' ? null : version,
      scope: { cluster: { releaseNamespace: namespace } },
      configurationSettings: settings,
      configurationProtectedSettings: {},
      provisioningState,
      statuses:
        error === undefined
          ? []
          : [{ code: 'InstallationFailed', displayStatus: null, level: 'Error', message: error, time: at }],
      errorInfo: error === undefined ? null : { code: 'ExtensionOperationFailed', message: error },
      isSystemExtension: false
    }
  }
}

/** On the cluster that the request is for. */
function idOf(name: string, { url }: Call): string {
  const [cluster = ''] = url.pathname.split(/\/providers\/Microsoft\.KubernetesConfiguration/i)
  return `${cluster}/providers/${TYPE}/${name}`
}

function missing({ url }: Call): Answer {
  return armError(404, 'ResourceNotFound', `The Resource '${url.pathname}' was not found.`)
}

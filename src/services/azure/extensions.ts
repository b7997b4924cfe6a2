/**
 * Microsoft.KubernetesConfiguration/extensions as raw JSON over REST (Azure/azure-rest-api-specs, 2025-03-01). The
 * SDK's PATCH would add a release train and automatic upgrades, which would upgrade a pinned installation.
 */
import * as z from 'zod/mini'
import type { ArmWire } from './arm-wire.ts'
import { orAbsent, understood, type Request } from '../../http/request.ts'
import { HttpProblem } from '../../http/errors.ts'
import { RESOURCE_NAME } from './ids.ts'

const API = '2025-03-01'
/** Error code: the subscription is not registered for the provider. */
const UNREGISTERED = 'MissingSubscriptionRegistration'
const PROVIDERS_API = '2022-09-01'
export const ARGOCD_TYPE = 'Microsoft.ArgoCD'
const NAMESPACE = 'Microsoft.KubernetesConfiguration'
const PROVIDER = `the registration of ${NAMESPACE}`

const namespaceName = z.string().check(z.regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/))
const extensionShape = z.looseObject({
  name: z.string().check(z.regex(RESOURCE_NAME)),
  properties: z.looseObject({
    extensionType: z.optional(z.string()),
    version: z.nullish(z.string()),
    currentVersion: z.nullish(z.string()),
    provisioningState: z.optional(z.string()),
    configurationSettings: z.nullish(z.record(z.string(), z.string())),
    statuses: z.nullish(z.array(z.looseObject({ message: z.nullish(z.string()) }))),
    errorInfo: z.nullish(z.looseObject({ message: z.nullish(z.string()) })),
    scope: z.nullish(
      z.looseObject({ cluster: z.nullish(z.looseObject({ releaseNamespace: z.nullish(namespaceName) })) })
    )
  })
})
/** The type of the extension. Only Argo CD's own type is validated further. */
const kindShape = z.looseObject({ properties: z.looseObject({ extensionType: z.optional(z.string()) }) })

/** The installed extension Microsoft.ArgoCD. */
export interface ArgocdExtension {
  readonly name: string
  readonly namespace: string
  readonly version: string
  readonly provisioningState: string
  readonly settings: Readonly<Record<string, string>>
  /** The extension's own error message, if any. */
  readonly message: string | undefined
}

/** The extensions of a cluster. */
export interface Installed {
  /** false: the subscription is not registered for extensions. */
  readonly registered: boolean
  readonly extension: ArgocdExtension | undefined
}

export class Extensions {
  readonly #wire: ArmWire
  constructor(wire: ArmWire) {
    this.#wire = wire
  }

  async argocd(clusterId: string): Promise<Installed> {
    const path = `${clusterId}/providers/${NAMESPACE}/extensions`
    const listed = orAbsent(this.#wire.list(path, API, kindShape))
    try {
      return { registered: true, extension: argocdAmong(await listed, this.#wire.request('GET', path, API)) }
    } catch (error) {
      // Some providers refuse reads before the registration; then there are no extensions.
      if (error instanceof HttpProblem && error.code === UNREGISTERED)
        return { registered: false, extension: undefined }
      throw error
    }
  }

  /** Changes the named settings, leaves all others, and waits for the operation to end. */
  async configure(
    clusterId: string,
    name: string,
    settings: Readonly<Record<string, string>>
  ): Promise<void> {
    const request = this.#wire.request('PATCH', this.#path(clusterId, name), API)
    await this.#wire.finished({ ...request, body: { properties: { configurationSettings: settings } } })
  }

  /**
   * Installs Argo CD with the service's defaults for release train and version.
   *
   * @throws {HttpProblem} `propagating` during the registration of the subscription for extensions.
   */
  async install(clusterId: string, settings: Readonly<Record<string, string>>): Promise<void> {
    const request = this.#wire.request('PUT', this.#path(clusterId, 'argocd'), API)
    const properties = {
      extensionType: ARGOCD_TYPE,
      autoUpgradeMinorVersion: true,
      scope: { cluster: { releaseNamespace: 'argocd' } },
      configurationSettings: settings
    }
    try {
      await this.#wire.finished({ ...request, body: { properties } })
    } catch (error) {
      if (!(error instanceof HttpProblem) || error.code !== UNREGISTERED) throw error
      // Once per subscription, idempotent; it takes minutes.
      const path = `/subscriptions/${clusterId.split('/')[2] ?? ''}/providers/${NAMESPACE}`
      await this.#wire.send(this.#wire.request('POST', `${path}/register`, PROVIDERS_API))
      const { service, status, code, detail } = error
      throw new HttpProblem({ service, request: PROVIDER, status, code, detail, propagating: true })
    }
  }

  #path(clusterId: string, name: string): string {
    return `${clusterId}/providers/${NAMESPACE}/extensions/${name}`
  }
}

function argocdAmong(
  all: readonly z.infer<typeof kindShape>[] | undefined,
  request: Request
): ArgocdExtension | undefined {
  const found = all?.find(
    ({ properties }) => properties.extensionType?.toLowerCase() === ARGOCD_TYPE.toLowerCase()
  )
  if (!found) return undefined
  const { name, properties } = understood(extensionShape, { json: found }, request)
  return {
    name,
    namespace: properties.scope?.cluster?.releaseNamespace ?? 'argocd',
    version: properties.currentVersion ?? properties.version ?? '',
    provisioningState: properties.provisioningState ?? '',
    settings: properties.configurationSettings ?? {},
    message: properties.errorInfo?.message ?? properties.statuses?.[0]?.message ?? undefined
  }
}

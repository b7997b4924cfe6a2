/**
 * Microsoft.KubernetesConfiguration/extensions as raw JSON over REST (Azure/azure-rest-api-specs, 2025-03-01). Not by
 * the SDK: its PATCH fills in a release train and automatic upgrades, and so moves a pinned installation.
 */
import * as z from 'zod/mini'
import type { ArmWire } from './arm-wire.ts'
import { orAbsent, understood } from '../../http/request.ts'
import { HttpProblem } from '../../http/errors.ts'
import { RESOURCE_NAME } from './ids.ts'

const API = '2025-03-01'
const PROVIDERS_API = '2022-09-01'
export const ARGOCD_TYPE = 'Microsoft.ArgoCD'
const NAMESPACE = 'Microsoft.KubernetesConfiguration'

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
/** Of which kind it is; only one of ours is looked at more closely. */
const kindShape = z.looseObject({ properties: z.looseObject({ extensionType: z.optional(z.string()) }) })
const providerShape = z.looseObject({ registrationState: z.optional(z.string()) })

/** The installed extension Microsoft.ArgoCD. */
export interface ArgocdExtension {
  readonly name: string
  readonly namespace: string
  readonly version: string
  readonly provisioningState: string
  readonly settings: Readonly<Record<string, string>>
  /** What the extension says of itself when it is not well. */
  readonly message: string | undefined
}

export class Extensions {
  readonly #wire: ArmWire
  constructor(wire: ArmWire) {
    this.#wire = wire
  }

  /** undefined when the cluster has none. */
  async argocd(clusterId: string): Promise<ArgocdExtension | undefined> {
    const path = `${clusterId}/providers/${NAMESPACE}/extensions`
    const all = await orAbsent(this.#wire.list(path, API, kindShape))
    const found = all?.find(
      ({ properties }) => properties.extensionType?.toLowerCase() === ARGOCD_TYPE.toLowerCase()
    )
    if (!found) return undefined
    const { name, properties } = understood(
      extensionShape,
      { json: found },
      this.#wire.request('GET', path, API)
    )
    return {
      name,
      namespace: properties.scope?.cluster?.releaseNamespace ?? 'argocd',
      version: properties.currentVersion ?? properties.version ?? '',
      provisioningState: properties.provisioningState ?? '',
      settings: properties.configurationSettings ?? {},
      message: properties.errorInfo?.message ?? properties.statuses?.[0]?.message ?? undefined
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

  /** Installs Argo CD as the service would by itself: its own release train and version. */
  async install(clusterId: string, settings: Readonly<Record<string, string>>): Promise<void> {
    await this.#registered(clusterId)
    const request = this.#wire.request('PUT', this.#path(clusterId, 'argocd'), API)
    const properties = {
      extensionType: ARGOCD_TYPE,
      autoUpgradeMinorVersion: true,
      scope: { cluster: { releaseNamespace: 'argocd' } },
      configurationSettings: settings
    }
    await this.#wire.finished({ ...request, body: { properties } })
  }

  /** The resource provider, once per subscription; the answer to a second request is the same. */
  async #registered(clusterId: string): Promise<void> {
    const path = `/subscriptions/${clusterId.split('/')[2] ?? ''}/providers/${NAMESPACE}`
    const state = async (): Promise<string> => {
      const request = this.#wire.request('GET', path, PROVIDERS_API)
      return understood(providerShape, await this.#wire.send(request), request).registrationState ?? ''
    }
    if ((await state()) === 'Registered') return
    await this.#wire.send(this.#wire.request('POST', `${path}/register`, PROVIDERS_API))
    const now = await state()
    if (now === 'Registered') return
    throw new HttpProblem({
      service: 'ARM',
      request: `the registration of ${NAMESPACE}`,
      status: 409,
      code: 'MissingSubscriptionRegistration',
      detail: `${NAMESPACE} is ${now}`,
      propagating: true
    })
  }

  #path(clusterId: string, name: string): string {
    return `${clusterId}/providers/${NAMESPACE}/extensions/${name}`
  }
}

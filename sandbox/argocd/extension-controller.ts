/**
 * The agent of the AKS extension Microsoft.ArgoCD in the cluster, which runs Helm for ARM. Settings become values of
 * the chart; keys that no version of the extension knows are accepted and have no effect. It restores ConfigMaps that
 * somebody edits.
 */
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { V1Deployment } from '@kubernetes/client-node'
import { kindOf, type Kind } from '../kubernetes/objects.ts'
import type { Store } from '../kubernetes/store.ts'
import { WorkQueue } from '../kubernetes/work-queue.ts'
import type { ExtensionAgent, ExtensionOrder } from '../world.ts'
import { CLIENT_ID_ANNOTATION, USE_LABEL } from '../kubernetes/webhook.ts'
import type { Installed } from './manifests.ts'
import { extensionInstall, type Install } from './shapes.ts'

const DEPLOYMENTS = kindOf('apps', 'deployments') as Kind
const ACCOUNTS = kindOf('', 'serviceaccounts') as Kind
const CONFIGMAPS = kindOf('', 'configmaps') as Kind
const NODES = kindOf('', 'nodes') as Kind
/** Redis in high availability spreads over this many nodes. */
const HA_NODES = 4
const CONFIGURATION: Readonly<Record<string, string>> = {
  'argocd-cm': 'configs.cm',
  'argocd-cmd-params-cm': 'configs.params',
  'argocd-rbac-cm': 'configs.rbac'
}

type Settings = ExtensionOrder['settings']
type Entries = Readonly<Record<string, string>>

interface Surroundings {
  readonly store: Store
  readonly installed: () => readonly Installed[]
  readonly install: (install: Install) => void
  readonly uninstall: (namespace: string) => void
  /** Settings never reach the pods (Azure/AKS#5600). */
  readonly deaf: () => boolean
  /** Duration of one operation, in ms. */
  readonly lag: number
}

export class ExtensionController implements ExtensionAgent {
  readonly #around: Surroundings
  readonly #queue = new WorkQueue()
  #settings: Settings = {}
  /** Changes when the cluster is recreated, which makes a running operation void. */
  #cluster = Symbol('cluster')

  constructor(around: Surroundings) {
    this.#around = around
    around.store.watch(({ type, kind, object: { metadata } }) => {
      const mine = this.#own(metadata.namespace ?? '')
      if (!mine || type !== 'MODIFIED' || kind !== CONFIGMAPS || !(metadata.name in CONFIGURATION)) return
      this.#queue.soon(metadata.name, 20, () => {
        this.#configure(mine.install.namespace)
      })
    })
  }

  stop(): void {
    this.#queue.stop()
    this.#settings = {}
    this.#cluster = Symbol('cluster')
  }

  async roll(order: ExtensionOrder): Promise<string | undefined> {
    const { store, installed, install, deaf, lag } = this.#around
    const { name, namespace, version, settings } = order
    const cluster = this.#cluster
    await sleep(lag)
    if (cluster !== this.#cluster) return undefined
    const there = installed().find((one) => one.install.namespace === namespace)
    if (there && there.install.owner !== 'extension') {
      return `Error: [ InnerError: [Helm installation failed : Resource already existing in your cluster : Recommendation Manually delete the resource(s) that currently exist in your cluster and try installation again : InnerError [rendered manifests contain a resource that already exists. Unable to continue with install: ServiceAccount "${there.serviceAccount.metadata.name}" in namespace "${namespace}" exists and cannot be imported into the current release: invalid ownership metadata]]]`
    }
    if (!there && settings['redis-ha.enabled'] !== 'false' && store.list(NODES).length < HA_NODES) {
      return 'Error: [ InnerError: [Helm installation failed : Timed out waiting for the resource to come to a ready/completed state : Recommendation Please check the pods of the release : InnerError [timed out waiting for the condition]]]'
    }
    if (!there) install(extensionInstall(name, namespace, version))
    const before = this.#settings
    this.#settings = settings
    if (!deaf()) this.#identify(namespace, before, settings)
    this.#configure(namespace)
    return undefined
  }

  remove(namespace: string): void {
    if (this.#own(namespace)) this.#around.uninstall(namespace)
  }

  #own(namespace: string): Installed | undefined {
    return this.#around
      .installed()
      .find(({ install }) => install.owner === 'extension' && install.namespace === namespace)
  }

  /** Like Helm's three-way merge: removes what the previous values set and keeps what others set. */
  #identify(namespace: string, before: Settings, settings: Settings): void {
    const { store } = this.#around
    const mine = this.#own(namespace)
    if (!mine) return
    const old = mine.install.extensionVersion?.startsWith('0.0.') === true
    const [was, is] = [valuesOf(before, old), valuesOf(settings, old)]
    const account = store.find(ACCOUNTS, namespace, mine.serviceAccount.metadata.name)
    if (account) {
      const annotations = upgraded(account.metadata.annotations, was.annotations, is.annotations)
      store.update(ACCOUNTS, account, { ...account, metadata: { ...account.metadata, annotations } })
    }
    const live = store.find(DEPLOYMENTS, namespace, mine.deployment.metadata.name)
    if (!live) return
    const next = structuredClone(live)
    const { template } = (next as unknown as V1Deployment).spec ?? {}
    if (template?.metadata) {
      template.metadata.labels = upgraded(template.metadata.labels, was.labels, is.labels)
      // A change of the values restarts the pods, because the chart annotates them with checksums of its configuration.
      const checksum = createHash('sha256')
        .update(JSON.stringify(Object.entries(settings).sort()))
        .digest('hex')
      template.metadata.annotations = { ...template.metadata.annotations, 'checksum/cm': checksum }
    }
    store.update(DEPLOYMENTS, live, next)
  }

  #configure(namespace: string): void {
    const { store } = this.#around
    for (const [name, path] of Object.entries(CONFIGURATION)) {
      const live = store.find(CONFIGMAPS, namespace, name)
      if (live) store.update(CONFIGMAPS, live, { ...live, data: under(this.#settings, path) })
    }
  }
}

/** `configs.cm.oidc\.config` → `oidc.config`: dots inside a key are escaped. */
function under(settings: Settings, path: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([key, value]) => {
      const rest = key.startsWith(`${path}.`) ? key.slice(path.length + 1) : ''
      return /^(?:\\.|[^.\\])+$/.test(rest) ? [[rest.replaceAll(/\\(.)/g, '$1'), value]] : []
    })
  )
}

/** Labels of pods and annotations of the service account that the settings ask for. */
function valuesOf(settings: Settings, old: boolean): { labels: Entries; annotations: Entries } {
  const [enabled, clientId] = old
    ? [settings['workloadIdentity.enable'], settings['workloadIdentity.clientId']]
    : [settings['azure.workloadIdentity.enabled'], settings['azure.workloadIdentity.clientId']]
  const on = enabled === 'true'
  return {
    labels: {
      ...(old ? {} : under(settings, 'repoServer.podLabels')),
      ...(on ? { [USE_LABEL]: 'true' } : {})
    },
    annotations: {
      ...(old ? {} : under(settings, 'repoServer.serviceAccount.annotations')),
      ...(on && clientId !== undefined ? { [CLIENT_ID_ANNOTATION]: clientId } : {})
    }
  }
}

function upgraded(live: Entries | undefined, was: Entries, is: Entries): Record<string, string> {
  const kept = Object.entries(live ?? {}).filter(([key]) => !(key in was))
  return { ...Object.fromEntries(kept), ...is }
}

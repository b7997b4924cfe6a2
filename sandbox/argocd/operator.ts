/**
 * argocd-operator: reconciles the repo-server's Deployment with the ArgoCD resource. It removes labels and annotations
 * of the template that are not in `spec.repo`, unless the key is Kubernetes' or OpenShift's, and leaves service
 * accounts alone.
 */
import { isDeepStrictEqual } from 'node:util'
import type { V1Deployment, V1EnvVar } from '@kubernetes/client-node'
import { kindOf, type Kind, type KubeObject } from '../kubernetes/objects.ts'
import type { Store } from '../kubernetes/store.ts'
import { WorkQueue } from '../kubernetes/work-queue.ts'
import type { Installed } from './manifests.ts'

const ARGOCDS = kindOf('argoproj.io', 'argocds') as Kind
const DEPLOYMENTS = kindOf('apps', 'deployments') as Kind
const OWN_KEYS = ['kubernetes.io', 'k8s.io', 'openshift.io']
/** Delay until the operator notices a change, in ms. */
const LAG = 20

interface RepoSpec {
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly serviceaccount?: string
  readonly replicas?: number
  readonly env?: readonly V1EnvVar[]
}

export class Operator {
  readonly #store: Store
  readonly #installed: () => readonly Installed[]
  readonly #queue = new WorkQueue()

  constructor(store: Store, installed: () => readonly Installed[]) {
    this.#store = store
    this.#installed = installed
    store.watch(({ type, kind, object }) => {
      if (type === 'DELETED' || (kind !== ARGOCDS && kind !== DEPLOYMENTS)) return
      for (const one of installed()) {
        const { namespace, owner } = one.install
        if (owner !== 'operator' || object.metadata.namespace !== namespace) continue
        this.#queue.soon(namespace, LAG, () => {
          this.#reconcile(one)
        })
      }
    })
  }

  stop(): void {
    this.#queue.stop()
  }

  #reconcile({ install, deployment }: Installed): void {
    const { namespace, release = '', replicas } = install
    const resource = this.#store.find(ARGOCDS, namespace, release)
    const live = this.#store.find(DEPLOYMENTS, namespace, deployment.metadata.name)
    if (!resource || !live || !this.#installed().some((one) => one.deployment === deployment)) return
    const { repo = {} } = (resource.spec ?? {}) as { repo?: RepoSpec }
    const wanted = (deployment as unknown as V1Deployment).spec?.template
    const next = structuredClone(live)
    const { spec } = next as unknown as V1Deployment
    if (!spec?.template.spec) return
    spec.replicas = repo.replicas ?? replicas
    spec.template.metadata = {
      ...spec.template.metadata,
      labels: { ...kept(spec.template.metadata?.labels), ...wanted?.metadata?.labels, ...repo.labels },
      annotations: { ...kept(spec.template.metadata?.annotations), ...repo.annotations }
    }
    spec.template.spec.serviceAccountName = repo.serviceaccount ?? 'default'
    const [container] = spec.template.spec.containers
    if (container) container.env = [...(wanted?.spec?.containers[0]?.env ?? []), ...(repo.env ?? [])]
    // Like the real one, it writes only what differs.
    if (!isDeepStrictEqual(withoutEmpty(next).spec, live.spec)) this.#store.update(DEPLOYMENTS, live, next)
  }
}

function kept(entries: Readonly<Record<string, string>> | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(entries ?? {}).filter(([key]) => OWN_KEYS.some((own) => key.includes(own)))
  )
}

/** Omits an empty map, because it would change a template that has none. */
function withoutEmpty(object: KubeObject): KubeObject {
  const metadata = (object as unknown as V1Deployment).spec?.template.metadata
  if (metadata && Object.keys(metadata.annotations ?? {}).length === 0)
    Reflect.deleteProperty(metadata, 'annotations')
  return object
}

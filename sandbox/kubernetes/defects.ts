/** What careless humans and other tools do to the Argo CD side. */
import type { V1Deployment, V1Pod, V1ServiceAccount } from '@kubernetes/client-node'
import { installArgoCd, UPSTREAM } from './argocd-install.ts'
import type { Conditions } from './controllers.ts'
import { kindOf, type Kind, type KubeObject } from './objects.ts'
import type { Store } from './store.ts'

/** What a defect may touch. */
export interface World {
  readonly store: Store
  readonly conditions: Conditions
  /** Deletes Argo CD and installs it anew in another shape. */
  reinstall(install?: Partial<typeof UPSTREAM> & { helmRelease?: string }): void
  /** What Entra callers may do. */
  access(level: 'admin' | 'read' | 'none' | 'bound'): void
}

type Defect = (world: World) => void

const DEPLOYMENTS = kindOf('apps', 'deployments') as Kind
const ACCOUNTS = kindOf('', 'serviceaccounts') as Kind
const PODS = kindOf('', 'pods') as Kind
const SECRETS = kindOf('', 'secrets') as Kind
const { namespace: NAMESPACE } = UPSTREAM
const REPO_SERVER = 'argocd-repo-server'
const LABEL = 'azure.workload.identity/use'
const CLIENT_ID = 'azure.workload.identity/client-id'
const TYPE = 'argocd.argoproj.io/secret-type'
/** Nothing real; a test looks for it in everything the tool prints. */
export const FAKE_PAT = 'fakepat7q2m4x6z8b1d3f5h7j9k0l2n4p6r8t0v2w4y6'

export const KUBERNETES_DEFECTS: Readonly<Record<string, Defect>> = {
  'annotation-removed': account(({ metadata }) => {
    Reflect.deleteProperty(metadata?.annotations ?? {}, CLIENT_ID)
  }),
  'annotation-wrong-client': account(({ metadata }) => {
    if (metadata)
      metadata.annotations = { ...metadata.annotations, [CLIENT_ID]: '00000000-0000-0000-0000-00000000dead' }
  }),
  'annotation-wrong-tenant': account(({ metadata }) => {
    if (metadata)
      metadata.annotations = {
        ...metadata.annotations,
        'azure.workload.identity/tenant-id': '00000000-0000-0000-0000-00000000beef'
      }
  }),
  'label-removed': deployment(({ spec }) => {
    Reflect.deleteProperty(spec?.template.metadata?.labels ?? {}, LABEL)
  }),
  'label-capital': deployment(({ spec }) => {
    if (spec?.template.metadata)
      spec.template.metadata.labels = { ...spec.template.metadata.labels, [LABEL]: 'True' }
  }),
  'label-on-deployment-only': deployment(({ metadata, spec }) => {
    if (metadata) metadata.labels = { ...metadata.labels, [LABEL]: 'true' }
    Reflect.deleteProperty(spec?.template.metadata?.labels ?? {}, LABEL)
  }),
  'pod-stale': ({ store }) => {
    for (const pod of repoServerPods(store)) stripIdentity(store, pod)
  },
  'one-replica-stale': ({ store, conditions }) => {
    conditions.podStart = 0
    deployment(({ spec }) => {
      if (spec) spec.replicas = 2
    })({ store } as World)
    setTimeout(() => {
      const [first] = repoServerPods(store)
      if (first) stripIdentity(store, first)
    }, 60).unref()
  },
  'env-set-by-hand': environment('AZURE_CLIENT_ID', '00000000-0000-0000-0000-00000000cafe'),
  'client-secret-on-pod': environment('AZURE_CLIENT_SECRET', 'not-a-real-secret-0123456789'),
  'service-account-renamed': ({ store, conditions }) => {
    conditions.podStart = 0
    store.create(ACCOUNTS, NAMESPACE, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'custom-repo-server' }
    })
    deployment(({ spec }) => {
      if (spec?.template.spec) spec.template.spec.serviceAccountName = 'custom-repo-server'
    })({ store } as World)
  },
  'service-account-missing': ({ store }) => {
    store.remove(ACCOUNTS, NAMESPACE, REPO_SERVER)
  },
  'webhook-absent': ({ conditions }) => {
    conditions.webhook = 'absent'
  },
  'webhook-down': ({ conditions }) => {
    conditions.webhook = 'down'
  },
  'rollout-stuck': ({ conditions }) => {
    conditions.stuck = true
  },
  'secret-deleted': ({ store }) => {
    for (const { metadata } of repositories(store)) store.remove(SECRETS, NAMESPACE, metadata.name)
  },
  'secret-password': secret((data) => ({ ...data, username: 'someone', password: FAKE_PAT })),
  'secret-username': secret((data) => ({ ...data, username: 'someone' })),
  'secret-flag-missing': secret((data) =>
    Object.fromEntries(Object.entries(data).filter(([key]) => key !== 'useAzureWorkloadIdentity'))
  ),
  'secret-flag-yes': secret((data) => ({ ...data, useAzureWorkloadIdentity: 'yes' })),
  'secret-type-helm': secret((data) => ({ ...data, type: 'helm' })),
  'secret-url-slash': secret((data) => ({ ...data, url: `${data['url'] ?? ''}/` })),
  'secret-project': secret((data) => ({ ...data, project: 'team-a' })),
  'secret-label-wrong': ({ store }) => {
    for (const one of repositories(store))
      store.update(SECRETS, one, { ...one, metadata: { ...one.metadata, labels: { [TYPE]: 'repo' } } })
  },
  'secret-duplicate': ({ store }) => {
    for (const one of repositories(store))
      store.create(SECRETS, NAMESPACE, {
        ...one,
        metadata: { name: `${one.metadata.name}-copy`, labels: one.metadata.labels ?? {} }
      })
  },
  'argocd-3-1-0': ({ reinstall }) => {
    reinstall({ version: 'v3.1.0' })
  },
  'argocd-2-14': ({ reinstall }) => {
    reinstall({ version: 'v2.14.21' })
  },
  'argocd-absent': ({ reinstall }) => {
    reinstall()
  },
  'helm-install': ({ reinstall }) => {
    reinstall({ prefix: 'argo-cd-argocd', helmRelease: 'argo-cd' })
  },
  'ha-install': ({ reinstall }) => {
    reinstall({ replicas: 2 })
  },
  'two-argocds': ({ store }) => {
    installArgoCd(store, { ...UPSTREAM, namespace: 'argocd-team' })
  },
  'rbac-readonly': ({ access }) => {
    access('read')
  },
  'rbac-none': ({ access }) => {
    access('none')
  },
  /** Entra callers have what Roles and bindings give them, nothing more. */
  'rbac-bound': ({ access }) => {
    access('bound')
  }
}

function account(change: (account: V1ServiceAccount) => void): Defect {
  return ({ store }) => {
    const before = store.get(ACCOUNTS, NAMESPACE, REPO_SERVER)
    const after = structuredClone(before)
    change(after as unknown as V1ServiceAccount)
    store.update(ACCOUNTS, before, after)
  }
}

function deployment(change: (deployment: V1Deployment) => void): Defect {
  return ({ store }) => {
    const before = store.get(DEPLOYMENTS, NAMESPACE, REPO_SERVER)
    const after = structuredClone(before)
    change(after as unknown as V1Deployment)
    store.update(DEPLOYMENTS, before, after)
  }
}

function environment(name: string, value: string): Defect {
  return deployment(({ spec }) => {
    const [container] = spec?.template.spec?.containers ?? []
    if (container) container.env = [...(container.env ?? []), { name, value }]
  })
}

function secret(change: (data: Record<string, string>) => Record<string, string>): Defect {
  return ({ store }) => {
    for (const one of repositories(store)) {
      const data = (one['data'] ?? {}) as Record<string, string>
      const plain = Object.fromEntries(
        Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()])
      )
      store.update(SECRETS, one, { ...one, data: {}, stringData: change(plain) })
    }
  }
}

function repositories(store: Store): KubeObject[] {
  return store.list(SECRETS, NAMESPACE).filter(({ metadata }) => metadata.labels?.[TYPE] === 'repository')
}

function repoServerPods(store: Store): KubeObject[] {
  return store
    .list(PODS, NAMESPACE)
    .filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/name'] === REPO_SERVER)
}

/** As if the pod had been made before label and annotation. */
function stripIdentity(store: Store, pod: KubeObject): void {
  const after = structuredClone(pod)
  for (const container of (after as unknown as V1Pod).spec?.containers ?? []) {
    container.env = (container.env ?? []).filter(({ name }) => !name.startsWith('AZURE_'))
  }
  store.update(PODS, pod, after)
}

/** Mistakes of people and other tools in the workload: labels, annotations, pods, the webhook, permissions. */
import type { V1Container, V1Deployment, V1Pod, V1ServiceAccount } from '@kubernetes/client-node'
import type { Installed } from '../argocd/manifests.ts'
import { UPSTREAM, type Install } from '../argocd/shapes.ts'
import type { Directory } from '../world.ts'
import type { Conditions } from './controllers.ts'
import { kindOf, type Kind, type KubeObject } from './objects.ts'
import { EXHAUSTED, FORBIDDEN } from './room.ts'
import type { Store } from './store.ts'
import { CLIENT_ID_ANNOTATION as CLIENT_ID, USE_LABEL as LABEL } from './webhook.ts'

/** The parts that a defect may change. */
export interface World {
  readonly store: Store
  readonly conditions: Conditions
  readonly directory: Directory
  /** In the spelling of the twin's users. */
  readonly repositoryUrl: string
  /** Defects change the first one. */
  readonly installed: readonly Installed[]
  /** Deletes Argo CD and installs it in another shape, or not at all. */
  reinstall(install: Install | undefined): void
  /** Installs another Argo CD. */
  install(install: Install): void
  /** What Entra callers may do. */
  access(level: 'admin' | 'read' | 'none' | 'bound'): void
}

export type Defect = (world: World) => void

const DEPLOYMENTS = kindOf('apps', 'deployments') as Kind
const ACCOUNTS = kindOf('', 'serviceaccounts') as Kind
const PODS = kindOf('', 'pods') as Kind
const SECRETS = kindOf('', 'secrets') as Kind
const WEBHOOKS = kindOf('admissionregistration.k8s.io', 'mutatingwebhookconfigurations') as Kind
const POLICIES = kindOf('networking.k8s.io', 'networkpolicies') as Kind
const SLICES = kindOf('discovery.k8s.io', 'endpointslices') as Kind
const NODES = kindOf('', 'nodes') as Kind
const NAMESPACES = kindOf('', 'namespaces') as Kind
/** Nothing real; a test looks for it in everything the tool prints. */
export const FAKE_PAT = 'fakepat7q2m4x6z8b1d3f5h7j9k0l2n4p6r8t0v2w4y6'

/** A client id that no identity has. */
const ANOTHER = '00000000-0000-0000-0000-00000000cafe'

export const WORKLOAD_DEFECTS: Readonly<Record<string, Defect>> = {
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
  'pod-stale': (world) => {
    for (const pod of repoServerPods(world)) stripIdentity(world, pod)
  },
  /** The pod has the client id that the annotation had before it was changed. */
  'pod-older-than-annotation': (world) => {
    for (const pod of repoServerPods(world)) {
      const after = structuredClone(pod)
      for (const { env = [] } of (after as unknown as V1Pod).spec?.containers ?? [])
        for (const one of env) if (one.name === 'AZURE_CLIENT_ID') one.value = ANOTHER
      world.store.update(PODS, pod, after)
    }
  },
  'one-replica-stale': (world) => {
    world.conditions.podStart = 0
    deployment(({ spec }) => {
      if (spec) spec.replicas = 2
    })(world)
    setTimeout(() => {
      const [first] = repoServerPods(world)
      if (first) stripIdentity(world, first)
    }, 60).unref()
  },
  'sa-annotation-object-id': restarting((world) => {
    account(({ metadata }) => {
      const principal = world.directory.byClientId(metadata?.annotations?.[CLIENT_ID] ?? '')
      if (!principal) throw new RangeError('this defect needs the annotation of a managed identity')
      if (metadata?.annotations) metadata.annotations[CLIENT_ID] = principal.principalId
    })(world)
  }),
  'token-expiration-out-of-range': restarting(
    account(({ metadata }) => {
      if (metadata)
        metadata.annotations = {
          ...metadata.annotations,
          'azure.workload.identity/service-account-token-expiration': '60'
        }
    })
  ),
  'label-boolean-typo': deployment(({ spec }) => {
    if (spec?.template.metadata)
      spec.template.metadata.labels = { ...spec.template.metadata.labels, [LABEL]: 'ture' }
  }),
  'skip-containers': templateAnnotation(({ container }) => ({
    'azure.workload.identity/skip-containers': container
  })),
  'identity-binding': templateAnnotation(() => ({ 'azure.workload.identity/use-identity-binding': 'true' })),
  'env-from-secret': (world) => {
    foreignSecret(world, { clientId: ANOTHER })
    const secretKeyRef = { name: 'azure-tools', key: 'clientId' }
    containers(({ env = [], ...rest }) => ({
      ...rest,
      env: [...env, { name: 'AZURE_CLIENT_ID', valueFrom: { secretKeyRef } }]
    }))(world)
  },
  /** From the whole Secret, so that the Deployment shows no names. */
  'client-secret-from-secret': (world) => {
    foreignSecret(world, { AZURE_CLIENT_SECRET: 'not-a-real-secret-0123456789' })
    containers((one) => ({ ...one, envFrom: [{ secretRef: { name: 'azure-tools' } }] }))(world)
  },
  'env-set-by-hand': environment('AZURE_CLIENT_ID', ANOTHER),
  'client-secret-on-pod': environment('AZURE_CLIENT_SECRET', 'not-a-real-secret-0123456789'),
  'service-account-renamed': (world) => {
    world.conditions.podStart = 0
    world.store.create(ACCOUNTS, namespaceOf(world), {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'custom-repo-server' }
    })
    deployment(({ spec }) => {
      if (spec?.template.spec) spec.template.spec.serviceAccountName = 'custom-repo-server'
    })(world)
  },
  'service-account-missing': (world) => {
    world.store.remove(ACCOUNTS, namespaceOf(world), accountOf(world).metadata.name)
  },
  'webhook-absent': ({ conditions, store }) => {
    conditions.webhook = 'absent'
    for (const { metadata } of store.list(WEBHOOKS)) store.remove(WEBHOOKS, undefined, metadata.name)
  },
  'webhook-unregistered': ({ store }) => {
    for (const { metadata } of store.list(WEBHOOKS)) store.remove(WEBHOOKS, undefined, metadata.name)
  },
  'webhook-down': ({ conditions, store }) => {
    conditions.webhook = 'down'
    for (const slice of store.list(SLICES)) store.update(SLICES, slice, { ...slice, endpoints: [] })
  },
  'deployment-paused': deployment(({ spec }) => {
    if (spec) spec.paused = true
  }),
  'policy-no-new-secrets': marked(FORBIDDEN, 'create secrets'),
  'policy-no-changed-secrets': marked(FORBIDDEN, 'patch secrets'),
  'quota-of-pods': exhausted('pods'),
  'quota-of-secrets': exhausted('secrets'),
  'quota-of-applications': exhausted('applications'),
  'namespace-terminating': namespace((object) => ({ ...object, status: { phase: 'Terminating' } })),
  'pods-crashing': ({ conditions }) => {
    conditions.crashing = true
  },
  /** Of all pods of the namespace, and nothing is allowed. */
  'egress-denied-by-policy': (world) => {
    world.store.create(POLICIES, namespaceOf(world), {
      apiVersion: '',
      kind: 'NetworkPolicy',
      metadata: { name: 'deny-egress' },
      spec: { podSelector: {}, policyTypes: ['Egress'] }
    })
  },
  /** Only Entra is out of reach of the pods: a token that is stored still works. */
  'entra-out-of-reach': ({ conditions }) => {
    conditions.entraEgress = 'blocked'
  },
  'rollout-stuck': ({ conditions }) => {
    conditions.stuck = true
  },
  /** Too few nodes for Redis in high availability; ARM shows the same nodes. */
  'small-cluster': ({ store }) => {
    for (const { metadata } of store.list(NODES).slice(3)) store.remove(NODES, undefined, metadata.name)
  },
  'rbac-readonly': ({ access }) => {
    access('read')
  },
  'rbac-none': ({ access }) => {
    access('none')
  },
  /** Entra callers have only the permissions of Roles and bindings. */
  'rbac-bound': ({ access }) => {
    access('bound')
  }
}

export function installedOf({ installed: [first] }: World): Installed {
  if (!first) throw new RangeError('this defect needs an Argo CD')
  return first
}

export function namespaceOf(world: World): string {
  return world.installed[0]?.install.namespace ?? UPSTREAM.namespace
}

/** The account that the repo-server's pods have now, whoever chose it. */
export function accountOf(world: World): KubeObject {
  const { deployment, serviceAccount } = installedOf(world)
  const live = world.store.get(DEPLOYMENTS, namespaceOf(world), deployment.metadata.name)
  const { serviceAccountName } = (live as unknown as V1Deployment).spec?.template.spec ?? {}
  return world.store.get(ACCOUNTS, namespaceOf(world), serviceAccountName ?? serviceAccount.metadata.name)
}

export function account(change: (account: V1ServiceAccount) => void): Defect {
  return (world) => {
    const before = accountOf(world)
    const after = structuredClone(before)
    change(after as unknown as V1ServiceAccount)
    world.store.update(ACCOUNTS, before, after)
  }
}

export function deployment(change: (deployment: V1Deployment) => void): Defect {
  return (world) => {
    const { metadata } = installedOf(world).deployment
    const before = world.store.get(DEPLOYMENTS, namespaceOf(world), metadata.name)
    const after = structuredClone(before)
    change(after as unknown as V1Deployment)
    world.store.update(DEPLOYMENTS, before, after)
  }
}

function namespace(change: (namespace: KubeObject) => KubeObject): Defect {
  return (world) => {
    const before = world.store.get(NAMESPACES, undefined, namespaceOf(world))
    world.store.update(NAMESPACES, before, change(structuredClone(before)))
  }
}

/** Its quota allows no more of the resource. */
function exhausted(resource: string): Defect {
  return marked(EXHAUSTED, resource)
}

function marked(key: string, value: string): Defect {
  return namespace((object) => ({
    ...object,
    metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, [key]: value } }
  }))
}

/** With new pods afterwards: the webhook looks at a pod once. */
export function restarting(defect: Defect): Defect {
  return (world) => {
    defect(world)
    templateAnnotation(() => ({ 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() }))(world)
  }
}

export function templateAnnotation(
  annotation: (of: { container: string }) => Record<string, string>
): Defect {
  return deployment(({ spec }) => {
    const container = spec?.template.spec?.containers[0]?.name ?? ''
    if (spec?.template.metadata)
      spec.template.metadata.annotations = {
        ...spec.template.metadata.annotations,
        ...annotation({ container })
      }
  })
}

function containers(change: (container: V1Container) => V1Container): Defect {
  return deployment(({ spec }) => {
    if (spec?.template.spec) spec.template.spec.containers = spec.template.spec.containers.map(change)
  })
}

export function environment(name: string, value: string): Defect {
  return containers(({ env = [], ...rest }) => ({ ...rest, env: [...env, { name, value }] }))
}

/** Another tool's credentials. */
function foreignSecret(world: World, stringData: Readonly<Record<string, string>>): void {
  const metadata = { name: 'azure-tools' }
  world.store.create(SECRETS, namespaceOf(world), { apiVersion: '', kind: 'Secret', metadata, stringData })
}

function repoServerPods(world: World): KubeObject[] {
  const { spec } = installedOf(world).deployment as unknown as V1Deployment
  const selector = Object.entries(spec?.selector.matchLabels ?? {})
  return world.store
    .list(PODS, namespaceOf(world))
    .filter(({ metadata }) => selector.every(([key, value]) => metadata.labels?.[key] === value))
}

/** Makes the pod look older than label and annotation. */
function stripIdentity({ store }: World, pod: KubeObject): void {
  const after = structuredClone(pod)
  for (const container of (after as unknown as V1Pod).spec?.containers ?? []) {
    container.env = (container.env ?? []).filter(({ name }) => !name.startsWith('AZURE_'))
  }
  store.update(PODS, pod, after)
}

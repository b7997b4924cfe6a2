/** The Kubernetes half of the twin: an API server with the controllers and the webhook that matter, and Argo CD in it. */
import { randomUUID } from 'node:crypto'
import { stringify } from 'yaml'
import type { V1Deployment, V1Pod } from '@kubernetes/client-node'
import type { Journal } from '../journal.ts'
import { listen, type Tls } from '../server.ts'
import { AUDIENCES, type Authenticate, type ClusterAccess, type Lag } from '../world.ts'
import { apiRoutes } from './api.ts'
import { installArgoCd, installCluster, UPSTREAM } from './argocd-install.ts'
import { ADMINS, type User } from './authorization.ts'
import { Controllers, type Conditions } from './controllers.ts'
import { KUBERNETES_DEFECTS, type World } from './defects.ts'
import { discoveryRoutes } from './discovery.ts'
import { kindOf, StatusError, type Kind } from './objects.ts'
import { Store } from './store.ts'
import { API_AUDIENCE, startIssuer } from './tokens.ts'

export interface KubernetesTwin {
  readonly access: ClusterAccess
  /** Of the cluster's admin. */
  readonly token: string
  kubeconfig(): string
  /** Every token it issued. */
  readonly issued: string[]
  readonly defects: readonly string[]
  readonly store: Store
  defect(name: string): void
  state(): unknown
  /** As if the cluster had been deleted and made anew: another issuer, other keys, a fresh Argo CD. */
  recreate(): Promise<void>
  reset(): void
  close(): Promise<void>
}

export async function startKubernetes(options: {
  journal: Journal
  tls: Tls
  lag: Lag
  tenantId: string
  /** Entra tokens for AKS are accepted. */
  authenticate: Authenticate
  authorityHost: string
}): Promise<KubernetesTwin> {
  const { journal, tls, lag, tenantId, authenticate, authorityHost } = options
  const token = `admin-${randomUUID()}${randomUUID()}`
  const issued = [token]
  const store = new Store()
  const issuer = await startIssuer(journal, tls)
  const normal = (): Conditions => ({
    podStart: lag.podStart,
    tenantId,
    authorityHost,
    webhook: 'on',
    stuck: false
  })
  const conditions = normal()
  const controllers = new Controllers(store, () => conditions)
  let level: 'admin' | 'read' | 'none' | 'bound' = 'admin'

  const userOf = async (authorization: string | undefined): Promise<User | undefined> => {
    const bearer = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1]
    if (bearer === undefined) return undefined
    if (bearer === token) return { name: 'masterclient', groups: [ADMINS, 'system:authenticated'] }
    const subject = await issuer.subjectOf(bearer)
    if (subject !== undefined)
      return { name: subject, groups: ['system:serviceaccounts', 'system:authenticated'] }
    const caller = await authenticate(authorization)
    if (caller?.audience !== AUDIENCES.aks) return undefined
    const groups = { admin: [ADMINS], read: ['twin:read'], none: [], bound: ['patless'] }[level]
    return { name: caller.principalId, groups: [...groups, 'system:authenticated'] }
  }
  const server = await listen({
    journal,
    tls,
    plane: 'kubernetes',
    routes: [
      ...discoveryRoutes(),
      ...apiRoutes({
        store,
        userOf,
        token: async (namespace, { metadata }, audiences, seconds) => {
          const claims = { namespace, serviceAccount: metadata.name, uid: metadata.uid ?? '' }
          const signed = await issuer.sign(
            claims,
            audiences.length === 0 ? [API_AUDIENCE] : audiences,
            seconds
          )
          issued.push(signed)
          return signed
        }
      })
    ],
    otherwise: () => {
      const error = new StatusError(404, 'NotFound', 'the server could not find the requested resource')
      return { status: 404, body: error.body() }
    },
    errorBody: (status) =>
      new StatusError(status, REASONS[status] ?? 'InternalError', `the server answered ${status}`).body()
  })
  const begin = (install: (() => void) | undefined): void => {
    controllers.stop()
    store.clear()
    installCluster(store)
    readers(store)
    install?.()
    controllers.settle()
  }
  const upstream = (): void => {
    installArgoCd(store, UPSTREAM)
  }
  begin(upstream)
  const world: World = {
    store,
    conditions,
    reinstall: (shape) => {
      begin(
        shape === undefined
          ? undefined
          : () => {
              installArgoCd(store, { ...UPSTREAM, ...shape })
            }
      )
    },
    access: (next) => {
      level = next
    }
  }
  const reset = (): void => {
    level = 'admin'
    Object.assign(conditions, normal())
    begin(upstream)
  }
  return {
    get access() {
      return { server: server.url, ca: tls.ca, issuer: issuer.url }
    },
    token,
    issued,
    store,
    kubeconfig: () => kubeconfigOf(server.url, tls.ca, token),
    defects: Object.keys(KUBERNETES_DEFECTS),
    defect(name) {
      const defect = KUBERNETES_DEFECTS[name]
      if (!defect) throw new RangeError(`no such defect: ${name}`)
      defect(world)
    },
    state: () => shown(store),
    async recreate() {
      await issuer.recreate()
      reset()
    },
    reset,
    async close() {
      controllers.stop()
      await Promise.all([server.close(), issuer.close()])
    }
  }
}

const REASONS: Readonly<Record<number, string>> = {
  409: 'Conflict',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable'
}

/** The role behind the defect `rbac-readonly`. */
function readers(store: Store): void {
  const rbac = (resource: string): Kind => kindOf('rbac.authorization.k8s.io', resource) as Kind
  store.create(rbac('clusterroles'), undefined, {
    apiVersion: '',
    kind: 'ClusterRole',
    metadata: { name: 'twin-read' },
    rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list', 'watch'] }]
  })
  store.create(rbac('clusterrolebindings'), undefined, {
    apiVersion: '',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'twin-read' },
    subjects: [{ kind: 'Group', name: 'twin:read', apiGroup: 'rbac.authorization.k8s.io' }],
    roleRef: { kind: 'ClusterRole', name: 'twin-read', apiGroup: 'rbac.authorization.k8s.io' }
  })
}

function kubeconfigOf(server: string, ca: string, token: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'twin', cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }
    ],
    contexts: [{ name: 'twin', context: { cluster: 'twin', user: 'admin', namespace: 'argocd' } }],
    'current-context': 'twin',
    users: [{ name: 'admin', user: { token } }]
  })
}

/** What `GET /state` tells. Of Secrets only names, labels, key names and what is no credential. */
function shown(store: Store): unknown {
  const list = (group: string, resource: string) => store.list(kindOf(group, resource) as Kind)
  const plain = (value: string | undefined): string | undefined =>
    value === undefined ? undefined : Buffer.from(value, 'base64').toString()
  return {
    serviceAccounts: list('', 'serviceaccounts').map(({ metadata: { namespace, name, annotations } }) => ({
      namespace,
      name,
      annotations
    })),
    deployments: list('apps', 'deployments').map((one) => {
      const { metadata, spec, status } = one as unknown as V1Deployment
      return {
        namespace: metadata?.namespace,
        name: metadata?.name,
        generation: metadata?.generation,
        replicas: spec?.replicas,
        templateLabels: spec?.template.metadata?.labels,
        serviceAccount: spec?.template.spec?.serviceAccountName,
        status
      }
    }),
    pods: list('', 'pods').map((one) => {
      const { metadata, spec, status } = one as unknown as V1Pod
      return {
        namespace: metadata?.namespace,
        name: metadata?.name,
        labels: metadata?.labels,
        phase: status?.phase,
        env: Object.fromEntries((spec?.containers ?? []).map(({ name, env }) => [name, env ?? []]))
      }
    }),
    secrets: list('', 'secrets').map(({ metadata: { namespace, name, labels }, data }) => {
      const fields = (data ?? {}) as Record<string, string>
      return {
        namespace,
        name,
        labels,
        keys: Object.keys(fields),
        url: plain(fields['url']),
        project: plain(fields['project']),
        type: plain(fields['type']),
        useAzureWorkloadIdentity: plain(fields['useAzureWorkloadIdentity'])
      }
    })
  }
}

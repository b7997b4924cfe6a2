/**
 * The Kubernetes half of the twin: an API server with the controllers and the webhook that matter, and Argo CD in it.
 */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { V1Pod } from '@kubernetes/client-node'
import type { Journal } from '../journal.ts'
import { listen, type Tls } from '../server.ts'
import { AUDIENCES, type Authenticate, type ClusterAccess, type Directory, type Lag } from '../world.ts'
import { ApplicationController } from '../argocd/application-controller.ts'
import { ALL_WELL } from '../argocd/conditions.ts'
import { CHART_DEFECTS } from '../argocd/chart-defects.ts'
import { CONNECTION_DEFECTS } from '../argocd/connection-defects.ts'
import { ExtensionController } from '../argocd/extension-controller.ts'
import { SECRET_DEFECTS } from '../argocd/secret-defects.ts'
import { INSTALL_DEFECTS } from '../argocd/install-defects.ts'
import { installArgoCd, uninstallArgoCd, type Installed } from '../argocd/manifests.ts'
import { Operator } from '../argocd/operator.ts'
import { RepoServers } from '../argocd/repo-server.ts'
import { argoCdServer } from '../argocd/server.ts'
import { UPSTREAM, type Install } from '../argocd/shapes.ts'
import { admittedPod } from './admission.ts'
import { apiRoutes, NO_SUCH_PATH } from './api.ts'
import { ADMINS, type Attributes, type User } from './authorization.ts'
import { Controllers, type Conditions } from './controllers.ts'
import { WORKLOAD_DEFECTS, type World } from './defects.ts'
import { POD_DEFECTS } from './pod-defects.ts'
import { discoveryRoutes } from './discovery.ts'
import { makeCluster } from './new-cluster.ts'
import { kindOf, servedKinds, StatusError, type Kind, type KubeObject } from './objects.ts'
import { shown } from './shown.ts'
import { Store } from './store.ts'
import { API_AUDIENCE, startIssuer } from './tokens.ts'

export const DEFECTS = {
  ...WORKLOAD_DEFECTS,
  ...POD_DEFECTS,
  ...SECRET_DEFECTS,
  ...INSTALL_DEFECTS,
  ...CONNECTION_DEFECTS,
  ...CHART_DEFECTS
}

export interface KubernetesTwin {
  readonly access: ClusterAccess
  /** The token of the cluster's admin. */
  readonly token: string
  kubeconfig(): string
  /** All tokens that it has issued. */
  readonly issued: string[]
  readonly defects: readonly string[]
  readonly store: Store
  /** Argo CD looks at every Application by itself, as it does every two minutes. */
  poll(refs?: 'kept' | 'expired'): Promise<void>
  /** How many Applications Argo CD compares, or has still to compare. */
  readonly comparing: number
  defect(name: string): void
  state(): unknown
  /** Recreates the cluster: another issuer, other keys, a new Argo CD. */
  recreate(issuerPath?: string): Promise<void>
  /** @returns restores the current state of the same cluster, without its defects. */
  keep(): () => void
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
  /** What Azure RBAC allows a principal; absent: it is off. */
  mayByAzure?: (principalId: string, attributes: Attributes) => boolean
  authorityHost: string
  /** The login whose rights in the cluster the defects change; every other one has those of its bindings. */
  deployerClientId: string
  directory: Directory
  repositoryUrl: string
  /** AKS runs the webhook only where workload identity is on. */
  workloadIdentity?: () => boolean
  /** The folder for the repo-server's clones. */
  temporary: string
  /** File with the twin's certificate, for git. */
  caFile: string
}): Promise<KubernetesTwin> {
  const { journal, tls, lag, tenantId, authenticate, authorityHost } = options
  const token = `admin-${randomUUID()}${randomUUID()}`
  const issued = [token]
  const store = new Store()
  const normal = (): Conditions => ({
    podStart: lag.podStart,
    tenantId,
    authorityHost,
    webhook: 'on',
    stuck: false,
    crashing: false,
    clockAhead: 0,
    ...ALL_WELL
  })
  const conditions = normal()
  const clock = (): number => Date.now() + conditions.clockAhead
  const issuer = await startIssuer(journal, tls, clock)
  const installed: Installed[] = []
  const install = (shape: Install): void => {
    installed.push(installArgoCd(store, shape))
  }
  const admission = (): Conditions =>
    options.workloadIdentity?.() === false ? { ...conditions, webhook: 'absent' } : conditions
  const controllers = new Controllers(store, admission)
  const operator = new Operator(store, () => installed)
  const extensions = new ExtensionController({
    store,
    installed: () => installed,
    install,
    uninstall: (namespace) => {
      const at = installed.findIndex((one) => one.install.namespace === namespace)
      for (const one of installed.splice(at, at < 0 ? 0 : 1)) uninstallArgoCd(store, one)
    },
    deaf: () => conditions.extensionDeaf,
    lag: lag.extension
  })
  const repoServers = new RepoServers({
    store,
    conditions,
    ca: tls.ca,
    caFile: options.caFile,
    authorityHost,
    folder: join(options.temporary, 'clones'),
    sign: async (namespace, serviceAccount, uid, audience) => {
      const signed = await issuer.sign({ namespace, serviceAccount, uid }, [audience], 3600)
      issued.push(signed)
      return signed
    }
  })
  const applications = new ApplicationController({
    store,
    conditions,
    repoServers,
    installed: () => installed
  })
  const reconcilers = [controllers, operator, extensions, repoServers, applications]
  let level: 'admin' | 'read' | 'none' | 'bound' = 'admin'

  const userOf = async (authorization: string | undefined): Promise<User | undefined> => {
    const bearer = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1]
    if (bearer === undefined) return undefined
    if (bearer === token) return { name: 'masterclient', groups: [ADMINS, 'system:authenticated'] }
    const subject = await issuer.subjectOf(bearer)
    if (subject !== undefined)
      return { name: subject, groups: ['system:serviceaccounts', 'system:authenticated'] }
    const caller = await authenticate(authorization)
    if (caller?.tenantId !== tenantId) return undefined
    if (caller.audience !== AUDIENCES.aks) return undefined
    const ofDeployer = { admin: [ADMINS], read: ['twin:read'], none: [], bound: ['patless'] }[level]
    const groups = caller.clientId === options.deployerClientId ? ofDeployer : []
    return {
      name: caller.principalId,
      groups: [...groups, 'system:authenticated'],
      mayByAzure: (attributes) => options.mayByAzure?.(caller.principalId, attributes) ?? false
    }
  }
  const server = await listen({
    journal,
    tls,
    service: 'kubernetes',
    clock,
    routes: [
      ...discoveryRoutes(() => servedKinds(store)),
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
        },
        admitted: (namespace, pod) =>
          admittedPod(store, namespace, pod as unknown as V1Pod, admission()) as unknown as KubeObject,
        proxied: (service, path) => argoCdServer(service, path, installed)
      })
    ],
    otherwise: () => NO_SUCH_PATH,
    errorBody: (status) =>
      new StatusError(status, REASONS[status] ?? 'InternalError', `the server answered ${status}`).body()
  })
  const stop = (): void => {
    for (const one of reconcilers) one.stop()
  }
  const begin = (shape: Install | undefined): void => {
    stop()
    store.clear()
    installed.length = 0
    makeCluster(store)
    readers(store)
    if (shape) install(shape)
    controllers.settle()
  }
  begin(UPSTREAM)
  const world: World = {
    store,
    conditions,
    installed,
    directory: options.directory,
    repositoryUrl: options.repositoryUrl,
    install,
    reinstall: begin,
    access: (next) => {
      level = next
    }
  }
  const calm = (): void => {
    level = 'admin'
    Object.assign(conditions, normal())
  }
  const reset = (): void => {
    calm()
    begin(UPSTREAM)
  }
  const keep = (): (() => void) => {
    const kept = [...installed]
    const restore = store.keep()
    return () => {
      stop()
      calm()
      restore()
      installed.splice(0, Infinity, ...kept)
      controllers.settle()
    }
  }
  return {
    get access() {
      return { server: server.url, ca: tls.ca, token, issuer: issuer.url, extensions }
    },
    token,
    issued,
    store,
    poll: (refs) => applications.poll(refs),
    get comparing() {
      return applications.busy
    },
    kubeconfig: () => kubeconfigOf(server.url, tls.ca, token),
    defects: Object.keys(DEFECTS),
    defect(name) {
      const defect = DEFECTS[name]
      if (!defect) throw new RangeError(`no such defect: ${name}`)
      defect(world)
    },
    state: () => shown(store, installed),
    async recreate(issuerPath) {
      await issuer.recreate(issuerPath)
      reset()
    },
    keep,
    reset,
    async close() {
      stop()
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

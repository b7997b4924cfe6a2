/** The whole twin: Azure, Entra, Azure DevOps, git and a Kubernetes cluster with Argo CD, on loopback. */
import { mkdirSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { AZURE_DEFECTS } from './azure/defects.ts'
import { startAzure, type AzureTwin } from './azure/azure.ts'
import { addCluster, type NewCluster } from './azure/further-clusters.ts'
import { makeCertificates } from './certificates.ts'
import { startControl } from './control.ts'
import { Journal } from './journal.ts'
import { DEFECTS, startKubernetes, type KubernetesTwin } from './kubernetes/cluster.ts'
import { kindOf, type Kind, type KubeObject } from './kubernetes/objects.ts'
import { keepSecretsOf } from './leaks.ts'
import type { Tls } from './server.ts'
import type { Lag } from './world.ts'

export interface Twin {
  readonly azure: AzureTwin
  readonly kubernetes: KubernetesTwin
  /** Further clusters that were started, each with its own Argo CD. */
  readonly clusters: readonly KubernetesTwin[]
  readonly journal: Journal
  readonly controlUrl: string
  readonly tls: Tls
  /** The folder for all its files; `close` removes it. */
  readonly temporary: string
  /** Endpoints and trusted certificate, for every client and every host. */
  readonly places: Readonly<Record<string, string>>
  /** The environment of a GitHub job for a first apply, and what other clients need. */
  readonly environment: Readonly<Record<string, string>>
  defect(name: string): void
  state(): unknown
  /** One more cluster, with an API server, an issuer and an Argo CD of its own. @param made absent: ARM does not know it */
  startCluster(made?: NewCluster): Promise<KubernetesTwin>
  /**
   * Limits the pipeline in Argo CD's namespace to the permissions in these files of docs/permissions.
   *
   * @param files default: kubernetes-role.yaml
   */
  bindDocumentedRole(...files: readonly string[]): Promise<void>
  /** Every token it ever issued. */
  issued(): string[]
  /** @returns restores the current state of the world. */
  keep(): () => void
  reset(): void
  close(): Promise<void>
}

/** Shorter than in reality, but long enough that the demo shows the waits. */
/** The mistakes that the twin can make. */
export const DEFECT_NAMES: readonly string[] = [
  ...new Set([...Object.keys(AZURE_DEFECTS), ...Object.keys(DEFECTS)])
].toSorted()

export const DEMO_LAG: Lag = {
  credential: 900,
  directory: 600,
  membership: 500,
  podStart: 700,
  extension: 1500
}
export const NO_LAG: Lag = { credential: 0, directory: 0, membership: 0, podStart: 0, extension: 30 }

export async function startTwin(lag: Lag = NO_LAG): Promise<Twin> {
  const journal = new Journal()
  const temporary = await mkdtemp(join(tmpdir(), 'patless-twin-'))
  const { ca, tls } = await makeCertificates()
  const caFile = join(temporary, 'ca.pem')
  await writeFile(caFile, ca)
  const started: { cluster?: KubernetesTwin } = {}
  const further = new Map<string, KubernetesTwin>()
  const inArm: NewCluster[] = []
  const azure = await startAzure({
    journal,
    tls,
    temporary,
    lag,
    cluster: (id) => {
      if (!started.cluster) throw new Error('the cluster of the twin has not started yet')
      if (id === undefined) return started.cluster.access
      // Known to ARM alone: nothing answers there.
      const absent = { server: 'https://localhost:9', issuer: `https://issuer.example${id}/` }
      return further.get(id)?.access ?? { ...started.cluster.access, ...absent }
    }
  })
  const around = {
    journal,
    tls,
    lag,
    tenantId: azure.ids.tenantId,
    authenticate: azure.authenticate,
    authorityHost: azure.urls.entra,
    deployerClientId: azure.ids.deployerClientId,
    directory: azure.directory,
    repositoryUrl: azure.ids.repositoryUrl,
    temporary,
    caFile
  }
  const kubernetes = await startKubernetes({
    ...around,
    mayByAzure: azure.mayInKubernetes,
    workloadIdentity: azure.workloadIdentity
  })
  started.cluster = kubernetes
  const kubeconfigFile = join(temporary, 'kubeconfig')
  await writeFile(kubeconfigFile, kubernetes.kubeconfig(), { mode: 0o600 })

  const services = [azure, kubernetes]
  const defect = (name: string): void => {
    // Some defects change both ARM and the cluster, as those of the extension do.
    const concerned = services.filter(({ defects }) => defects.includes(name))
    if (concerned.length === 0) throw new RangeError(`no such defect: ${name}`)
    for (const service of concerned) service.defect(name)
  }
  const state = (): unknown => ({ azure: azure.state(), kubernetes: kubernetes.state() })
  const reset = (): void => {
    azure.reset()
    azure.change((now) => {
      for (const made of inArm) addCluster(now, made)
    })
    for (const one of [kubernetes, ...further.values()]) one.reset()
    journal.reset()
  }
  const keep = (): (() => void) => {
    const restores = [azure, kubernetes, ...further.values()].map((one) => one.keep())
    return () => {
      for (const restore of restores) restore()
      journal.reset()
    }
  }
  const control = await startControl({ journal, state, defect, reset })
  const { ids, urls } = azure
  const places = placesOf(azure, caFile)
  const twin: Twin = {
    azure,
    kubernetes,
    get clusters() {
      return [...further.values()]
    },
    journal,
    controlUrl: control.url,
    tls,
    temporary,
    places,
    environment: {
      ...gitHubJobOf(azure),
      ...places,
      KUBECONFIG: kubeconfigFile,
      AZURE_SUBSCRIPTION_ID: ids.subscriptionId,
      AZURE_TENANT_ID: ids.tenantId,
      SANDBOX_RESOURCE_GROUP: ids.resourceGroup,
      SANDBOX_CLUSTER: ids.cluster,
      SANDBOX_IDENTITY: `id-argocd-${ids.cluster}`,
      SANDBOX_ORGANIZATION: ids.organization,
      SANDBOX_PROJECT: ids.project,
      SANDBOX_REPOSITORY_URL: ids.repositoryUrl,
      SANDBOX_MSI_ENDPOINT: `${urls.msi}/msi/token`,
      SANDBOX_CONTROL_URL: control.url
    },
    defect,
    state,
    keep,
    reset,
    async startCluster(made) {
      const cluster = await startKubernetes({
        ...around,
        temporary: await mkdtemp(join(temporary, 'cluster-'))
      })
      let id = `cluster-${further.size}`
      if (made) {
        inArm.push(made)
        azure.change((now) => {
          id = addCluster(now, made).toLowerCase()
        })
      }
      further.set(id, cluster)
      return cluster
    },
    async bindDocumentedRole(...files) {
      const named = files.length === 0 ? ['kubernetes-role.yaml'] : files
      for (const name of named) {
        const file = new URL(`../docs/permissions/${name}`, import.meta.url)
        const [role] = parseAllDocuments(await readFile(file, 'utf8')).map(
          (document) => document.toJS() as KubeObject
        )
        const rbac = (resource: string): Kind => kindOf('rbac.authorization.k8s.io', resource) as Kind
        if (!role) throw new Error('there is no Role in the file')
        kubernetes.store.create(rbac('roles'), 'argocd', role)
        kubernetes.store.create(rbac('rolebindings'), 'argocd', {
          apiVersion: '',
          kind: 'RoleBinding',
          metadata: { name: role.metadata.name },
          subjects: [{ kind: 'Group', name: 'patless' }],
          roleRef: { kind: 'Role', name: role.metadata.name }
        })
      }
      kubernetes.defect('rbac-bound')
    },
    issued: () => [azure, kubernetes, ...further.values()].flatMap(({ issued }) => issued),
    async close() {
      await Promise.all([control, azure, kubernetes, ...further.values()].map((one) => one.close()))
      // A git process of Argo CD may still be ending.
      await rm(temporary, { recursive: true, force: true, maxRetries: 5 })
    }
  }
  keepSecretsOf(twin)
  return twin
}

/**
 * The endpoints of Azure's services and the certificate to trust. An empty folder beside it is all that git sees of the
 * machine's own authorities: with GnuTLS, each git process would first parse all of them, three times as long as it works.
 */
export function placesOf({ urls }: AzureTwin, caFile: string): Readonly<Record<string, string>> {
  const authorities = join(dirname(caFile), 'authorities')
  mkdirSync(authorities, { recursive: true })
  return {
    NODE_EXTRA_CA_CERTS: caFile,
    AZURE_AUTHORITY_HOST: urls.entra,
    AZURE_RESOURCE_MANAGER_URL: urls.arm,
    MICROSOFT_GRAPH_URL: urls.msgraph,
    AZURE_DEVOPS_URL: urls.devops,
    AZURE_CONTAINER_REGISTRY_URL: urls.registry,
    SSL_CERT_FILE: caFile,
    REQUESTS_CA_BUNDLE: caFile,
    GIT_SSL_CAINFO: caFile,
    GIT_SSL_CAPATH: authorities
  }
}

/** The environment of a GitHub job for a first apply. */
export function gitHubJobOf({ github, ids }: AzureTwin): Readonly<Record<string, string>> {
  return {
    GITHUB_ACTIONS: 'true',
    ACTIONS_ID_TOKEN_REQUEST_URL: github.requestUrl,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: github.requestToken,
    INPUT_CLUSTER: ids.cluster,
    'INPUT_REPOSITORY-URL': ids.repositoryUrl,
    'INPUT_CLIENT-ID': ids.deployerClientId,
    'INPUT_TENANT-ID': ids.tenantId
  }
}

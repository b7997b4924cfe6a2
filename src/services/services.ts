/** The clients of all services of one run, with one login. */
import { Problem } from '../core/finding.ts'
import { input } from '../core/input-name.ts'
import { Arm } from './azure/arm.ts'
import { ArmWire } from './azure/arm-wire.ts'
import { ConnectedClusters } from './azure/connected-clusters.ts'
import { ArgocdObjects } from './kubernetes/argocd-objects.ts'
import { Organization } from './azure-devops/client.ts'
import { History } from './azure-devops/history.ts'
import { Members } from './azure-devops/members.ts'
import { Permissions } from './azure-devops/permissions.ts'
import { Projects } from './azure-devops/projects.ts'
import { AKS_SCOPE, AZURE_DEVOPS_SCOPE, endpointsOf, type Cloud, type Endpoints } from './endpoints.ts'
import { Entra } from './entra/entra.ts'
import { Extensions } from './azure/extensions.ts'
import { isAks } from './azure/ids.ts'
import { Git } from './git/git.ts'
import { IdentityPace } from '../http/pace.ts'
import type { Wire } from '../http/request.ts'
import { Kubernetes } from './kubernetes/api.ts'
import type { Kubeconfig } from './kubernetes/kubeconfig.ts'
import { outOfReach } from './kubernetes/out-of-reach.ts'
import { Reach, type ClusterAccess } from './kubernetes/reach.ts'
import { logIn, tokenFor } from './entra/login.ts'
import type { Login, LoginSources, WantedLogin } from './entra/sources.ts'
import { ManagedIdentities } from './azure/managed-identities.ts'
import type { IdentityLogin } from './identity-login.ts'
import { Shared } from './shared.ts'

/** One organization; each API has a client. */
export interface AzureDevOps {
  readonly organization: string
  /** For commands that call more of it. */
  readonly client: Organization
  readonly members: Members
  readonly projects: Projects
  readonly permissions: Permissions
}

/** What further clients of Azure are made from, for commands that call more of it. */
interface Base {
  readonly arm: ArmWire
  /** In the tenant of the identity. */
  readonly identityArm: ArmWire
  /** A token for this scope. */
  readonly bearer: (scope: string) => () => Promise<string>
  readonly wire: Wire
}

export interface Services {
  readonly endpoints: Endpoints
  readonly arm: Arm
  /** The same as `arm`, unless the identity is in another tenant. */
  readonly identityArm: Arm
  /** Clusters that Azure Arc connects. */
  readonly connected: ConnectedClusters
  readonly extensions: Extensions
  readonly identities: ManagedIdentities
  readonly entra: Entra
  /** An organization, by its name. */
  readonly devops: (organization: string) => AzureDevOps
  readonly git: Git
  readonly history: History
  /** The cluster's API; `id` is its ARM id, undefined for a cluster that is not AKS. */
  readonly kubernetes: (id: string | undefined) => Kubernetes
  /** Argo CD's own resources in that cluster. */
  readonly argocd: (id: string | undefined) => ArgocdObjects
  readonly login: Pick<Login, 'description' | 'warning' | 'subscriptionId'>
  /** The login in the tenant of the identity; absent: `login` is for everything. */
  readonly identityLogin?: Pick<Login, 'description' | 'warning'>
  readonly mask: (secret: string) => void
  /** By service, in ms: how far the clock of this machine is ahead. */
  readonly clocks: () => Readonly<Record<string, number>>
  readonly base: Base
}

/** Settings from the inputs. */
export interface ServiceSettings {
  readonly cloud: Cloud
  /** What is asked. `cluster`: which may want an Entra token or not. */
  readonly uses: 'everything' | 'azure' | 'cluster'
  readonly login: WantedLogin
  /** Identity and organizations are in a tenant of their own. */
  readonly identityLogin?: IdentityLogin | undefined
  /** Names of organizations that are known before anything is read. */
  readonly organizations?: readonly string[]
  /** Content of a kubeconfig; undefined: the AKS user credential. */
  readonly kubeconfig: string | undefined
  /** How an AKS cluster is reached; absent: directly. */
  readonly clusterAccess?: ClusterAccess
  /** Whether this run reads repositories with git. */
  readonly readsGit: boolean
}

/** The variables with which GitHub and Azure Pipelines tell a job where to request its token. */
const HOST_TOKEN_URLS = ['ACTIONS_ID_TOKEN_REQUEST_URL', 'SYSTEM_OIDCREQUESTURI']

/**
 * Logs in to every service before the first read, so that a missing login is one error before anything is written.
 *
 * @throws {Problem} for a missing login or a missing git.
 */
export async function connect(
  settings: ServiceSettings,
  wire: Wire,
  sources: LoginSources,
  shared = new Shared(wire)
): Promise<Services> {
  const { identityLogin: wantedOther } = settings
  const loginKey = JSON.stringify([settings.cloud, settings.login])
  const identityKey = wantedOther ? JSON.stringify([loginKey, wantedOther]) : loginKey
  const hostLogin =
    sources.serviceConnection !== undefined ||
    [settings.login, wantedOther].some((one) => one?.clientId !== undefined)
  const hostsOwn = hostLogin && sources.identityToken ? HOST_TOKEN_URLS : []
  const endpoints = endpointsOf(settings.cloud, sources.environment, hostsOwn)
  for (const line of endpoints.overrides) wire.policy.report(line)
  // Azure DevOps' limits count per identity: the login's, and the one that git reads as.
  const [ownPace, readerPace] = [shared.pace(identityKey), new IdentityPace()]
  const git = new Git(sources.environment, wire, { pace: readerPace, readByGit: shared.readByGit })
  // The large SDKs load from disk while git starts and while Entra answers.
  const usable = settings.readsGit ? shared.git(() => git.assertUsable()) : Promise.resolve()
  await Promise.all([usable, import('@azure/identity')])
  let first: Promise<Login> | undefined
  const loggedIn = (): Promise<Login> =>
    (first ??= shared.login(loginKey, (over) => logIn(settings.login, endpoints, sources, over)))
  let other: Promise<Login> | undefined
  const otherLoggedIn = (): Promise<Login> =>
    (other ??= import('./identity-login.ts').then(({ logInForIdentity }) =>
      wantedOther
        ? shared.login(identityKey, (over) => logInForIdentity(wantedOther, endpoints, sources, over))
        : loggedIn()
    ))
  const identityLoggedIn = wantedOther ? otherLoggedIn : loggedIn
  const bearer =
    (scope: string, who = loggedIn) =>
    async (): Promise<string> =>
      tokenFor(await who(), scope, wire)
  const organizations = new Map<string, AzureDevOps>()
  const devops = (name: string): AzureDevOps => {
    const key = name.toLowerCase()
    const token = bearer(AZURE_DEVOPS_SCOPE, identityLoggedIn)
    const client =
      organizations.get(key) ??
      devopsOf(
        new Organization(name, endpoints, token, wire, {
          pace: ownPace,
          reads: shared.reads(`${identityKey} ${key}`)
        })
      )
    organizations.set(key, client)
    return client
  }
  if (wantedOther) {
    const { assertTenant } = await import('./identity-login.ts')
    const named = (settings.organizations ?? []).map((name) => ({ name, members: devops(name).members }))
    await assertTenant(wantedOther, settings.login.tenantId, named)
  }
  // A cluster with a login of its own may need none in Azure.
  const login = settings.uses === 'cluster' ? undefined : await loggedIn()
  const identityLogin = wantedOther && (await otherLoggedIn())
  const credential: Login['credential'] = {
    getToken: async (...asked) => (await identityLoggedIn()).credential.getToken(...asked)
  }
  // An AKS cluster most likely needs an Entra token too. The call that needs it reports a failure.
  if (settings.kubeconfig === undefined) bearer(AKS_SCOPE)().catch(() => undefined)
  const tokens = [
    ...(settings.uses === 'cluster' ? [] : [bearer(endpoints.armScope)()]),
    ...(wantedOther ? [bearer(endpoints.armScope, identityLoggedIn)()] : []),
    ...(settings.uses === 'everything' ? [bearer(AZURE_DEVOPS_SCOPE, identityLoggedIn)()] : [])
  ]
  const identities = settings.uses === 'everything' ? [import('@azure/arm-msi')] : []
  await Promise.all([...tokens, ...identities, import('./kubernetes/sdk.ts')])
  const armWire = new ArmWire(endpoints, bearer(endpoints.armScope), wire)
  const arm = new Arm(armWire)
  const identityWire = wantedOther
    ? new ArmWire(endpoints, bearer(endpoints.armScope, identityLoggedIn), wire)
    : armWire
  const identityArm = wantedOther ? new Arm(identityWire) : arm
  const known = new Map<string | undefined, Kubernetes>()
  const kubernetes = (id: string | undefined): Kubernetes => {
    const existing = known.get(id)
    if (existing) return existing
    let requested: Promise<Kubeconfig> | undefined
    const kubeconfig = (): Promise<Kubeconfig> => {
      if (settings.kubeconfig !== undefined)
        return Promise.resolve({ yaml: settings.kubeconfig, from: 'file' })
      if (id !== undefined)
        return (requested ??= arm.userKubeconfig(id).then((yaml) => ({ yaml, from: 'ARM' }) as const))
      throw new Problem({
        id: 'kubeconfig/missing',
        summary: 'There is no kubeconfig for this cluster.',
        remedy: `set ${input('kubeconfig')}`
      })
    }
    const credentials = { entraToken: bearer(AKS_SCOPE), mask: sources.mask }
    const reach = new Reach(
      settings.clusterAccess,
      id !== undefined && isAks(id) && settings.kubeconfig === undefined
        ? {
            ...{ id, ...credentials, access: () => arm.apiServerAccess(id) },
            commands: async (over) => {
              const { RunCommands } = await import('./azure/run-command.ts')
              return new RunCommands(new ArmWire(endpoints, bearer(endpoints.armScope), over))
            }
          }
        : undefined
    )
    const unreached = (host: string, cause: unknown): Problem | undefined => {
      const access = id === undefined ? undefined : arm.apiServerAccess(id)
      return id !== undefined && access ? outOfReach(id, host, access, cause) : undefined
    }
    const client = new Kubernetes(kubeconfig, credentials, wire, unreached, reach)
    known.set(id, client)
    return client
  }
  return {
    base: { arm: armWire, identityArm: identityWire, bearer, wire },
    endpoints,
    arm,
    identityArm,
    connected: new ConnectedClusters(armWire),
    extensions: new Extensions(armWire),
    identities: new ManagedIdentities(endpoints, credential, wire),
    entra: new Entra(endpoints, wire),
    devops,
    git,
    history: new History(endpoints, wire, readerPace),
    login: login ?? { description: 'that of the kubeconfig' },
    ...(identityLogin && { identityLogin }),
    mask: sources.mask,
    clocks: () => wire.clocks?.ahead ?? {},
    kubernetes,
    argocd: (id) => new ArgocdObjects(kubernetes(id))
  }
}

function devopsOf(organization: Organization): AzureDevOps {
  return {
    organization: organization.name,
    client: organization,
    members: new Members(organization),
    projects: new Projects(organization),
    permissions: new Permissions(organization)
  }
}

/** The Azure half of the twin: Entra, ARM, Azure DevOps with real git, and the OIDC endpoints of the CI hosts. */
import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Journal } from '../journal.ts'
import { listen, type Tls } from '../server.ts'
import { AUDIENCES, type Authenticate, type Directory, type Lag, type Principal } from '../world.ts'
import { startArm } from './arm.ts'
import { AZURE_DEFECTS } from './defects.ts'
import { startDevOps } from './devops.ts'
import { startEntra } from './entra.ts'
import { makeOrganizations } from './git.ts'
import { startGitHubApi, type GitHubApi } from './github.ts'
import { startMicrosoftGraph } from './applications.ts'
import { mayInKubernetes, type KubernetesRequest } from './kubernetes-access.ts'
import { featuresOf } from './managed-clusters.ts'
import { newCluster } from './new-cluster.ts'
import { startPipelineOidc, type PipelineOidc } from './pipeline-oidc.ts'
import type { ArmContext } from './arm-context.ts'
import type { Assignment } from './assignments.ts'
import { Limits } from './limits.ts'
import { newPersonalToken, Organization } from './organization.ts'
import { startRegistries } from './registry-server.ts'
import { shown } from './shown.ts'
import { spoilingOf, type Spoiling } from './spoil.ts'
import { AzureState, CLUSTER_ID, IDENTITY_HEADER, IDS, legacyDescriptorOf, type RanCommand } from './state.ts'

export interface AzureTwin extends Spoiling {
  readonly urls: Readonly<
    Record<
      'arm' | 'entra' | 'msgraph' | 'devops' | 'graph' | 'entitlements' | 'msi' | 'github' | 'registry',
      string
    >
  >
  /** `token`: for GitHub's API. */
  readonly github: PipelineOidc['github'] &
    Pick<GitHubApi, 'settings' | 'token'> & { readonly issuer: string }
  /** `secret`: the secret of the deployer's application, for old service connections. */
  readonly azurePipelines: PipelineOidc['azurePipelines'] & { readonly secret: string }
  readonly ids: typeof IDS & { readonly clusterId: string; readonly repositoryUrl: string }
  readonly authenticate: Authenticate
  readonly directory: Directory
  /** A token for Azure DevOps, of an application in the tenant. */
  tokenFor(clientId: string): Promise<string>
  /** A new personal access token of somebody who reads everything in an organization; `end` revokes it or lets it expire. */
  personalToken(organization?: string): {
    readonly secret: string
    readonly end: (how: 'revoked' | 'expired') => void
  }
  /** A project with these repositories, which all have the content of `app`; a reset forgets it. */
  addProject(name: string, repositories: readonly string[]): void
  /** What role assignments allow a principal in the cluster. */
  mayInKubernetes(principalId: string, request: KubernetesRequest): boolean
  /** All personal access tokens that it has issued. */
  readonly personalTokens: string[]
  /** All tokens that it has issued. */
  readonly issued: string[]
  readonly defects: readonly string[]
  defect(name: string): void
  /** Changes the state itself: for what no defect and no request does. */
  change(change: (state: AzureState) => void): void
  /** The deployer has these roles, and no other. */
  assign(assignments: readonly Assignment[]): void
  /** The same for the login of the second tenant. */
  assignOther(assignments: readonly Assignment[]): void
  /** The deployer administers no collection, and has these rights instead. */
  grant(rights: DevOpsRights): void
  /** Rate limits of Azure DevOps. */
  readonly limits: Limits
  state(): unknown
  /** What Azure keeps of the commands that ran in the cluster. */
  readonly commands: () => readonly RanCommand[]
  /** Whether AKS runs the webhook of workload identity in the cluster. */
  workloadIdentity(): boolean
  /** @returns restores the current state. */
  keep(): () => void
  reset(): void
  close(): Promise<void>
}

/** What a member has in one project. */
export interface DevOpsRights {
  /** Its group there; absent: none. */
  readonly group?: 'Readers' | 'Contributors' | 'Project Administrators'
  /** Bits that an entry of its own allows, by token. */
  readonly entries?: Readonly<Record<string, number>>
}

export async function startAzure(options: {
  journal: Journal
  tls: Tls
  /** The folder for bare repositories. */
  temporary: string
  lag: Lag
  cluster: ArmContext['cluster']
}): Promise<AzureTwin> {
  const { journal, tls, lag, temporary } = options
  const issued: string[] = []
  const personalTokens: string[] = []
  const folder = join(temporary, 'repositories')
  await mkdir(folder, { recursive: true })
  const github = await startGitHubApi({ journal, tls, issued })
  const oidc = await startPipelineOidc({
    journal,
    tls,
    issued,
    github: github.settings,
    connections: () => state().organizations.flatMap(({ serviceEndpoints }) => serviceEndpoints)
  })
  const organizations = makeOrganizations(folder)
  const fresh = (): AzureState => {
    // A reset keeps the repositories and recreates membership, flags and permissions.
    const copies = organizations.map(({ name, tenant, projects }) => {
      const own = projects.map((project) => ({
        ...project,
        repositories: project.repositories.map((repository) => ({ ...repository })),
        groups: new Map([...project.groups.keys()].map((group) => [group, new Set<string>()]))
      }))
      return new Organization(name, tenant, own)
    })
    const made = new AzureState(copies, newCluster())
    made.deployerTrusts = oidc.trusts.deployer
    made.otherLoginTrusts = oidc.trusts.otherLogin
    return made
  }
  const limits = new Limits()
  let current = fresh()
  const state = (): AzureState => current
  const directory: Directory = {
    byClientId: (clientId) => state().principal('clientId', clientId),
    byPrincipalId: (principalId) => state().principal('principalId', principalId)
  }
  const secret = `deployer~${randomUUID()}`
  issued.push(secret)
  const authorities = (): string => `${tls.ca}${options.cluster().ca}`
  const serves = (issuer: string): boolean =>
    featuresOf(state().cluster).issuer || issuer !== options.cluster().issuer
  const entra = await startEntra({ journal, tls, lag, issued, secret, authorities, serves, state })
  const { authenticate } = entra
  const arm = await startArm({ ...options, state, authenticate })
  const msgraph = await startMicrosoftGraph({ journal, tls, lag, state, authenticate })
  const devops = await startDevOps({
    journal,
    tls,
    lag,
    limits,
    state,
    directory,
    authenticate,
    issuer: oidc.issuers.azurePipelines
  })
  const registry = await startRegistries({ journal, tls, lag, issued, state, authenticate })
  const msi = await listen({
    journal,
    service: 'entra',
    routes: [
      [
        '*',
        '/msi/token',
        async (call) => {
          const newer = call.url.searchParams.get('api-version') === '2019-08-01'
          if (newer && call.headers['x-identity-header'] !== IDENTITY_HEADER)
            return {
              status: 401,
              body: { statusCode: 401, message: 'X-IDENTITY-HEADER is wrong or missing.' }
            }
          const form = new URLSearchParams((await call.bytes()).toString('utf8'))
          const resource = form.get('resource') ?? call.url.searchParams.get('resource') ?? ''
          const audience = /localhost|management/.test(resource) ? 'https://management.azure.com' : resource
          // A machine has one identity; az, which asks here too, has a login in each tenant.
          const isOther = form.get('tenant') === IDS.otherTenantId
          const login = isOther ? IDS.otherLoginClientId : IDS.deployerClientId
          const deployer = directory.byClientId(login) as Principal
          const expires = Math.floor(Date.now() / 1000) + 3600
          return {
            status: 200,
            body: {
              access_token: await entra.tokenFor(deployer, audience),
              expires_on: String(expires),
              expires_in: 3600,
              resource,
              token_type: 'Bearer',
              client_id: deployer.clientId
            }
          }
        }
      ]
    ],
    otherwise: () => ({ status: 404 })
  })
  return {
    urls: {
      arm: arm.url,
      entra: entra.url,
      msgraph: msgraph.url,
      devops: devops.core.url,
      graph: devops.graph.url,
      entitlements: devops.entitlements.url,
      msi: msi.url,
      github: github.url,
      registry: registry.url
    },
    github: { ...oidc.github, issuer: oidc.issuers.github, settings: github.settings, token: github.token },
    azurePipelines: { ...oidc.azurePipelines, secret },
    ids: {
      ...IDS,
      clusterId: CLUSTER_ID,
      repositoryUrl: `${devops.core.url}/${IDS.organization}/${IDS.project}/_git/${IDS.repository}`
    },
    authenticate,
    directory,
    tokenFor: (clientId) =>
      entra.tokenFor(directory.byClientId(clientId) as Principal, AUDIENCES.azureDevOps),
    addProject(name, repositories) {
      const [organization] = state().organizations
      const { folder = '' } = organization?.project(IDS.project)?.repositories[0] ?? {}
      organization?.projects.push({
        id: randomUUID(),
        name,
        repositories: repositories.map((one) => ({ id: randomUUID(), name: one, folder, disabled: false })),
        groups: new Map(
          ['Readers', 'Contributors', 'Project Administrators'].map((group) => [group, new Set<string>()])
        )
      })
    },
    personalToken(organization = IDS.organization) {
      const secret = newPersonalToken()
      personalTokens.push(secret)
      const here = () => state().organizations.find(({ name }) => name === organization)
      here()?.personalTokens.push({ secret, expiresAt: Infinity, revoked: false })
      return {
        secret,
        end(how) {
          // A restored state has copies of its tokens.
          const token = here()?.personalTokens.find((one) => one.secret === secret)
          if (!token) throw new RangeError('there is no such token in this state')
          if (how === 'revoked') token.revoked = true
          else token.expiresAt = 0
        }
      }
    },
    mayInKubernetes: (principalId, request) => mayInKubernetes(state(), principalId, request),
    personalTokens,
    issued,
    defects: Object.keys(AZURE_DEFECTS),
    defect(name) {
      const defect = AZURE_DEFECTS[name]
      if (!defect) throw new RangeError(`no such defect: ${name}`)
      defect(state())
    },
    change(change) {
      change(state())
    },
    assign(assignments) {
      state().assignments = assignments
    },
    assignOther(assignments) {
      state().otherAssignments = assignments
    },
    grant({ group, entries = {} }) {
      const [now] = state().organizations
      if (!now) return
      const login = now.tenant === IDS.tenantId ? IDS.deployerPrincipalId : IDS.otherLoginPrincipalId
      now.collectionAdministrator = false
      const deployer = now.member(login)
      if (deployer) now.administrators.delete(deployer.descriptor)
      for (const [name, members] of now.project(IDS.project)?.groups ?? [])
        if (deployer && name === group) members.add(deployer.descriptor)
      for (const [token, allow] of Object.entries(entries))
        now.entries.set(
          token.toLowerCase(),
          new Map([
            ...(now.entries.get(token.toLowerCase()) ?? []),
            [legacyDescriptorOf(login, now.tenant), { allow, deny: 0 }]
          ])
        )
    },
    ...spoilingOf(state),
    state: () => shown(state()),
    commands: () => state().commands,
    workloadIdentity: () => featuresOf(state().cluster).workloadIdentity,
    keep() {
      const kept = current.copy()
      return () => {
        current = kept.copy()
      }
    },
    limits,
    reset() {
      github.reset()
      current = fresh()
      limits.clear()
    },
    close: async () => {
      await Promise.all([
        entra.close(),
        msgraph.close(),
        registry.close(),
        arm.close(),
        devops.close(),
        msi.close(),
        oidc.close(),
        github.close()
      ])
    }
  }
}

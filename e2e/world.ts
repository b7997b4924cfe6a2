/** The world of the cases: the twin of Azure, and everything else real. */
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startAzure, type AzureTwin } from '../sandbox/azure/azure.ts'
import { makeCertificates } from '../sandbox/certificates.ts'
import { runAzurePipelinesJob, runGitHubJob, serviceConnectionOf, type JobResult } from '../sandbox/job.ts'
import { isWrite } from '../sandbox/in-process.ts'
import { Journal } from '../sandbox/journal.ts'
import { gitHubJobOf, NO_LAG, placesOf } from '../sandbox/twin.ts'
import { askArgoCd, installArgoCd, NAMESPACE, REPO_SERVER, type ArgoAnswer } from './argocd.ts'
import { freePort, startChild } from './child.ts'
import { givenControlPlane, kubeconfigOf, startControlPlane, type ControlPlane } from './control-plane.ts'
import { startEntraName } from './entra-name.ts'
import { Kube } from './kube.ts'
import { readManifests } from './manifests.ts'
import { startNode } from './node.ts'
import type { Parts } from './parts.ts'
import { startWebhook, type Webhook } from './webhook.ts'

export type HostName = 'github' | 'azure-pipelines'

export interface World {
  readonly azure: AzureTwin
  /** The API with an administrator's login. */
  readonly kube: Kube
  as(token: string): Kube
  readonly webhook: Webhook
  readonly parts: Parts
  /** The login's user in the cluster. */
  readonly user: string
  readonly folder: string
  /** Azure's endpoints and the trusted certificate, for any process. */
  readonly places: Readonly<Record<string, string>>
  /** Inputs that a run here needs besides those of the job. */
  readonly inputs: Readonly<Record<string, string>>
  /** Runs the committed bundle like this host. */
  run(host: HostName, inputs?: Readonly<Record<string, string>>): Promise<JobResult>
  /** Pushes a commit to the repository that nobody has fetched. @returns it */
  commit(): Promise<string>
  /** Asks the real Argo CD about a commit that it has not seen. */
  ask(): Promise<ArgoAnswer & { readonly newest: string }>
  /** Writing requests to Azure since the last call. */
  azureWrites(): string[]
  stop(): Promise<void>
}

const RBAC = 'rbac.authorization.k8s.io'

export async function startWorld(parts: Parts, environment: NodeJS.ProcessEnv): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'patless-e2e-'))
  const ends: (() => unknown)[] = []
  const stop = async (): Promise<void> => {
    for (const end of ends.reverse()) await end()
    if (environment['E2E_KEEP'] === undefined) await rm(folder, { recursive: true, force: true })
    else process.stdout.write(`kept: ${folder}\n`)
  }
  try {
    return await begun(parts, environment, folder, ends, stop)
  } catch (error) {
    await stop()
    throw error
  }
}

async function begun(
  parts: Parts,
  environment: NodeJS.ProcessEnv,
  folder: string,
  ends: (() => unknown)[],
  stop: () => Promise<void>
): Promise<World> {
  const journal = new Journal()
  const { ca, tls } = await makeCertificates()
  const started: { service?: ControlPlane } = {}
  const azure = await startAzure({
    journal,
    tls,
    temporary: folder,
    lag: NO_LAG,
    cluster: () => {
      if (!started.service) throw new Error('the control plane has not started yet')
      return started.service.access
    }
  })
  ends.push(() => azure.close())
  const { tenantId } = azure.ids
  const { KUBECONFIG: given, E2E_HOST: host = 'localhost' } = environment
  const service =
    given === undefined
      ? await startControlPlane(parts, {
          folder: join(folder, 'control-plane'),
          tls,
          entra: { url: azure.urls.entra, tenantId }
        })
      : await givenControlPlane(given)
  started.service = service
  ends.push(() => service.stop())
  const { kube } = service
  const webhook = await startWebhook(parts, service, {
    folder: join(folder, 'webhook'),
    tenantId,
    host,
    isOtherCluster: given !== undefined
  })
  ends.push(() => webhook.stop())
  const redis = await startRedis(parts, folder)
  ends.push(() => redis.stop())
  const entra = await startEntraName({ url: azure.urls.entra, ca })
  ends.push(() => {
    entra.close()
  })
  const node = await startNode(service, { folder: join(folder, 'node'), parts, entra })
  ends.push(() => node.stop())
  await installArgoCd(kube, parts.files['argocd.yaml'], { redis, repoServer: node.repoServer, ca })
  const caFile = join(folder, 'ca.pem')
  await writeFile(caFile, given === undefined ? ca : `${ca}${service.access.ca}`)
  const places = placesOf(azure, caFile)
  const inputs = {
    'argocd-namespace': NAMESPACE,
    'verification-timeout': '20',
    ...(service.entra ? {} : { kubeconfig: join(folder, 'kubeconfig') })
  }
  const user = service.entra
    ? azure.ids.deployerPrincipalId
    : await serviceAccountUser(service, inputs.kubeconfig ?? '')
  await bindDocumentedRoles(kube, user)
  const needed = { cluster: azure.ids.cluster, 'repository-url': azure.ids.repositoryUrl }
  let seen = 0
  const commit = () => commitTo(join(folder, 'repositories', `${azure.ids.repositoryId}.git`))
  return {
    commit,
    azure,
    kube,
    as: (token) => Kube.of({ ...service.access, token }),
    webhook,
    parts,
    user,
    folder,
    places,
    inputs,
    run: (as, more = {}) =>
      as === 'github'
        ? runGitHubJob({
            environment: { ...gitHubJobOf(azure), ...places },
            inputs: { ...inputs, ...more }
          })
        : runAzurePipelinesJob({
            environment: places,
            inputs: { ...needed, ...inputs, ...more },
            connection: serviceConnectionOf({ azure })
          }),
    async ask() {
      const newest = await commit()
      return { ...(await askArgoCd(kube, azure.ids.repositoryUrl)), newest }
    },
    azureWrites() {
      const writes = journal.entries.slice(seen).filter(isWrite)
      seen = journal.entries.length
      return writes.map(({ service: at, method, path }) => `${at} ${method} ${path.split('?')[0] ?? ''}`)
    },
    stop
  }
}

async function startRedis(
  parts: Parts,
  folder: string
): Promise<{ address: string; password: string; stop: () => Promise<void> }> {
  const port = await freePort()
  const password = randomUUID()
  await mkdir(join(folder, 'redis'))
  const child = await startChild(parts.redis, {
    args: ['-'],
    // Passed as configuration on standard input, not in argv.
    input: `bind 127.0.0.1\nport ${port}\nsave ""\nrequirepass ${password}\n`,
    cwd: join(folder, 'redis'),
    log: join(folder, 'redis.log')
  })
  return { address: `localhost:${port}`, password, stop: () => child.stop() }
}

/** Where the cluster does not accept the Entra twin's tokens, the login is a service account with the same Role. */
async function serviceAccountUser({ kube, access }: ControlPlane, kubeconfig: string): Promise<string> {
  const name = 'patless'
  await kube.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: NAMESPACE } })
  const token = await kube.token(NAMESPACE, name)
  await writeFile(kubeconfig, kubeconfigOf({ ...access, token }), { mode: 0o600 })
  return `system:serviceaccount:${NAMESPACE}:${name}`
}

/** Only the Roles in the docs: the one for apply and check, and the additional one for remove. */
async function bindDocumentedRoles(kube: Kube, user: string): Promise<void> {
  for (const file of [
    'kubernetes-role.yaml',
    'kubernetes-role-remove.yaml',
    'kubernetes-role-migrate.yaml'
  ]) {
    const [role] = await readManifests(new URL(`../docs/permissions/${file}`, import.meta.url))
    if (!role) throw new Error(`there is no Role in ${file}`)
    await kube.apply(role)
    const { name } = role.metadata
    await kube.apply({
      apiVersion: `${RBAC}/v1`,
      kind: 'RoleBinding',
      metadata: { name, namespace: NAMESPACE },
      subjects: [{ apiGroup: RBAC, kind: 'User', name: user }],
      roleRef: { apiGroup: RBAC, kind: 'Role', name }
    })
  }
}

/** The Role that the docs add for a run without argocd-namespace. @returns how to remove it */
export async function bindDiscovery({
  kube,
  user
}: Pick<World, 'kube' | 'user'>): Promise<() => Promise<void>> {
  const roles = await readManifests(new URL('../docs/permissions/kubernetes-role.yaml', import.meta.url))
  const role = roles.find(({ kind }) => kind === 'ClusterRole')
  if (!role) throw new Error('there is no ClusterRole in kubernetes-role.yaml')
  await kube.apply(role)
  const { name } = role.metadata
  await kube.apply({
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name },
    subjects: [{ apiGroup: RBAC, kind: 'User', name: user }],
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name }
  })
  return () => kube.remove({ apiVersion: `${RBAC}/v1`, resource: 'clusterrolebindings', name })
}

const exec = promisify(execFile)

/** @returns the new head of main, which nobody has fetched yet */
async function commitTo(bare: string): Promise<string> {
  const env = {
    PATH: process.env['PATH'] ?? '',
    GIT_AUTHOR_NAME: 'e2e',
    GIT_AUTHOR_EMAIL: 'e2e@contoso.example',
    GIT_COMMITTER_NAME: 'e2e',
    GIT_COMMITTER_EMAIL: 'e2e@contoso.example'
  }
  const git = async (...args: string[]): Promise<string> =>
    (await exec('git', ['-C', bare, ...args], { env })).stdout.trim()
  const made = await git('commit-tree', 'main^{tree}', '-p', 'main', '-m', `e2e ${randomUUID()}`)
  await git('update-ref', 'refs/heads/main', made)
  return made
}

export { NAMESPACE, REPO_SERVER }

/** The errors in a job's log, in the syntax of its host; or a note that it failed without one. */
export function problemsOf({ exitCode, stdout, stderr }: JobResult): string[] {
  const shown = stdout.match(/^(?:::error |##vso\[task\.logissue type=error).*$/gm) ?? []
  return shown.length > 0 || exitCode === 0 ? shown : [`exit code ${exitCode}: ${stdout}${stderr}`]
}

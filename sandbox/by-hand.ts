/**
 * The chain as a person builds it today, with unmodified `az`, `kubectl`, `curl` and `git`: it shows whether the twin
 * is right, and Patless is measured against it.
 */
import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { IDENTITY_HEADER } from './azure/state.ts'
import type { Twin } from './twin.ts'

const exec = promisify(execFile)
const DEVOPS = '499b84ac-1321-427f-aa17-267ca6975798'
const AUDIENCE = 'api://AzureADTokenExchange'
const NAMESPACE = ['-n', 'argocd']

export function has(tool: string): boolean {
  return spawnSync(tool, ['version'], { stdio: 'ignore' }).error === undefined
}

export interface Hand {
  readonly home: string
  run(tool: string, args: readonly string[], more?: Readonly<Record<string, string>>): Promise<string>
  az(...args: string[]): Promise<string>
  kubectl(...args: string[]): Promise<string>
}

/** A shell with its own home, in which every tool trusts the twin. */
export function handOf(twin: Twin): Hand {
  const home = mkdtempSync(join(twin.temporary, 'home-'))
  const run: Hand['run'] = async (tool, args, more = {}) => {
    const env = { PATH: process.env['PATH'] ?? '', ...twin.environment, HOME: home, ...more }
    return (await exec(tool, [...args], { env })).stdout
  }
  return {
    home,
    run,
    az: (...args) => run('az', args, loginOfAz(twin, home)),
    kubectl: (...args) => run('kubectl', args)
  }
}

/** What finds the login of `az` in this home, for `az` itself and for whoever runs it. */
export function loginOfAz({ environment }: Pick<Twin, 'environment'>, home: string): Record<string, string> {
  const endpoint = environment['SANDBOX_MSI_ENDPOINT'] ?? ''
  return {
    AZURE_CONFIG_DIR: join(home, '.azure'),
    AZURE_CORE_COLLECT_TELEMETRY: 'false',
    AZURE_CORE_ONLY_SHOW_ERRORS: 'true',
    // Older ones ask the first, newer ones (MSAL) the second with its header.
    MSI_ENDPOINT: endpoint,
    IDENTITY_ENDPOINT: endpoint,
    IDENTITY_HEADER
  }
}

/** Registers the twin as a cloud in `az`. */
export async function cloudByHand({ azure }: Twin, { az }: Hand): Promise<void> {
  const { arm, entra } = azure.urls
  const endpoints = {
    'resource-manager': arm,
    // Without /adfs, az asks login.microsoftonline.com about the authority.
    'active-directory': `${entra}/adfs`,
    'active-directory-resource-id': arm,
    'active-directory-graph-resource-id': `${arm}/graph`,
    management: arm
  }
  const options = Object.entries(endpoints).flatMap(([name, url]) => [`--endpoint-${name}`, url])
  const suffixes = [
    '--suffix-storage-endpoint',
    'core.localhost',
    '--suffix-keyvault-dns',
    '.vault.localhost'
  ]
  // Since it asks the ARM endpoint for the others, a cloud with endpoints of its own has to say so.
  const skip = '--skip-endpoint-discovery'
  const known = (await az('cloud', 'register', '--help')).includes(skip)
  await az('cloud', 'register', '-n', 'Twin', ...(known ? [skip] : []), ...options, ...suffixes)
  await az('cloud', 'set', '-n', 'Twin')
}

export async function logInByHand({ az }: Hand): Promise<void> {
  await az('login', '--identity')
}

/** Every step from the cluster to the repository Secret. The project's id is looked up, as a person would do it. */
export async function buildByHand(twin: Twin, { az, kubectl, home }: Hand): Promise<void> {
  const { resourceGroup, cluster, location, repositoryUrl, project } = twin.azure.ids
  const { devops, entitlements } = twin.azure.urls
  const name = twin.environment['SANDBOX_IDENTITY'] ?? ''
  const group = ['-g', resourceGroup]
  const text = async (query: string, ...args: string[]): Promise<string> =>
    (await az(...args, '--query', query, '-o', 'tsv')).trim()
  const issuer = await text('oidcIssuerProfile.issuerUrl', 'aks', 'show', ...group, '-n', cluster)
  await az('aks', 'get-credentials', ...group, '-n', cluster, '--file', join(home, 'kubeconfig'))
  await az('identity', 'create', ...group, '-n', name, '-l', location)
  const clientId = await text('clientId', 'identity', 'show', ...group, '-n', name)
  const principalId = await text('principalId', 'identity', 'show', ...group, '-n', name)
  const subject = 'system:serviceaccount:argocd:argocd-repo-server'
  const trust = ['--issuer', issuer, '--subject', subject, '--audiences', AUDIENCE]
  const credential = ['identity', 'federated-credential', 'create', ...group, '--identity-name', name]
  await az(...credential, '--name', 'by-hand', ...trust)
  // Two clicks in Azure DevOps are one REST call.
  const rest = ['rest', '--resource', DEVOPS]
  const url = `${devops}/contoso/_apis/projects/${project}?api-version=7.1`
  const projectId = await text('id', ...rest, '--url', url)
  const member = {
    accessLevel: { accountLicenseType: 'express' },
    servicePrincipal: { origin: 'aad', originId: principalId, subjectKind: 'servicePrincipal' },
    projectEntitlements: [{ projectRef: { id: projectId }, group: { groupType: 'projectReader' } }]
  }
  const members = `${entitlements}/contoso/_apis/serviceprincipalentitlements?api-version=7.1-preview.1`
  await az(...rest, '--method', 'post', '--url', members, '--body', JSON.stringify(member))
  // A person first looks at the pods and their service account.
  const pods = ['-l', 'app.kubernetes.io/name=argocd-repo-server']
  await kubectl(...NAMESPACE, 'describe', 'pods', ...pods)
  await kubectl(...NAMESPACE, 'describe', 'sa', 'argocd-repo-server')
  const annotation = `azure.workload.identity/client-id=${clientId}`
  await kubectl(...NAMESPACE, 'annotate', 'sa', 'argocd-repo-server', annotation)
  const label = { spec: { template: { metadata: { labels: { 'azure.workload.identity/use': 'true' } } } } }
  const patch = ['--type', 'merge', '-p', JSON.stringify(label)]
  await kubectl(...NAMESPACE, 'patch', 'deploy', 'argocd-repo-server', ...patch)
  await kubectl(...NAMESPACE, 'rollout', 'status', 'deploy/argocd-repo-server', '--timeout=20s')
  if (!(await kubectl(...NAMESPACE, 'get', 'pods', ...pods, '-o', 'yaml')).includes(clientId))
    throw new Error('a pod lacks the identity')
  const file = join(home, 'repository.yaml')
  writeFileSync(
    file,
    `apiVersion: v1
kind: Secret
metadata: {name: by-hand, namespace: argocd, labels: {argocd.argoproj.io/secret-type: repository}}
stringData: {type: git, url: "${repositoryUrl}", useAzureWorkloadIdentity: "true"}
`
  )
  await kubectl('apply', '-f', file)
}

/** The verification by hand: token, exchange, git. @returns the cloned commit */
export async function proveByHand(twin: Twin, { az, kubectl, run, home }: Hand): Promise<string> {
  const { resourceGroup, repositoryUrl } = twin.azure.ids
  const name = twin.environment['SANDBOX_IDENTITY'] ?? ''
  const show = ['identity', 'show', '-g', resourceGroup, '-n', name, '--query', '[tenantId, clientId]']
  const [tenantId, clientId] = JSON.parse(await az(...show)) as [string, string]
  const token = ['create', 'token', 'argocd-repo-server', '--audience', AUDIENCE]
  const assertion = (await kubectl(...NAMESPACE, ...token)).trim()
  const form = {
    grant_type: 'client_credentials',
    client_id: clientId,
    scope: `${DEVOPS}/.default`,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion
  }
  const fields = Object.entries(form).flatMap(([key, value]) => ['--data-urlencode', `${key}=${value}`])
  const url = `${twin.azure.urls.entra}/${tenantId}/oauth2/v2.0/token`
  const answer = await run('curl', [
    '-sf',
    '--cacert',
    twin.environment['SSL_CERT_FILE'] ?? '',
    url,
    ...fields
  ])
  const { access_token: access } = JSON.parse(answer) as { access_token: string }
  const clone = mkdtempSync(join(home, 'clone-'))
  await run('git', ['clone', '--quiet', repositoryUrl, clone], {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'http.extraHeader',
    GIT_CONFIG_VALUE_0: `Authorization: Bearer ${access}`,
    GIT_TERMINAL_PROMPT: '0'
  })
  return (await run('git', ['-C', clone, 'rev-parse', 'HEAD'])).trim()
}

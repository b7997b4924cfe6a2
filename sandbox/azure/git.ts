/**
 * Azure Repos: real git over smart HTTP (git http-backend), behind the bearer and the permissions of the organization.
 * Like the real one it knows no protocol 2, whatever the client asks for (grafana/nanogit#372), and gives any commit
 * that a ref leads to, by which Azure Pipelines fetches. It refuses clients without multi_ack
 * (ConfigButler/gitops-reverser#288).
 */
import { execFileSync, spawn } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Answer, Call, Handler } from '../wire.ts'
import { AUDIENCES } from '../world.ts'
import { mayRead, type DevOpsContext } from './devops-context.ts'
import { Organization, type PersonalToken, type Project, type Repository } from './organization.ts'
import { IDS } from './state.ts'

const ISOLATED = {
  PATH: process.env['PATH'] ?? '',
  GIT_CONFIG_GLOBAL: process.platform === 'win32' ? 'NUL' : '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1'
}
const SERVED = {
  ...ISOLATED,
  GIT_HTTP_EXPORT_ALL: '1',
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: 'uploadpack.allowReachableSHA1InWant',
  GIT_CONFIG_VALUE_0: 'true'
}
/** 2026-11-01T08:00:00Z. */
const COMMITTER = 'Contoso <platform@contoso.example> 1793520000 +0000'

/** What Azure Repos answers to git, whoever asks. */
const GIT_REFUSALS: Readonly<Record<string, { readonly status: number; readonly text: string }>> = {
  'network refused': {
    status: 403,
    text: 'VS403463: The conditional access policy defined by your Azure Active Directory administrator has failed.'
  },
  throttled: {
    status: 429,
    text: 'TF400733: The request has been canceled: Request was blocked due to exceeding usage of resource.'
  },
  forbidden: {
    status: 403,
    text: "TF401027: You need the Git 'GenericRead' permission to perform this action."
  }
}

export function isGit({ pathname }: URL): boolean {
  return pathname.includes('/_git/')
}

/** The organizations with real bare repositories under `folder`. */
export function makeOrganizations(folder: string): Organization[] {
  const project = (id: string, name: string, repositories: Repository[]): Project => ({
    id,
    name,
    repositories,
    groups: new Map(
      ['Readers', 'Contributors', 'Project Administrators'].map((group) => [group, new Set<string>()])
    )
  })
  const repository = (
    name: string,
    files: Readonly<Record<string, string>>,
    id: string = randomUUID()
  ): Repository => {
    const bare = join(folder, `${id}.git`)
    makeRepository(bare, files)
    return { id, name, folder: bare, disabled: false }
  }
  const bicep = { 'main.bicep': "targetScope = 'resourceGroup'\n" }
  const readme = { 'README.md': '# Ledger\n' }
  const manifest = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: app\ndata:\n  greeting: hello\n'
  const first = [
    project(IDS.projectId, IDS.project, [
      repository(
        IDS.repository,
        {
          'deploy/kustomization.yaml': 'resources:\n  - configmap.yaml\n',
          'deploy/configmap.yaml': manifest
        },
        IDS.repositoryId
      ),
      repository('infra', bicep),
      repository('empty', {})
    ]),
    project('7d2e8b63-58cf-4a8e-a1c2-0e6f7b8a9d09', 'billing Team', [repository('ledger service', readme)])
  ]
  // A project and a repository of the same names as in the first, with other ids and other content.
  const second = [
    project('b8a5f1e0-3c92-4d17-8e66-2f0d9c7b5a10', IDS.project, [
      repository(IDS.repository, bicep),
      repository('policies', readme),
      repository('empty', {})
    ]),
    project('c4d7e2a9-6b13-4f58-9a0e-5e1c8d3f7b11', 'platform', [repository('charts', readme)])
  ]
  return [
    new Organization(IDS.organization, IDS.tenantId, first),
    new Organization(IDS.secondOrganization, IDS.tenantId, second)
  ]
}

/** Cache of bare repositories, by their files: git makes each one once, later twins get a copy. */
const images = new Map<string, { readonly path: string; readonly bytes: Buffer | undefined }[]>()

function makeRepository(bare: string, files: Readonly<Record<string, string>>): void {
  const key = JSON.stringify(files)
  const known = images.get(key)
  if (!known) {
    importRepository(bare, files)
    const image = readdirSync(bare, { recursive: true, withFileTypes: true }).map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return { path: relative(bare, path), bytes: entry.isFile() ? readFileSync(path) : undefined }
    })
    images.set(key, image)
    return
  }
  mkdirSync(bare)
  for (const { path } of known.filter(({ bytes }) => !bytes)) mkdirSync(join(bare, path), { recursive: true })
  for (const { path, bytes } of known) if (bytes) writeFileSync(join(bare, path), bytes)
}

/** One commit per file; the same files give the same commits in every twin. */
function importRepository(bare: string, files: Readonly<Record<string, string>>): void {
  if (Object.keys(files).length === 0) {
    git(['init', '--quiet', '--bare', '--template=', '--initial-branch=main', bare])
    return
  }
  makeRepository(bare, {})
  commitTo(bare, files)
}

/** One commit per file. @param parent line of fast-import that names the commit to begin with */
export function commitTo(bare: string, files: Readonly<Record<string, string>>, parent = ''): void {
  const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`
  const commits = Object.entries(files).map(
    ([name, text], at) =>
      `commit refs/heads/main\ncommitter ${COMMITTER}\n${data(`Add ${name}`)}${at === 0 ? parent : ''}M 100644 inline "${name}"\n${data(text)}`
  )
  git(['-C', bare, 'fast-import', '--quiet'], commits.join(''))
}

function git(args: readonly string[], input = ''): void {
  execFileSync('git', args, { env: ISOLATED, input, stdio: ['pipe', 'ignore', 'ignore'] })
}

export function gitRoute(context: DevOpsContext): Handler {
  return async (call) => {
    const { authenticate, lag } = context
    const here = context.organizations().find(({ name }) => name === call.params['org']?.toLowerCase())
    if (!here) return { status: 404, body: 'The resource cannot be found.' }
    const toSignIn = { status: 302, headers: { location: `${context.urls.graph}/elsewhere/_signin` } }
    if (here.gitBehaviour === 'redirect') return toSignIn
    if (here.gitBehaviour === 'sign-in page') {
      return {
        status: 203,
        headers: { 'content-type': 'text/html; charset=utf-8' },
        body: '<!DOCTYPE html><html><head><title>Sign In</title></head></html>'
      }
    }
    const refused = GIT_REFUSALS[here.gitBehaviour]
    if (refused)
      return { status: refused.status, headers: { 'content-type': 'text/plain' }, body: refused.text }
    const personal = personalTokenIn(call.headers.authorization, here)
    if (personal) return refusedToken(personal, here) ?? located(call, here)
    const caller = await authenticate(call.headers.authorization)
    if (caller?.audience !== AUDIENCES.azureDevOps || here.tenant !== caller.tenantId)
      return unauthenticated(here.tenant, "TF400813: The user '' is not authorized to access this resource.")
    const member = here.member(caller.principalId)
    const fresh = member !== undefined && Date.now() < member.joinedAt + lag.membership
    if (fresh && here.freshMembers === 'redirected') return toSignIn
    if (!member || member.status === 'disabled' || fresh) {
      return unauthenticated(
        here.tenant,
        `TF401444: Please sign-in at least once as ${here.tenant}\\${here.tenant}\\${caller.principalId} in a web browser to enable access to the service.`
      )
    }
    return context.limits.through(caller.principalId, () => located(call, here, caller.principalId))
  }
}

/** @param principalId undefined: somebody who may read everything */
function located(call: Call, here: Organization, principalId?: string): Answer | Promise<Answer> {
  const name = call.params['repository'] ?? ''
  const project = here.projectInUrl(call.params['project'] ?? name)
  const repository = project?.repositories.find(
    (one) => one.name.toLowerCase() === name.toLowerCase() || one.id === name
  )
  if (
    !project ||
    !repository ||
    repository.disabled ||
    (principalId !== undefined && !mayRead(here, principalId, project, repository))
  ) {
    const text = `TF401019: The Git repository with name or identifier ${name} does not exist or you do not have permissions for the operation you are attempting.`
    return { status: 404, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: text }
  }
  return served(call, repository.folder)
}

/** Basic authentication with any user name; the token is the password, or the user name where there is no password. */
function personalTokenIn(
  authorization: string | undefined,
  { personalTokens }: Organization
): PersonalToken | undefined {
  const [, encoded] = /^Basic ([\w+/=]+)$/i.exec(authorization ?? '') ?? []
  if (encoded === undefined) return undefined
  const [user = '', ...rest] = Buffer.from(encoded, 'base64').toString().split(':')
  const password = rest.join(':')
  const given = password === '' ? user : password
  return personalTokens.find(({ secret }) => secret === given)
}

/** A revoked token is as good as unknown. */
function refusedToken({ revoked, expiresAt }: PersonalToken, { tenant }: Organization): Answer | undefined {
  if (revoked)
    return unauthenticated(tenant, "TF400813: The user '' is not authorized to access this resource.")
  if (expiresAt > Date.now()) return undefined
  return unauthenticated(tenant, 'Access Denied: The Personal Access Token used has expired.')
}

function unauthenticated(tenant: string, text: string): Answer {
  const challenge = `Bearer authorization_uri=https://login.microsoftonline.com/${tenant}, Basic realm="https://localhost/", TFS-Federated`
  return {
    status: 401,
    headers: { 'www-authenticate': challenge, 'content-type': 'text/plain; charset=utf-8' },
    body: text
  }
}

/** What git answered, by question and by where HEAD, branches and tags stood, in whichever twin: thousands of runs ask the same. */
const answered = new Map<string, Promise<Answer>>()

async function served(call: Call, folder: string): Promise<Answer> {
  const input = await call.bytes()
  const { search } = call.url
  if (call.method === 'POST' && !knowsMultiAck(call, input)) {
    const text = 'TF401041: The Git protocol sent is not as expected (Clients must support multi-ack.).'
    return { status: 400, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: text }
  }
  const refs = readdirSync(join(folder, 'refs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .map((path) => `${relative(folder, path)} ${readFileSync(path, 'utf8')}`)
  const head = readFileSync(join(folder, 'HEAD'), 'utf8')
  const asked = [insideOf(call), search, head, ...refs].join('\n')
  const key = createHash('sha256').update(asked).update(input).digest('hex')
  const known = answered.get(key)
  if (known) return known
  const answer = throughGit(call, folder, input)
  answered.set(key, answer)
  return answer
}

/** Whether the first line of a request to fetch says so. */
function knowsMultiAck({ headers }: Call, input: Buffer): boolean {
  const plain = headers['content-encoding'] === 'gzip' ? gunzipSync(input) : input
  const [line = ''] = plain.toString('latin1').split('\n', 1)
  return /^[0-9a-f]{4}want [0-9a-f]{40}.* multi_ack/.test(line)
}

/** The path within the repository. */
function insideOf({ url }: Call): string {
  return /\/_git\/[^/]+(\/.*)$/.exec(url.pathname)?.[1] ?? '/'
}

/** Handles one request with git's own CGI program. */
async function throughGit(call: Call, folder: string, input: Buffer): Promise<Answer> {
  const child = spawn('git', ['http-backend'], {
    env: {
      ...SERVED,
      GIT_PROJECT_ROOT: folder,
      PATH_INFO: insideOf(call),
      QUERY_STRING: call.url.search.slice(1),
      REQUEST_METHOD: call.method,
      CONTENT_TYPE: call.headers['content-type'] ?? '',
      CONTENT_LENGTH: String(input.length),
      HTTP_CONTENT_ENCODING: call.headers['content-encoding'] ?? ''
    },
    stdio: ['pipe', 'pipe', 'ignore']
  })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  await new Promise((resolve) => child.once('close', resolve))
  const output = Buffer.concat(chunks)
  const end = output.indexOf('\r\n\r\n')
  const headers = Object.fromEntries(
    output
      .subarray(0, end)
      .toString('utf8')
      .split('\r\n')
      .map((line) => [
        line.slice(0, line.indexOf(':')).toLowerCase(),
        line.slice(line.indexOf(':') + 1).trim()
      ])
  )
  const { status = '200', ...rest } = headers
  return { status: Number.parseInt(status, 10), headers: rest, body: output.subarray(end + 4) }
}

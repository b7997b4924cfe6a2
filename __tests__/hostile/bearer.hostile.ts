/** A bearer goes only where it belongs: whatever a kubeconfig, the environment, an answer or a URL says. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startElsewhere, startNeighbors, type Elsewhere } from '../../sandbox/elsewhere.ts'
import { runGitHubJob, type JobResult } from '../../sandbox/job.ts'
import { kindOf, type Kind } from '../../sandbox/kubernetes/objects.ts'
import type { Answer } from '../../sandbox/wire.ts'
import { useTwin } from '../twin.ts'

const PAT = 'pat7qz4w8k2m5x9c3v6b1n0l'
/** ms; a job that takes longer is killed, and has not survived. */
const LIMIT = 20_000
const folder = mkdtempSync(join(tmpdir(), 'patless-bearer-'))
const twin = useTwin()
let elsewhere: Elsewhere
let inTheClear: Elsewhere
beforeAll(async () => {
  ;[elsewhere, inTheClear] = await Promise.all([startElsewhere(twin.tls), startElsewhere()])
})
afterAll(() => {
  elsewhere.close()
  inTheClear.close()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(() => {
  elsewhere.heard.length = 0
  inTheClear.heard.length = 0
})
afterEach(() => {
  twin.journal.calm()
})

async function job(
  inputs: Record<string, string>,
  environment: Record<string, string> = {}
): Promise<JobResult> {
  let over: NodeJS.Timeout | undefined
  const done = await runGitHubJob({
    environment: { ...twin.environment, ...environment },
    inputs: { mode: 'check', verification: 'none', ...inputs },
    onStart: (kill) => {
      over = setTimeout(() => {
        kill('SIGKILL')
      }, LIMIT)
    }
  })
  clearTimeout(over)
  expect(done.signal).toBeNull()
  return done
}

/** What people can see of a job. */
const shown = ({ stdout, stderr, summary, outputs }: JobResult): string =>
  [stdout.replaceAll(/^::add-mask::.*$/gm, ''), stderr, summary, JSON.stringify(outputs)].join('\n')
const masks = ({ stdout }: JobResult): string[] =>
  [...stdout.matchAll(/^::add-mask::(.*)$/gm)].map(([, value = '']) => value)

let count = 0
function kubeconfig(user: object, cluster: object = {}): string {
  const path = join(folder, `kubeconfig-${(count += 1)}`)
  const certificates = { 'certificate-authority-data': Buffer.from(twin.tls.ca).toString('base64') }
  const skips = 'insecure-skip-tls-verify' in cluster
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server: elsewhere.url, ...(skips ? {} : certificates), ...cluster } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
    users: [{ name: 'u', user }]
  }
  writeFileSync(path, JSON.stringify(config), { mode: 0o600 })
  return path
}

const marker = join(folder, 'was-run')
const script = join(folder, 'plugin.sh')
writeFileSync(
  script,
  `#!/bin/sh\ntouch ${marker}\necho '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"x"}}'\n`,
  { mode: 0o755 }
)
const exec = (command: string, ...args: string[]): object => ({
  exec: { apiVersion: 'client.authentication.k8s.io/v1', command, args }
})
const AKS = '6dae42f8-4368-4678-94ff-3960e28e3630'

describe('the Entra token for AKS stays with AKS', () => {
  test.each([
    ['aws', exec('aws', 'eks', 'get-token', '--cluster-name', 'c')],
    ['gke', exec('gke-gcloud-auth-plugin')],
    ['oidc-login', exec('kubectl', 'oidc-login', 'get-token')],
    ['a program of its own', exec(script)],
    ['a program that is called almost so', exec('/opt/kubelogin-x', 'get-token', '--server-id', AKS)],
    ['kubelogin for another application', exec('kubelogin', 'get-token', '--server-id', 'other')],
    ['kubelogin for two', exec('kubelogin', 'get-token', '--server-id=other', '--server-id', AKS)],
    ['kubelogin for a server that is not AKS', exec('kubelogin', 'get-token', '--server-id', AKS)],
    ['the old azure provider for such a server', { 'auth-provider': { name: 'azure', config: {} } }],
    ['the oidc provider', { 'auth-provider': { name: 'oidc', config: { 'id-token': PAT } } }],
    ['the gcp provider', { 'auth-provider': { name: 'gcp', config: { 'cmd-path': script } } }],
    [
      'a provider that is a program',
      { 'auth-provider': { name: 'exec', config: { exec: { command: script } } } }
    ]
  ])('%s', async (_name, user) => {
    const done = await job({ kubeconfig: kubeconfig(user) })
    expect(elsewhere.heard).toEqual([])
    expect(existsSync(marker)).toBe(false)
    expect(done.exitCode).toBe(1)
    expect(shown(done)).toContain('kubectl -n argocd create token')
    expect(shown(done)).not.toContain(PAT)
  })

  test('a server in the clear, whatever the login', async () => {
    const server = inTheClear.url
    for (const user of [exec('kubelogin', 'get-token'), { token: PAT }]) {
      const done = await job({ kubeconfig: kubeconfig(user, { server, 'insecure-skip-tls-verify': true }) })
      expect(inTheClear.heard).toEqual([])
      expect(shown(done)).toContain('The server in the kubeconfig is http')
    }
  })

  test('a server whose certificate is not checked is warned about', async () => {
    const done = await job({ kubeconfig: kubeconfig({ token: PAT }, { 'insecure-skip-tls-verify': true }) })
    expect(done.stdout).toMatch(
      /^::warning title=Patless%3A kubeconfig\/tls-unchecked::.*insecure-skip-tls-verify/m
    )
  })

  test('AKS itself is served as before', async () => {
    expect((await job({ mode: 'apply', verification: 'access' })).outputs['verification']).toBe('verified')
  })
})

describe("a kubeconfig's own credentials", () => {
  test('are masked before anything is printed', async () => {
    const file = join(folder, 'token')
    writeFileSync(file, `${PAT}-file\n`)
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const key = Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' })).toString('base64')
    const rows: readonly (readonly [user: object, secret: string])[] = [
      [{ token: PAT }, PAT],
      [{ username: 'u', password: PAT }, PAT],
      [{ tokenFile: file, token: PAT }, PAT],
      [{ tokenFile: file }, `${PAT}-file`],
      [{ token: PAT, 'client-key-data': key }, key]
    ]
    await Promise.all(
      rows.map(async ([user, secret]) => {
        expect(masks(await job({ kubeconfig: kubeconfig(user) }))).toContain(secret)
      })
    )
  })

  test('are not shown when the file is broken just there', async () => {
    const path = join(folder, 'broken')
    writeFileSync(path, `users:\n- name: u\n  user:\n    token: "${PAT}\n  foo: [\n`)
    const done = await job({ kubeconfig: path })
    expect(shown(done)).toContain('The kubeconfig cannot be read')
    expect(shown(done)).not.toContain(PAT)
  })

  test('in devices, pipes, folders and relative files are not waited for', async () => {
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    const files = ['/dev/zero', pipe, folder, 'package.json', '/proc/self/environ']
    const users = [
      ...files.flatMap(
        (path, index) =>
          [{ tokenFile: path }, { 'token-file': path }, { 'client-key': path, token: 'x' }][index % 3] ?? []
      ),
      { 'token-file': '/dev/zero' },
      { tokenFile: '/dev/zero' }
    ]
    const jobs = await Promise.all(users.map((user) => job({ kubeconfig: kubeconfig(user) })))
    expect(jobs.map(({ exitCode }) => exitCode)).toEqual(users.map(() => 1))
  })
})

describe('endpoints in the environment', () => {
  test('that are http are refused, all at once, before the first request', async () => {
    const { url } = inTheClear
    const done = await job(
      { 'repository-url': `https://dev.azure.com/contoso/shop/_git/app` },
      { AZURE_RESOURCE_MANAGER_URL: url, AZURE_DEVOPS_URL: url, AZURE_AUTHORITY_HOST: url }
    )
    expect(inTheClear.heard).toEqual([])
    expect(done.exitCode).toBe(1)
    for (const name of ['AZURE_RESOURCE_MANAGER_URL', 'AZURE_DEVOPS_URL', 'AZURE_AUTHORITY_HOST'])
      expect(shown(done)).toContain(`${name} is http`)
    expect(twin.journal.entries).toEqual([])
  })

  test.each(['AZURE_RESOURCE_MANAGER_URL', 'AZURE_DEVOPS_URL'])('%s alone', async (name) => {
    // On the real host, which no request is made to: all of them would go to the override.
    const url = 'https://dev.azure.com/contoso/shop/_git/app'
    const done = await job({ 'repository-url': url }, { [name]: inTheClear.url })
    expect(inTheClear.heard).toEqual([])
    expect(done.exitCode).toBe(1)
  })

  test.each([
    'https://user:secret77@localhost',
    'https://localhost/?x=secret77',
    'https://localhost/#secret77',
    'secret77'
  ])('with more in them than a place: %s', async (url) => {
    const done = await job({}, { AZURE_RESOURCE_MANAGER_URL: url })
    expect(shown(done)).toContain('AZURE_RESOURCE_MANAGER_URL')
    expect(shown(done)).not.toContain('secret77')
    expect(twin.journal.entries).toEqual([])
  })

  test("the job's own token endpoint in the clear, where others could listen", async () => {
    // An address of this machine that is neither loopback nor link-local would do; the name is refused before it is looked up.
    const done = await job({}, { ACTIONS_ID_TOKEN_REQUEST_URL: 'http://runner.example/token?x=1' })
    expect(shown(done)).toContain('ACTIONS_ID_TOKEN_REQUEST_URL is http, and not on a loopback')
    expect(twin.journal.entries).toEqual([])
  })

  test('every override is logged', async () => {
    const done = await job({})
    for (const name of ['AZURE_RESOURCE_MANAGER_URL', 'AZURE_DEVOPS_URL', 'AZURE_AUTHORITY_HOST'])
      expect(done.stdout).toContain(`${name}: https://localhost:`)
  })
})

describe('ids from answers', () => {
  const withId =
    (id: string) =>
    (real: Answer): Answer => {
      const { value } = real.body as { value: object[] }
      return { ...real, body: { value: value.map((one) => ({ ...one, id })) } }
    }

  function forgeClusters(change: (real: Answer) => Answer): void {
    twin.journal.forge({
      service: 'arm',
      method: 'GET',
      path: '/managedClusters\\?',
      forge: async (_call, real) => change((await real()) as Answer)
    })
  }

  test("a cluster's id that begins with more of the host", async () => {
    const { front, behind } = await startNeighbors(twin.tls, twin.azure.urls.arm)
    const inside = '/subscriptions/x/resourceGroups/y/providers/Microsoft.ContainerService/managedClusters/z'
    forgeClusters(withId(`1${inside}`))
    const done = await job({}, { AZURE_RESOURCE_MANAGER_URL: front.url })
    front.close()
    behind.close()
    expect(front.heard.length).toBeGreaterThan(0)
    expect(behind.heard).toEqual([])
    expect(done.exitCode).toBe(1)
  })

  test.each([
    '@evil.example/subscriptions/x',
    '.evil.example/subscriptions/x',
    '//evil.example/x',
    '/subscriptions/../../tenants/x',
    '/subscriptions/%2e%2e/x',
    '\\\\evil.example\\x',
    'CLUSTER?x=',
    'CLUSTER#',
    'CLUSTER/../other',
    'CLUSTER/',
    'CLUSTER\n',
    ''
  ])('a cluster named %j', async (form) => {
    forgeClusters(withId(form.replace('CLUSTER', twin.azure.ids.clusterId)))
    const done = await job({ mode: 'apply', verification: 'access' })
    expect(done.exitCode).toBe(1)
    const asked = twin.journal.entries.filter(({ service }) => service === 'arm' || service === 'kubernetes')
    // Nothing was asked of what the id leads to.
    expect(asked.filter(({ path }) => /listClusterUserCredential|extensions/.test(path))).toEqual([])
    expect(asked.filter(({ service }) => service === 'kubernetes')).toEqual([])
  })
})

describe('a user part of a repository URL', () => {
  const spelled = (user: string, path = '/contoso/platform/_git/app'): string =>
    `https://${user}@${new URL(twin.azure.urls.devops).host}${path}`

  test.each([
    ['a token', () => spelled(PAT)],
    ['a token with its user', () => spelled(`contoso:${PAT}`)],
    ['percent-encoded', () => spelled(`${PAT}%2Ex`)],
    ['before the organization', () => spelled(`${PAT}@contoso`)],
    ['on the old host', () => `https://${PAT}@contoso.visualstudio.com/platform/_git/app`],
    ['on dev.azure.com', () => `https://${PAT}@dev.azure.com/contoso/platform/_git/app`],
    ['with a slash', () => `https://${PAT}/x@dev.azure.com/contoso/platform/_git/app`],
    ['with a hash', () => `https://${PAT}#x@dev.azure.com/contoso/platform/_git/app`],
    ['on another host', () => `https://${PAT}@github.com/contoso/app`],
    ['over http', () => `http://${PAT}@dev.azure.com/contoso/platform/_git/app`],
    ['with a blank', () => `https://${PAT}@dev.azure.com/contoso/my platform/_git/app`],
    ['without a scheme', () => `${PAT}@dev.azure.com/contoso/platform/_git/app`],
    ['over SSH', () => `${PAT}@ssh.dev.azure.com:v3/contoso/platform/app`],
    ['not a URL', () => `https://${PAT}@[dev.azure.com/contoso`]
  ])('%s is refused, masked and shown nowhere', async (_name, url) => {
    const done = await job({ mode: 'apply', verification: 'access', 'repository-url': url() })
    expect(done.exitCode).toBe(1)
    expect(shown(done)).not.toContain(PAT)
    expect(masks(done).some((mask) => mask.includes(PAT))).toBe(true)
    expect(JSON.stringify(twin.state())).not.toContain(PAT)
    expect(twin.journal.entries).toEqual([])
  })

  test('in any other input is not repeated either', async () => {
    const spellings = [
      `http://${PAT}@dev.azure.com/contoso`,
      `${PAT}@dev.azure.com`,
      `:${PAT}@x`,
      `https:\\\\${PAT}@x`,
      `HTTPS:${PAT}@x/`
    ]
    const names = [
      'devops-organization',
      'oidc-issuer-url',
      'cluster',
      'application-name',
      'argocd-namespace'
    ]
    await Promise.all(
      names.map(async (name, index) => {
        const done = await job({ [name]: spellings[index] ?? '' })
        expect(done.exitCode).toBe(1)
        expect(shown(done)).not.toContain(PAT)
      })
    )
  })

  test('the organization itself is fine, however it is spelled', async () => {
    const { organization, project, repository } = twin.azure.ids
    const user = organization.toUpperCase()
    const url = spelled(user, `/${organization}/${project}/_git/${repository}`)
    expect((await job({ mode: 'apply', verification: 'access', 'repository-url': url })).exitCode).toBe(0)
  })

  test('in Secrets and Applications of the cluster is shown nowhere', async () => {
    const { store } = twin.kubernetes
    const { organization, project, repository } = twin.azure.ids
    const url = spelled(`me:${PAT}`, `/${organization}/${project}/_git/${repository}`)
    const secret = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'theirs', labels: { 'argocd.argoproj.io/secret-type': 'repo-creds' } },
      data: Object.fromEntries(
        Object.entries({ type: 'git', url: `https://${PAT}@`, password: 'x' }).map(([key, value]) => [
          key,
          Buffer.from(value).toString('base64')
        ])
      )
    }
    store.create(kindOf('', 'secrets') as Kind, 'argocd', secret)
    store.create(kindOf('argoproj.io', 'applications') as Kind, 'argocd', {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name: 'shop' },
      spec: {
        project: 'default',
        source: { repoURL: url, path: '.' },
        destination: { server: 'https://kubernetes.default.svc', namespace: 'shop' }
      }
    })
    const done = await job({ mode: 'apply', verification: 'access' })
    expect(shown(done)).toContain('Application argocd/shop names the repository')
    expect(shown(done)).not.toContain(PAT)
    expect(masks(done)).toContain(PAT)
  })
})

/** Behind a proxy every client goes through it, git too; what NO_PROXY names is reached directly. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import { runAzurePipelinesJob, runGitHubJob, serviceConnectionOf } from '../../sandbox/job.ts'
import { startProxy, type Proxy } from '../../sandbox/proxy.ts'
import { useTwin } from '../twin.ts'

const twin = useTwin({ shared: true })
let proxy: Proxy
const calls: { readonly summary: string; readonly port: number }[] = []
/** Where the twin listens. */
const ports = (): Set<string> =>
  new Set(
    [...Object.values(twin.azure.urls), twin.azure.github.requestUrl, twin.kubernetes.access.server].map(
      (url) => new URL(url).port
    )
  )
const heard = (message: unknown): void => {
  const { request } = message as { request: IncomingMessage }
  const { method = '', url = '', socket } = request
  // Other suites of this process may not have ended yet.
  if (!ports().has(String(socket.localPort))) return
  // Of what the twin's Entra asks the issuers, and of what the proxy is asked, there is nothing to prove.
  if (/well-known\/openid|\/jwks|\/keys$/.test(url) || url.startsWith('http')) return
  calls.push({ summary: `${method} ${url}`, port: socket.remotePort ?? 0 })
}
beforeAll(async () => {
  proxy = await startProxy()
  subscribe('http.server.request.start', heard)
})
afterAll(async () => {
  unsubscribe('http.server.request.start', heard)
  await proxy.close()
})
beforeEach(() => {
  twin.reset()
  proxy.targets.length = 0
  calls.length = 0
})

const job = (variables: Record<string, string>): ReturnType<typeof runGitHubJob> =>
  // Argo CD asks by itself, from within the cluster: no affair of the job's proxy.
  runGitHubJob({ environment: { ...variables, ...twin.environment, INPUT_VERIFICATION: 'access' } })
const CLIENTS: readonly (readonly [client: string, request: RegExp])[] = [
  ['git', /_git\//],
  ['arm-msi', /ManagedIdentity/],
  ['ARM', /Microsoft\.ContainerService/],
  ['Entra', /oauth2/],
  ['Azure DevOps', /_apis/],
  ['Kubernetes', /\/apis?\//],
  ['OIDC', /github\/token/]
]
/** Those that asked anything at all. */
const clients = (): string[] =>
  CLIENTS.filter(([, request]) => calls.some(({ summary: what }) => request.test(what))).map(
    ([client]) => client
  )

describe.each([
  ['HTTPS_PROXY and HTTP_PROXY', 'HTTPS_PROXY', 'HTTP_PROXY'],
  ['in lower case', 'https_proxy', 'http_proxy']
])('%s', (_name, https, http) => {
  test('every client goes through it', async () => {
    const { exitCode, outputs, stdout } = await job({ [https]: proxy.url, [http]: proxy.url })
    expect({ exitCode, verification: outputs['verification'], stdout: exitCode === 0 ? '' : stdout }).toEqual(
      {
        exitCode: 0,
        verification: 'verified',
        stdout: ''
      }
    )
    expect(clients()).toEqual(CLIENTS.map(([client]) => client))
    expect(calls.filter(({ port }) => !proxy.ports.has(port)).map(({ summary: what }) => what)).toEqual([])
  })

  test.each(['NO_PROXY', 'no_proxy'])('and none for what %s names', async (name) => {
    const { exitCode } = await job({ [https]: proxy.url, [http]: proxy.url, [name]: 'example.com,localhost' })
    expect(exitCode).toBe(0)
    expect(proxy.targets).toEqual([])
  })
})

describe('the proxy that an agent of Azure Pipelines was configured with', () => {
  const onAgent = (variables: Record<string, string>): ReturnType<typeof runAzurePipelinesJob> =>
    runAzurePipelinesJob({
      environment: { ...twin.places, ...variables },
      inputs: {
        cluster: twin.azure.ids.cluster,
        'repository-url': twin.azure.ids.repositoryUrl,
        verification: 'access'
      },
      connection: serviceConnectionOf(twin)
    })

  test('is gone through by every client', async () => {
    const { exitCode, stdout } = await onAgent({ AGENT_PROXYURL: proxy.url })
    expect({ exitCode, stdout: exitCode === 0 ? '' : stdout }).toEqual({ exitCode: 0, stdout: '' })
    expect(stdout).toContain('result=Succeeded')
    expect(clients()).toEqual(expect.arrayContaining(['git', 'arm-msi', 'ARM', 'Azure DevOps', 'Kubernetes']))
    expect(calls.filter(({ port }) => !proxy.ports.has(port)).map(({ summary }) => summary)).toEqual([])
  })

  test('is not gone through where the agent says so', async () => {
    const bypass = { AGENT_PROXYBYPASSLIST: JSON.stringify(['localhost']) }
    const { stdout } = await onAgent({ AGENT_PROXYURL: proxy.url, ...bypass })
    expect(stdout).toContain('result=Succeeded')
    expect(proxy.targets).toEqual([])
  })

  test('has a password that no log shows', async () => {
    const password = 'p@ss-of-the-proxy'
    const { stdout } = await onAgent({
      AGENT_PROXYURL: 'http://127.0.0.1:9',
      AGENT_PROXYUSERNAME: 'agent',
      SECRET_AGENT_PROXYPASSWORD: password
    })
    expect(stdout).toContain('result=Failed')
    // The agent masks what it gives itself; azure-pipelines-task-lib shows it when it is loaded, and nobody else does.
    const own = /^##vso\[task\.(?:setsecret\]|debug\]Agent\.ProxyPassword=)/
    const shown = stdout.split('\n').filter((line) => !own.test(line))
    expect(stdout.match(/Agent\.ProxyPassword=/g)).toHaveLength(1)
    expect(shown.join('\n')).not.toContain(password)
    expect(shown.join('\n')).not.toContain(encodeURIComponent(password))
  })
})

test('a proxy that is not there is named as the reason, for the plane that was asked', async () => {
  const { exitCode, stdout } = await job({ HTTPS_PROXY: 'http://127.0.0.1:9' })
  expect(exitCode).toBe(1)
  expect(stdout).toMatch(/::error title=Patless%3A [a-z/-]+::Entra .* gave no answer/)
  expect(calls.every(({ summary: what }) => what.includes('github/token'))).toBe(true)
})

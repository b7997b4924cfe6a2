/** Behind a proxy every client goes through it, git too; what NO_PROXY names is reached directly. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import { runGitHubJob } from '../../sandbox/job.ts'
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

test('a proxy that is not there is named as the reason, for the plane that was asked', async () => {
  const { exitCode, stdout } = await job({ HTTPS_PROXY: 'http://127.0.0.1:9' })
  expect(exitCode).toBe(1)
  expect(stdout).toMatch(/::error title=Patless%3A [a-z/-]+::Entra .* gave no answer/)
  expect(calls.every(({ summary: what }) => what.includes('github/token'))).toBe(true)
})

/** The access verification reads as Argo CD's git would: the Secret's own URL, through the Secret's proxy. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { startProxy, type Proxy } from '../../sandbox/proxy.ts'
import { kindOf, type Kind } from '../../sandbox/kubernetes/objects.ts'
import { useWorld } from '../world.ts'

const world = useWorld()
const SECRETS = kindOf('', 'secrets') as Kind

const DEAD = 'http://127.0.0.1:9'
let proxy: Proxy
beforeAll(async () => {
  proxy = await startProxy()
})
afterAll(() => proxy.close())

/** Connected and verified; then somebody writes these keys into the Secret. */
async function written(fields: Readonly<Record<string, string>>): Promise<void> {
  await world.applied()
  const { store } = world.twin.kubernetes
  const [secret] = store
    .list(SECRETS, 'argocd')
    .filter(({ metadata }) => metadata.labels?.['argocd.argoproj.io/secret-type'] === 'repository')
  if (!secret) throw new Error('there is no repository Secret')
  const data = Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, Buffer.from(value).toString('base64')])
  )
  store.update(SECRETS, secret, { ...secret, data: { ...(secret['data'] as object), ...data } })
  world.twin.journal.clear()
  proxy.targets.length = 0
}
const url = (): string => world.twin.azure.ids.repositoryUrl
const SHORT = { verification: 'access', 'verification-timeout': '3' } as const

describe('a proxy in the Secret', () => {
  test('is used, and its password is nowhere', async () => {
    await written({ proxy: proxy.url.replace('//', '//argo:pr0xyPassw0rd@') })
    const report = await world.check(SHORT)
    expect(report.verification.result).toBe('verified')
    expect(proxy.targets).toContain(new URL(url()).host)
    expect(JSON.stringify(report) + world.printed.join('\n')).not.toContain('pr0xyPassw0rd')
  })

  test('that the runner cannot reach leaves it open, and says what was done instead', async () => {
    await written({ proxy: DEAD })
    const report = await world.check(SHORT)
    expect(report.verification.result).toBe('inconclusive')
    expect(report.verdict.exitCode).toBe(0)
    expect(report.findings.filter(({ severity }) => severity === 'warning')).toMatchObject([
      { id: 'verification/proxy-unreachable', repository: url() }
    ])
    expect(report.repositories[0]?.verifications.access?.commit).toMatch(/^[0-9a-f]{40}$/)
  })

  test('that the runner cannot resolve is no failure either, in apply', async () => {
    await written({ proxy: 'http://egress.proxies.svc:3128' })
    const report = await world.apply(SHORT)
    expect(report.verification.result).toBe('inconclusive')
    expect(report.verdict.exitCode).toBe(1)
  })

  test('is not used for what it excepts', async () => {
    await written({ proxy: DEAD, noProxy: 'github.com,localhost' })
    expect((await world.check(SHORT)).verification.result).toBe('verified')
  })

  test('beats that of the runner, which is for the other requests', async () => {
    await written({ proxy: proxy.url })
    await world.check(SHORT)
    const git = world.twin.journal.entries.filter(({ service, by }) => service === 'git' && by === undefined)
    expect(git.length).toBeGreaterThan(0)
    expect(proxy.targets.length).toBeGreaterThan(0)
  })

  test('of a template counts where no Secret of the repository has one', async () => {
    await world.apply({ connection: 'template', verification: 'none' })
    const { store } = world.twin.kubernetes
    for (const secret of store.list(SECRETS, 'argocd'))
      if (secret.metadata.labels?.['argocd.argoproj.io/secret-type'] === 'repo-creds')
        store.update(SECRETS, secret, {
          ...secret,
          data: { ...(secret['data'] as object), proxy: Buffer.from(proxy.url).toString('base64') }
        })
    proxy.targets.length = 0
    const report = await world.check({ ...SHORT, connection: 'template' })
    expect(report.verification.result).toBe('verified')
    expect(proxy.targets).toContain(new URL(url()).host)
  })
})

describe("the Secret's own URL", () => {
  test.each([
    ['with .git at its end, which Azure Repos takes for another name', (one: string) => `${one}.git`],
    ['with a newline at its end', (one: string) => `${one}\n`]
  ])('%s is not read, although the URL of the Application is', async (_how, spelled) => {
    await written({ url: spelled(url()) })
    const report = await world.check(SHORT)
    expect(report.verification.result).toBe('failed')
  })

  test('in other letters is read', async () => {
    await written({ url: url().replace('/contoso/', '/Contoso/') })
    expect((await world.check(SHORT)).verification.result).toBe('verified')
  })
})

test('insecure in the Secret is for Argo CD: this run still wants a certificate that it trusts', async () => {
  await written({ insecure: 'true' })
  const trusted = process.env['GIT_SSL_CAINFO']
  const places = world.twin.environment as Record<string, string>
  const known = places['GIT_SSL_CAINFO'] ?? ''
  try {
    Object.assign(places, { GIT_SSL_CAINFO: '/dev/null', SSL_CERT_FILE: '/dev/null' })
    const report = await world.check(SHORT)
    expect(report.verification.result).toBe('failed')
    expect(report.verification.reason).toMatch(/certificate|SSL|unreachable|reach/i)
  } finally {
    Object.assign(places, { GIT_SSL_CAINFO: known, SSL_CERT_FILE: known })
    expect(process.env['GIT_SSL_CAINFO']).toBe(trusted)
  }
})

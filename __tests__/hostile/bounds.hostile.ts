/** Whatever a service answers, a run ends: soon, within bounded memory, with bounded requests, and SIGTERM is obeyed. */
import { describe, expect, test } from '@jest/globals'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { runGitHubJob, type JobResult } from '../../sandbox/job.ts'
import type { Entry, ServiceName } from '../../sandbox/journal.ts'
import { kindOf, type Kind } from '../../sandbox/kubernetes/objects.ts'
import type { Answer } from '../../sandbox/wire.ts'
import { useTwin } from '../twin.ts'

/** ms; a job that takes longer is killed, and has not survived. */
const LIMIT = 30_000
/** MiB of heap; one that needs more aborts. */
const HEAP = 700
const twin = useTwin()

interface Ended extends JobResult {
  readonly ms: number
  /** From SIGTERM on. */
  readonly stopping: number
}

/** @param stopAfter ms until SIGTERM @param moment when it comes sooner */
async function job(
  inputs: Record<string, string>,
  stopAfter = LIMIT,
  moment?: Promise<void>
): Promise<Ended> {
  const timers: NodeJS.Timeout[] = []
  const started = performance.now()
  let told = Infinity
  const done = await runGitHubJob({
    environment: { ...twin.environment, NODE_OPTIONS: `--max-old-space-size=${HEAP}` },
    inputs: { mode: 'check', verification: 'none', ...inputs },
    onStart: (kill) => {
      const tell = (): void => {
        told = performance.now()
        kill('SIGTERM')
      }
      const stop = setTimeout(tell, stopAfter)
      void moment?.then(tell)
      const end = setTimeout(
        () => {
          kill('SIGKILL')
        },
        Math.min(LIMIT, stopAfter) + 8_000
      )
      timers.push(stop, end)
    }
  })
  timers.forEach(clearTimeout)
  twin.journal.calm()
  // A run that has just ended no longer listens to SIGTERM. Killed, or aborted for want of memory, is not survived.
  expect([null, 'SIGTERM']).toContain(done.signal)
  const ended = performance.now()
  return { ...done, ms: ended - started, stopping: ended - told }
}

const shown = ({ stdout, stderr, summary }: JobResult): string => [stdout, stderr, summary].join('\n')
const asked = (service: ServiceName, method: string, path: RegExp): Entry[] =>
  twin.journal.entries.filter(
    (one) => one.service === service && one.method === method && path.test(one.path)
  )

function answers(service: ServiceName, method: string, path: string, answer: () => Answer): void {
  twin.journal.forge({ service, method, path, forge: answer })
}

/** ms between one try and the next, shortest first. */
function gaps(entries: readonly Entry[]): number[] {
  const starts = entries.map(({ start }) => start)
  return starts
    .slice(1)
    .map((start, index) => start - (starts[index] ?? 0))
    .toSorted((one, other) => one - other)
}

describe('no answer makes a run hammer', () => {
  const busy = { error: { code: 'OperationNotAllowed', message: 'another operation is in progress' } }

  test.each([
    ['a federated credential', 'PUT', 'federatedIdentityCredentials/'],
    ['an identity', 'PUT', 'userAssignedIdentities/[^/]+\\?']
  ])('409 with Retry-After: 0 for %s, and SIGTERM ends the waiting', async (_name, method, path) => {
    answers('arm', method, path, () => ({ status: 409, headers: { 'retry-after': '0' }, body: busy }))
    const done = await job({ mode: 'apply' }, 6_000)
    expect(asked('arm', method, new RegExp(path)).length).toBeGreaterThan(2)
    expect(asked('arm', method, new RegExp(path)).length).toBeLessThan(25)
    expect(done.stopping).toBeLessThan(5_000)
  })

  const past = 'Thu, 01 Jan 2015 00:00:00 GMT'
  const places: readonly (readonly [ServiceName, string, string])[] = [
    ['arm', 'GET', '/managedClusters\\?'],
    ['arm', 'GET', '/userAssignedIdentities/'],
    ['devops', 'GET', '_apis/resourceAreas'],
    ['kubernetes', 'GET', '/deployments'],
    ['entra', 'POST', '/token'],
    ['oidc', 'GET', '/github/token']
  ]
  test.each(places.map((place, index) => [...place, ['0', '-5', past, '0.001'][index % 4] ?? '0'] as const))(
    '%s %s %s answered 429 with Retry-After: %s',
    async (service, method, path, header) => {
      let [tried, enough] = [0, (): void => undefined]
      const fifth = new Promise<void>((resolve) => (enough = resolve))
      answers(service, method, path, () => {
        tried += 1
        if (tried === 5) enough()
        return { status: 429, headers: { 'retry-after': header }, body: {} }
      })
      await job({}, 8_000, fifth)
      const tries = asked(service, method, new RegExp(path))
      expect(tries.length).toBeGreaterThan(1)
      expect(tries.length).toBeLessThan(13)
      // Several may ask at once, each at its own pace: in all, no more than a few a second.
      const [first, last] = [tries[0]?.start ?? 0, tries.at(-1)?.start ?? 0]
      expect((last - first) / tries.length).toBeGreaterThan(40)
    }
  )

  test.each(['999999', '99999999999999999999', 'Fri, 01 Jan 2100 00:00:00 GMT'])(
    'Retry-After: %s is not waited for',
    async (header) => {
      answers('arm', 'GET', '/managedClusters\\?', () => ({
        status: 429,
        headers: { 'retry-after': header },
        body: {}
      }))
      const done = await job({})
      expect(done.ms).toBeLessThan(10_000)
      expect(shown(done)).not.toContain('TimeoutOverflowWarning')
      expect(gaps(asked('arm', 'GET', /managedClusters/))).toEqual([])
      expect(done.exitCode).toBe(1)
    }
  )
})

describe('no list is endless', () => {
  const item = (index: number, kind: string): object => ({
    apiVersion: 'argoproj.io/v1alpha1',
    kind,
    metadata: { name: `a${index}`, namespace: 'argocd' },
    spec: { project: 'default', source: { repoURL: `https://${'x'.repeat(5_000)}`, path: '.' } }
  })

  test.each([
    ['always another token', () => String(Math.random())],
    ['always the same token', () => 'again'],
    ['a token of a megabyte', () => 'x'.repeat(1024 * 1024)]
  ])('of Applications: %s', async (_name, token) => {
    let pages = 0
    answers('kubernetes', 'GET', '/applications\\?', () => {
      pages += 1
      const items = Array.from({ length: 10 }, (_, index) => item(index, 'Application'))
      return {
        status: 200,
        body: { apiVersion: 'v1', kind: 'List', metadata: { continue: token() }, items }
      }
    })
    const done = await job({})
    expect(shown(done)).toContain('the list does not end')
    expect(pages).toBeLessThan(501)
  })

  test.each([
    ['deployments', 1],
    // Those that connect repositories, and what a migration left.
    ['secrets', 2]
  ])('of %s', async (kind, lists) => {
    let pages = 0
    answers('kubernetes', 'GET', `/${kind}\\?`, () => {
      pages += 1
      return { status: 200, body: { metadata: { continue: String(pages) }, items: [] } }
    })
    expect(shown(await job({}))).toContain('the list does not end')
    expect(pages).toBeLessThan(lists * 500 + 1)
  })

  test('of federated credentials, whose pages are empty', async () => {
    await job({ mode: 'apply' })
    const path = 'federatedIdentityCredentials\\?'
    let pages = 0
    twin.journal.forge({
      service: 'arm',
      method: 'GET',
      path: 'federatedIdentityCredentials',
      forge: ({ url }) => {
        pages += 1
        const nextLink = `${twin.azure.urls.arm}${url.pathname}?api-version=2024-11-30&page=${pages}`
        return { status: 200, body: { value: [], nextLink } }
      }
    })
    expect(shown(await job({}))).toContain('the list does not end')
    expect(asked('arm', 'GET', new RegExp(path)).length).toBeLessThan(120)
  })

  test('of identities, whose pages are empty', async () => {
    const { store } = twin.kubernetes
    const accounts = kindOf('', 'serviceaccounts') as Kind
    const before = store.get(accounts, 'argocd', 'argocd-repo-server')
    const annotations = { 'azure.workload.identity/client-id': '11111111-2222-3333-4444-555555555555' }
    store.update(accounts, before, { ...before, metadata: { ...before.metadata, annotations } })
    let pages = 0
    twin.journal.forge({
      service: 'arm',
      method: 'GET',
      path: 'userAssignedIdentities\\?',
      forge: ({ url }) => {
        pages += 1
        const nextLink = `${twin.azure.urls.arm}${url.pathname}?api-version=2024-11-30&page=${pages}`
        return { status: 200, body: { value: [], nextLink } }
      }
    })
    await job({})
    expect(pages).toBeGreaterThan(1)
    expect(pages).toBeLessThan(1_100)
  })

  test('is waited for after SIGTERM', async () => {
    twin.journal.latency = 100
    answers('kubernetes', 'GET', '/applications\\?', () => ({
      status: 200,
      body: { metadata: { continue: String(Math.random()) }, items: [] }
    }))
    const done = await job({}, 2_000)
    expect(done.stopping).toBeLessThan(5_000)
  })
})

describe('no body grows after it was counted', () => {
  /** Some GiB of blanks, in a few MiB. */
  const blanks = Buffer.alloc(64 * 1024 * 1024, ' ')
  const gzip = gzipSync(blanks, { level: 1 })
  const bombs: Readonly<Record<string, Buffer>> = {
    gzip: Buffer.concat(Array.from({ length: 30 }, () => gzip)),
    deflate: deflateSync(blanks, { level: 1 }),
    br: brotliCompressSync(Buffer.alloc(256 * 1024 * 1024, ' '), { params: { 1: 3 } }),
    'gzip, gzip': gzipSync(Buffer.concat(Array.from({ length: 30 }, () => gzip)))
  }
  const places: readonly (readonly [ServiceName, string, string, string])[] = [
    ['kubernetes', 'GET', '/deployments', 'gzip'],
    ['kubernetes', 'GET', '/deployments', 'br'],
    ['kubernetes', 'GET', '/applications', 'gzip, gzip'],
    ['arm', 'GET', '/managedClusters\\?', 'gzip'],
    ['arm', 'GET', '/userAssignedIdentities/', 'gzip'],
    ['devops', 'GET', '_apis/resourceAreas', 'br'],
    ['entra', 'POST', '/token', 'gzip'],
    ['oidc', 'GET', '/github/token', 'deflate']
  ]
  test.each(places)('%s %s %s, %s', async (service, method, path, encoding) => {
    answers(service, method, path, () => ({
      status: 200,
      headers: { 'content-type': 'application/json', 'content-encoding': encoding },
      body: bombs[encoding]
    }))
    const done = await job({ mode: 'apply' })
    expect(done.exitCode).toBe(1)
    expect(shown(done)).toMatch(/which was not (?:asked for|requested)/)
    expect(shown(done)).not.toContain('Bug in Patless')
  })

  test('objects of two bytes each, as many as fit', async () => {
    const body = Buffer.from(`{"items":[${'{},'.repeat(1_000_000)}{}]}`)
    answers('kubernetes', 'GET', '/applications', () => ({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body
    }))
    const done = await job({})
    expect(done.exitCode).toBe(1)
    expect(shown(done)).toContain('Kubernetes answered')
  })

  test('objects within objects, as deep as they fit', async () => {
    const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`
    const body = Buffer.from(
      `{"metadata":{},"items":[{"metadata":{"name":"deep","namespace":"argocd"},"spec":${deep}}]}`
    )
    answers('kubernetes', 'GET', '/applicationsets', () => ({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body
    }))
    expect(shown(await job({}))).not.toContain('Bug in Patless')
  })
})

describe('no text takes for ever to be matched', () => {
  test('an action pattern of 21 stars', async () => {
    const pattern = `${'*'.repeat(21)}!`
    answers('arm', 'GET', 'Microsoft.Authorization/permissions', () => ({
      status: 200,
      body: { value: [{ actions: [pattern, `Microsoft.${'*t'.repeat(21)}*!`], notActions: [pattern] }] }
    }))
    const done = await job({ mode: 'apply' }, 8_000)
    expect(asked('arm', 'GET', /permissions/).length).toBeGreaterThan(0)
    expect(done.ms).toBeLessThan(8_000)
    expect(shown(done)).toContain('The login does not have the Azure permission')
  })

  const blanks = ' '.repeat(200_000)
  test.each([
    ['the login', 'TOKEN', `AADSTS700016: x${blanks}y`],
    ['the login, over and over', 'TOKEN', `AADSTS700016: ${'\t \u00a0Trace I'.repeat(60_000)}`],
    ['the exchange', 'EXCHANGE', `AADSTS7000229: x${blanks}y`],
    ['the exchange, with its number at the end', 'EXCHANGE', `${blanks}x AADSTS7000229: y`]
  ])('200 KB of blanks from Entra at %s', async (_name, moment, description) => {
    const body = { error: 'invalid_client', error_description: description }
    twin.journal.forge({
      service: 'entra',
      method: 'POST',
      path: '/token',
      forge: async (call, real) => {
        const form = new URLSearchParams((await call.bytes()).toString('utf8'))
        const login = form.get('client_id') === twin.azure.ids.deployerClientId
        return login === (moment === 'TOKEN') ? { status: 400, body } : real()
      }
    })
    const done = await job({ mode: 'apply', verification: 'access', 'verification-timeout': '5' }, 10_000)
    expect(done.ms).toBeLessThan(10_000)
    expect(shown(done)).toMatch(/AADSTS7000/)
  })

  test('slashes without end in a URL of the cluster', async () => {
    const repoURL = `https://dev.azure.com/${'/'.repeat(300_000)}x`
    const metadata = { name: 'a', namespace: 'argocd' }
    answers('kubernetes', 'GET', '/applications\\?', () => ({
      status: 200,
      body: { metadata: {}, items: [{ metadata, spec: { source: { repoURL } } }] }
    }))
    const done = await job({}, 10_000)
    expect(done.ms).toBeLessThan(10_000)
  })
})

describe('many repositories', () => {
  const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `app-${index}`)
  const urls = (count: number): string =>
    names(count)
      .map((name) => twin.azure.ids.repositoryUrl.replace(/app$/, name))
      .join('\n')

  /** How many requests were under way at once. */
  function atOnce(entries: readonly Entry[]): number {
    const moments = entries.flatMap(({ start, end }) => [
      { at: start, step: 1 },
      { at: end, step: -1 }
    ])
    let [now, most] = [0, 0]
    for (const { step } of moments.toSorted((one, other) => one.at - other.at)) {
      now += step
      most = Math.max(most, now)
    }
    return most
  }

  test('a thousand are too many for one run', async () => {
    const done = await job({ 'repository-url': urls(1_000) })
    expect(done.exitCode).toBe(1)
    expect(shown(done)).toContain('It has 1000 lines')
    expect(twin.journal.entries).toEqual([])
  })

  test('a hundred are looked up a few at a time', async () => {
    twin.journal.forge({
      service: 'devops',
      path: '/_apis/git/repositories',
      forge: async ({ url }) => {
        await new Promise((resolve) => setTimeout(resolve, 20))
        const { projectId: id, repositoryId } = twin.azure.ids
        const named = (name: string) => ({ id: repositoryId, name, project: { id, name: 'shop' } })
        const last = decodeURIComponent(url.pathname.split('/').at(-1) ?? '')
        const all = names(100).map(named)
        return { status: 200, body: last === 'repositories' ? { count: 100, value: all } : named(last) }
      }
    })
    await job({ mode: 'apply', 'repository-url': urls(100), access: 'repository' })
    const looked = asked('devops', 'GET', /_apis\/git\/repositories/)
    expect(looked.length).toBeGreaterThan(99)
    expect(atOnce(looked)).toBeLessThan(17)
  })
})

/**
 * Of many repositories git reads the first of each organization. The others are read by the same requests, without starting
 * programs; where the answers are not as from a repository that can be read, git is asked and decides.
 */
import { beforeEach, describe, expect, test } from '@jest/globals'
import type { Forgery } from '../../../sandbox/journal.ts'
import type { Answer } from '../../../sandbox/wire.ts'
import type { Report } from '../../../src/report/report.ts'
import { useWorld } from '../../world.ts'

const world = useWorld()

const urlOf = (name: string): string =>
  (world.twin.environment['SANDBOX_REPOSITORY_URL'] ?? '').replace(/[^/]+$/, name)
const inputs = (): Readonly<Record<string, string>> => ({
  'repository-url': ['app', 'infra'].map(urlOf).join('\n'),
  verification: 'access'
})
const agents = { git: /^git\/\d/, own: /^git\/patless/ }
/** The requests of each reader, by repository; `forge` changes the answers to our own. */
const seen: Record<'git' | 'own', string[]> = { git: [], own: [] }
function listen(forge: Forgery['forge'] = (_call, real) => real()): void {
  world.twin.journal.forge({
    service: 'git',
    forge(call, real) {
      const own = agents.own.test(call.headers['user-agent'] ?? '')
      seen[own ? 'own' : 'git'].push(`${call.method} ${call.url.pathname.split('/_git/')[1] ?? ''}`)
      return own ? forge(call, real) : real()
    }
  })
}
const results = ({ repositories }: Report): (string | undefined)[] =>
  repositories.map(({ verifications: { access } }) => access?.result)

beforeEach(async () => {
  seen.git.length = 0
  seen.own.length = 0
  await world.applied()
})

test('git reads the first, two requests the second, and both commits are real', async () => {
  listen()
  const report = await world.check(inputs())
  expect(results(report)).toEqual(['verified', 'verified'])
  expect(seen.own).toEqual(['GET infra/info/refs', 'POST infra/git-upload-pack'])
  expect(new Set(seen.git.map((one) => one.split(/[ /]/)[1]))).toEqual(new Set(['app']))
  const commits = report.repositories.map(({ verifications }) => verifications.access?.commit)
  expect(new Set(commits).size).toBe(2)
  for (const commit of commits) expect(commit).toMatch(/^[0-9a-f]{40}$/)
})

test('a server that knows only the older negotiation is read without programs, too', async () => {
  listen(async (call, real) => {
    const right = (await real()) as Answer
    const text = Buffer.from(right.body as Buffer).toString('latin1')
    const body = Buffer.from(text.replace('multi_ack_detailed', 'our_own_negotiated'), 'latin1')
    return call.method === 'GET' ? { ...right, body } : right
  })
  expect(results(await world.check(inputs()))).toEqual(['verified', 'verified'])
  expect(seen.git.some((one) => one.includes('infra'))).toBe(false)
})

test('one repository is read by git alone', async () => {
  listen()
  await world.check({ ...inputs(), 'repository-url': urlOf('infra') })
  expect(seen.own).toEqual([])
  expect(seen.git.length).toBeGreaterThan(1)
})

describe('git decides where an answer is', () => {
  const answer = (status: number, type: string, body: string | Buffer, headers = {}): Answer => ({
    status,
    headers: { 'content-type': type, ...headers },
    body
  })
  const changed =
    (change: (body: Buffer) => Buffer): Forgery['forge'] =>
    async (_call, real) => {
      const right = (await real()) as Answer
      return { ...right, body: change(Buffer.from(right.body as Buffer)) }
    }
  const refs = 'application/x-git-upload-pack-advertisement'

  test.each<[string, Forgery['forge']]>([
    ['a sign-in page', () => answer(203, 'text/html', '<html>Sign In</html>')],
    ['a sign-in page with 200', () => answer(200, 'text/html', '<html>Sign In</html>')],
    ['a page that claims to be refs', () => answer(200, refs, '<html>Sign In</html>')],
    ['refused', () => answer(404, 'text/plain', 'TF401019: it does not exist')],
    ['a redirect', () => answer(302, 'text/plain', '', { location: 'https://localhost/elsewhere' })],
    ['packed', () => answer(200, refs, Buffer.from('1f8b', 'hex'), { 'content-encoding': 'gzip' })],
    ['cut off', changed((body) => body.subarray(0, body.length / 2))],
    [
      'about another commit',
      changed((body) =>
        Buffer.from(body.toString('latin1').replaceAll(/[0-9a-f]{40}/g, 'a'.repeat(40)), 'latin1')
      )
    ],
    [
      'of a server without multi_ack',
      changed((body) => Buffer.from(body.toString('latin1').replaceAll('multi_ack', 'multi-ack'), 'latin1'))
    ]
  ])('%s', async (_what, forge) => {
    listen(forge)
    const report = await world.check(inputs())
    expect(results(report)).toEqual(['verified', 'verified'])
    expect(seen.own.length).toBeGreaterThan(0)
    expect(seen.git).toContain('POST infra/git-upload-pack')
  })

  test('no answer at all', async () => {
    listen((call) => {
      call.request.socket.destroy()
      return answer(500, 'text/plain', '')
    })
    expect(results(await world.check(inputs()))).toEqual(['verified', 'verified'])
    expect(seen.git).toContain('POST infra/git-upload-pack')
  })
})

test('no token follows a redirect, and what git refuses fails', async () => {
  world.twin.defect('git-redirect')
  listen()
  const report = await world.check({ ...inputs(), 'verification-timeout': '1' })
  expect(results(report)).toEqual(['failed', 'failed'])
  expect(world.twin.journal.entries.some(({ path }) => path.includes('elsewhere'))).toBe(false)
})

/** A recording of the twin by the real recorder: the comparison is silent about it, and about nothing that is changed in it. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compareRecordings } from '../../live/comparison.ts'
import { readRecordings, writeRecordings, type Recorded, type Recording } from '../../live/recording.ts'
import { LiveRun } from '../../live/run.ts'
import { settingsOf } from '../../live/settings.ts'
import { settingsOfTwin } from '../../live/twin.ts'
import { leaksIn } from '../../sandbox/leaks.ts'
import { startTwin, type Twin } from '../../sandbox/twin.ts'

let twin: Twin
let folder: string
let recordings: Recording[]
beforeAll(async () => {
  twin = await startTwin()
  folder = await mkdtemp(join(tmpdir(), 'patless-live-test-'))
  const environment = { ...settingsOfTwin(twin), PATLESS_LIVE_FOLDER: folder }
  const run = await LiveRun.start(settingsOf(environment), environment)
  try {
    for (const mode of ['apply', 'check']) {
      run.begin(mode)
      expect((await run.patless(mode)).outputs).toMatchObject({ verification: 'verified' })
    }
    expect(run.writes()).toEqual([])
    await writeRecordings(folder, run.recordings())
    recordings = await readRecordings(folder)
  } finally {
    await run.close()
  }
}, 60_000)
afterAll(async () => {
  await twin.close()
  await rm(folder, { recursive: true, force: true })
})

test('every service is in it, and git', () => {
  const services = new Set(recordings.flatMap(({ exchanges }) => exchanges.map(({ service }) => service)))
  expect([...services].sort()).toEqual([
    'arm',
    'devops',
    'entitlements',
    'entra',
    'git',
    'graph',
    'kubernetes'
  ])
})

test('no token and no id of the twin is in it', () => {
  const text = JSON.stringify(recordings)
  expect(leaksIn(text, twin.issued())).toEqual([])
  const { tenantId, subscriptionId, deployerClientId, deployerPrincipalId, repositoryId } = twin.azure.ids
  for (const id of [tenantId, subscriptionId, deployerClientId, deployerPrincipalId, repositoryId])
    expect(text.toLowerCase()).not.toContain(id)
  for (const name of ['contoso', 'aks-gitops', 'rg-gitops', 'id-patless-live', 'localhost'])
    expect(text).not.toContain(name)
})

test('a recording compared with itself has no difference', () => {
  expect(compareRecordings(recordings, recordings)).toEqual([])
})

const index = fc.nat({ max: 100_000 })

test.each(['status', 'header', 'field'] as const)('one %s that was changed is reported', (what) => {
  fc.assert(
    fc.property(index, index, index, (one, two, three) => {
      const changed = structuredClone(recordings) as Changeable[]
      const exchange = pick(pick(changed, one).exchanges, two)
      fc.pre(CHANGES[what](exchange, three))
      expect(compareRecordings(changed, recordings)).not.toEqual([])
    }),
    { numRuns: 100 }
  )
})

test('a difference says what was asked, what differs and in which case', () => {
  const changed = structuredClone(recordings) as Changeable[]
  const put = changed[0]?.exchanges.find(
    ({ method, path }) => method === 'PUT' && /Identities\/[^/]+$/.test(path)
  )
  const { properties } = put?.body as { properties: Record<string, unknown> }
  delete properties['clientId']
  const [line] = compareRecordings(changed, recordings)
  expect(line).toMatch(
    /^arm PUT .*userAssignedIdentities\/<identity>\?.*: body\.properties\.clientId: none, the twin: .* \(apply\)$/
  )
})

interface Changeable extends Omit<Recording, 'exchanges'> {
  exchanges: (Omit<Recorded, 'status' | 'headers' | 'body'> & {
    status: number
    headers: Record<string, string>
    body?: unknown
  })[]
}

type Changed = Changeable['exchanges'][number]

/** Each changes one thing. @returns whether there was such a thing. */
const CHANGES = {
  status(exchange: Changed, at: number): boolean {
    const others = [200, 201, 202, 204, 400, 401, 403, 404, 409, 429, 503].filter(
      (one) => one !== exchange.status
    )
    exchange.status = pick(others, at)
    return true
  },
  header(exchange: Changed, at: number): boolean {
    const own = Object.keys(exchange.headers).filter(
      (name) => !/^(?:date|connection|keep-alive|content-length|transfer-encoding)$/.test(name)
    )
    if (own.length === 0) return false
    const name = pick(own, at)
    const { [name]: value = '', ...rest } = exchange.headers
    exchange.headers = pick(
      [rest, { ...rest, [`${name}-x`]: value }, { ...rest, [name]: `${value}x` }],
      at >> 3
    )
    return true
  },
  field(exchange: Changed, at: number): boolean {
    const holders = recordsIn(exchange.body)
    if (holders.length === 0) return false
    const holder = pick(holders, at)
    const name = pick(Object.keys(holder), at >> 3)
    const value = holder[name]
    const how = (at >> 6) % 3
    if (how < 2) Reflect.deleteProperty(holder, name)
    if (how === 1) holder[`${name}X`] = value
    if (how === 2) holder[name] = typeof value === 'boolean' ? !value : '<changed>'
    return true
  }
}

/** Every object with fields in it. */
function recordsIn(value: unknown): Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null) return []
  const own =
    Array.isArray(value) || Object.keys(value).length === 0 ? [] : [value as Record<string, unknown>]
  return [...own, ...Object.values(value).flatMap(recordsIn)]
}

function pick<T>(items: readonly T[], at: number): T {
  return items[at % items.length] as T
}

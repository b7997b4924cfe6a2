/** mode: migrate and rollback: from stored credentials to the identity, with a way back at any moment. */
import { beforeEach, describe, expect, test } from '@jest/globals'
import type { Report } from '../../src/report/report.ts'
import { useWorld } from '../world.ts'
import {
  backupsOf,
  compared,
  contentOf,
  eightDaysPass,
  LEASES,
  refreshed,
  REPOSITORY,
  storePat,
  takeLease,
  urlOf,
  useIt
} from './pats.ts'

const world = useWorld()
const store = () => world.twin.kubernetes.store
const migrate = (inputs: Readonly<Record<string, string>> = {}): Promise<Report> =>
  world.run({ mode: 'migrate', 'repository-url': '', ...inputs })
const statesOf = ({ migration }: Report): Record<string, string> =>
  Object.fromEntries((migration?.moves ?? []).map(({ name, state }) => [name, state]))

beforeEach(() => {
  world.twin.defect('fifty-repositories')
})

/** Secret `pat-<n>` for repository `service-<n>`, used by as many Applications as `users` says. */
async function stored(...users: readonly number[]): Promise<ReturnType<typeof storePat>[]> {
  const tokens = users.map((count, index) => {
    const url = urlOf(world, `service-${index + 1}`)
    for (let each = 1; each <= count; each += 1) useIt(world, `app-${index + 1}-${each}`, url)
    return storePat(world, `pat-${index + 1}`, url)
  })
  await compared(world)
  return tokens
}

test('moves every Secret: the one with the fewest Applications first, then the others', async () => {
  const tokens = await stored(2, 1)
  const report = await migrate()
  expect(report.verdict).toEqual({
    exitCode: 0,
    summary: '2 stored credentials before, 0 after: 2 moved to the identity.'
  })
  expect(report.migration?.moves.map(({ name, batch }) => [name, batch])).toEqual([
    ['pat-2', 1],
    ['pat-1', 2]
  ])
  // What people watch: a line for each step of each Secret, with its batch and the time, the first batch before the second.
  const steps = world.printed.filter((line) => /^. pat-\d: /u.test(line))
  expect(steps.map((line) => line.replace(/, \d+\.\d s\)/, ')'))).toEqual(
    ['pat-2 canary', 'pat-1 batch 2 of 2'].flatMap((one) => {
      const [name = '', turn = ''] = one.split(/ (.*)/)
      const url = urlOf(world, `service-${name.slice(4)}`)
      return [
        expect.stringMatching(`^⧉ ${name}: backed up \\(${turn}\\): the backup patless-backup-${name}-`),
        `→ ${name}: switched (${turn}): waiting for Argo CD to read ${url} without the credential`,
        `✓ ${name}: migrated (${turn}): Argo CD reads without the credential`
      ] as unknown[]
    })
  )
  for (const name of ['pat-1', 'pat-2'])
    expect(Object.keys(contentOf(world, name)).toSorted()).toEqual(['url', 'useAzureWorkloadIdentity'])
  expect(backupsOf(world)).toHaveLength(2)
  expect(store().list(LEASES, 'argocd')).toEqual([])
  // Nothing reads with a token any more.
  for (const token of tokens) token.end('revoked')
  expect(await refreshed(world, 'app-1-2')).toMatchObject({ health: { status: 'Healthy' } })
  expect(report.migration?.unused).toMatchObject([
    { held: ['pat-1'], still: [], user: 'anna' },
    { held: ['pat-2'], still: [], user: 'anna' }
  ])
  world.twin.journal.clear()
  const again = await migrate()
  expect(again.verdict.summary).toBe('0 stored credentials before, 0 after: there is nothing to move.')
})

test('where Argo CD cannot read without the credential, it is put back at once, and no other is touched', async () => {
  await stored(1, 2)
  world.twin.defect('entra-out-of-reach')
  const before = contentOf(world, 'pat-1')
  const report = await migrate({ 'verification-timeout': '2' })
  expect(report.verdict.exitCode).toBe(1)
  expect(statesOf(report)).toEqual({ 'pat-1': 'rolled-back', 'pat-2': 'open' })
  expect(contentOf(world, 'pat-1')).toEqual(before)
  expect(contentOf(world, 'pat-2')).toHaveProperty('password')
})

describe('afterwards', () => {
  test('a rollback on request puts one back, and confirms it through Argo CD', async () => {
    await stored(1, 1)
    const before = contentOf(world, 'pat-1')
    await migrate()
    const report = await world.run({ mode: 'rollback', 'repository-url': urlOf(world, 'service-1') })
    expect(report.verdict).toEqual({ exitCode: 0, summary: 'Stored credentials: 1 put back.' })
    expect(contentOf(world, 'pat-1')).toEqual(before)
    expect(contentOf(world, 'pat-2')).not.toHaveProperty('password')
    expect(backupsOf(world)).toHaveLength(1)
  })

  test('a backup stays as long as it should, and no longer', async () => {
    await stored(1)
    await migrate()
    await migrate({ 'backup-retention': '7' })
    expect(backupsOf(world)).toHaveLength(1)
    eightDaysPass(world)
    await migrate({ 'backup-retention': '7' })
    expect(backupsOf(world)).toEqual([])
  })
})

test('what another tool makes waits, with the patch for its source; what must stay is no reason to fail', async () => {
  await stored(1)
  storePat(world, 'made-elsewhere', urlOf(world, 'service-2'), {
    metadata: {
      labels: { ...REPOSITORY, 'reconcile.external-secrets.io/managed': 'true' }
    }
  })
  const report = await migrate()
  expect(report.verdict.exitCode).toBe(2)
  expect(statesOf(report)).toEqual({ 'pat-1': 'migrated', 'made-elsewhere': 'waits' })
  const [finding] = report.findings
  expect(finding?.id).toBe('migration/owned-elsewhere')
  expect(finding?.remedy).toMatch(/take password, username out of its source/)
  expect(finding?.command).toMatch(/^kubectl -n argocd patch externalsecret/)
  expect(contentOf(world, 'made-elsewhere')).toHaveProperty('password')
})

test('a second migration waits, then says who holds the Lease', async () => {
  await stored(1)
  takeLease(world, 'run 42 of contoso/platform')
  const report = await migrate({ 'verification-timeout': '1' })
  expect(report.verdict.exitCode).toBe(1)
  expect(report.findings[0]).toMatchObject({ id: 'migration/in-progress' })
  expect(report.findings[0]?.summary).toContain('run 42 of contoso/platform holds the Lease')
  expect(contentOf(world, 'pat-1')).toHaveProperty('password')
})

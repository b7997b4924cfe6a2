/** What an earlier migration left in the cluster: who reports it, who finishes it or puts it back, and who deletes it. */
import { beforeEach, describe, expect, test } from '@jest/globals'
import type { PlacedFinding } from '../../src/report/findings.ts'
import type { Report } from '../../src/report/report.ts'
import { forbid } from '../chain/roles.ts'
import { useWorld } from '../world.ts'
import {
  backupsOf,
  compared,
  contentOf,
  eightDaysPass,
  killedBeforeConfirming,
  LEASES,
  refreshed,
  REPOSITORY,
  SECRETS,
  storePat,
  storePatAgain,
  takeLease,
  urlOf,
  useIt
} from './pats.ts'

const world = useWorld()
const store = () => world.twin.kubernetes.store
const migrate = (inputs: Readonly<Record<string, string>> = {}): Promise<Report> =>
  world.run({ mode: 'migrate', 'repository-url': '', ...inputs })
const OTHER = { verification: 'none' }
const about = ({ findings }: Report, id: string): PlacedFinding[] => findings.filter((one) => one.id === id)
const firstWrites = (): string[] => world.writes().filter((one) => !one.includes('selfsubject'))

beforeEach(async () => {
  world.twin.defect('fifty-repositories')
  storePat(world, 'pat-1', urlOf(world, 'service-1'))
  useIt(world, 'app-1', urlOf(world, 'service-1'))
  await compared(world)
})

describe('a migration that was killed before Argo CD was seen to read', () => {
  beforeEach(async () => {
    await migrate()
    killedBeforeConfirming(world)
    world.twin.journal.clear()
  })

  test('is finished by an apply for another repository, before that writes anything of its own', async () => {
    const report = await world.apply(OTHER)
    expect(report.verdict.exitCode).toBe(0)
    expect(about(report, 'migration/recovered')).toMatchObject([
      { severity: 'note', object: 'Secret argocd/pat-1' }
    ])
    expect(contentOf(world, 'pat-1')).not.toHaveProperty('password')
    expect(
      backupsOf(world).map(({ metadata }) => 'patless/confirmed' in (metadata.annotations ?? {}))
    ).toEqual([true])
    expect(firstWrites()[0]).toMatch(/POST .*leases/)
    const confirmed = firstWrites().findIndex((one) => /PATCH .*secrets\/patless-backup/.test(one))
    const own = firstWrites().findIndex((one) => /POST .*\/secrets$|PUT|devops/.test(one))
    expect(confirmed).toBeGreaterThan(0)
    expect(own).toBeGreaterThan(confirmed)
    expect(store().list(LEASES, 'argocd')).toEqual([])
  })

  test.each(['apply', 'remove'])('is put back by %s where Argo CD cannot read without', async (mode) => {
    world.twin.defect('not-a-member')
    const report = await world.run({ mode, ...OTHER, 'verification-timeout': '3' })
    expect(about(report, 'migration/recovered')).toMatchObject([{ severity: 'warning' }])
    expect(contentOf(world, 'pat-1')).toHaveProperty('password')
    expect(backupsOf(world)).toEqual([])
    expect(await refreshed(world, 'app-1')).toMatchObject({ health: { status: 'Healthy' } })
  })

  test('is left to the run that holds the Lease: apply writes nothing of its own meanwhile', async () => {
    takeLease(world, 'run 42 of contoso/platform')
    const report = await world.apply({ ...OTHER, 'verification-timeout': '1' })
    expect(report.verdict).toEqual({
      exitCode: 1,
      summary: 'Failed at the unfinished migration. Nothing was written.'
    })
    expect(about(report, 'migration/in-progress')[0]?.summary).toContain(
      'run 42 of contoso/platform holds the Lease'
    )
    expect(firstWrites()).toEqual([])
  })

  test('is only reported where the login may not finish it, with the role that it needs', async () => {
    await world.twin.bindDocumentedRole('kubernetes-role.yaml')
    const report = await world.apply({ ...OTHER, 'argocd-namespace': 'argocd' })
    expect(report.verdict.exitCode).toBe(0)
    const [finding] = about(report, 'migration/unfinished')
    expect(finding).toMatchObject({ severity: 'warning', object: 'Secret argocd/pat-1' })
    expect(finding?.remedy).toContain('kubernetes-role-migrate.yaml')
    expect(store().list(LEASES, 'argocd')).toEqual([])
  })

  test.each([
    ['check', { mode: 'check', verification: 'none' }],
    ['a dry run', { mode: 'apply', 'dry-run': 'true' }],
    ['a dry removal', { mode: 'remove', 'dry-run': 'true' }],
    ['diagnose', { mode: 'diagnose', verification: 'none' }],
    ['audit', { mode: 'audit', 'repository-url': '' }]
  ])('is reported by %s, which writes nothing', async (_name, inputs) => {
    const report = await world.run(inputs)
    expect(about(report, 'migration/unfinished')).toMatchObject([{ severity: 'warning' }])
    expect(firstWrites()).toEqual([])
  })
})

describe('backups of a finished migration', () => {
  test.each([
    ['check', { mode: 'check', verification: 'none' }],
    ['audit', { mode: 'audit', 'repository-url': '' }]
  ])('are listed by %s: whose, how old, and until when they stay', async (_name, inputs) => {
    await migrate({ 'backup-retention': '30' })
    eightDaysPass(world)
    const [finding] = about(await world.run(inputs), 'migration/backup-left')
    const until = new Date(Date.now() + 22 * 86_400_000).toISOString().slice(0, 10)
    expect(finding).toMatchObject({ severity: 'note' })
    expect(finding?.summary).toMatch(/\(8 days ago\) keeps username, password of the Secret argocd\/pat-1/)
    expect(finding?.remedy).toContain(`the first run after ${until}`)
  })

  test.each(['apply', 'remove'])('%s deletes those that are old enough, and no other', async (mode) => {
    storePat(world, 'pat-2', urlOf(world, 'service-2'))
    await migrate({ 'backup-retention': '7' })
    eightDaysPass(world)
    storePat(world, 'pat-3', urlOf(world, 'service-3'))
    await migrate({ 'backup-retention': '30', 'repository-url': urlOf(world, 'service-3') })
    eightDaysPass(world)
    await world.run({ mode, ...OTHER })
    expect(backupsOf(world).map(({ metadata }) => metadata.name.slice(0, 20))).toEqual([
      'patless-backup-pat-3'
    ])
    expect(store().list(LEASES, 'argocd')).toEqual([])
  })

  test('a backup from before the switch is of no use: an audit says so, apply deletes it', async () => {
    world.twin.journal.order({
      service: 'kubernetes',
      method: 'PATCH',
      path: '/secrets/pat-1',
      kind: '500',
      times: 99
    })
    await migrate({ 'verification-timeout': '2' })
    world.twin.journal.calm()
    expect(backupsOf(world)).toHaveLength(1)
    const [finding] = about(await world.run({ mode: 'audit', 'repository-url': '' }), 'migration/backup-left')
    expect(finding?.summary).toContain('which has them as well')
    await world.apply(OTHER)
    expect(backupsOf(world)).toEqual([])
  })

  test('where the Secret is gone since, the backup stays, and a rollback makes it anew', async () => {
    await migrate()
    eightDaysPass(world)
    store().remove(SECRETS, 'argocd', 'pat-1')
    const report = await world.apply(OTHER)
    expect(about(report, 'migration/backup-left')).toMatchObject([{ severity: 'warning' }])
    expect(backupsOf(world)).toHaveLength(1)
    const back = await world.run({ mode: 'rollback', 'repository-url': '' })
    expect(back.verdict).toEqual({ exitCode: 0, summary: 'Stored credentials: 1 put back.' })
    expect(contentOf(world, 'pat-1')).toHaveProperty('password')
    expect(backupsOf(world)).toEqual([])
  })
})

test('without the right to delete, backups that are old enough are listed on', async () => {
  await migrate()
  eightDaysPass(world)
  await world.twin.bindDocumentedRole('kubernetes-role.yaml', 'kubernetes-role-migrate.yaml')
  forbid(world, 'delete', 'secrets')
  const report = await world.apply({ ...OTHER, 'argocd-namespace': 'argocd' })
  expect(report.verdict.exitCode).toBe(0)
  expect(about(report, 'migration/backup-left')).toHaveLength(1)
})

describe('with remind, credentials that were taken out are named until they are taken back', () => {
  test.each([
    ['apply', { mode: 'apply', verification: 'none' }],
    ['check', { mode: 'check', verification: 'none' }],
    ['audit', { mode: 'audit', 'repository-url': '' }],
    ['migrate', { mode: 'migrate', 'repository-url': '' }]
  ])('in %s, also when the backups are gone', async (_name, inputs) => {
    storePat(world, 'second', urlOf(world, 'service-2'), { data: { username: 'ben' } })
    const token = contentOf(world, 'pat-1')['password']
    // Owned by another tool, so it stays where it is.
    const labels = { ...REPOSITORY, 'reconcile.external-secrets.io/managed': 'true' }
    const metadata = { labels }
    storePat(world, 'same-as-pat-1', urlOf(world, 'service-3'), { data: { password: token }, metadata })
    await migrate()
    eightDaysPass(world)
    await world.run({ ...inputs, remind: 'false' })
    const reminded = await world.run({ ...inputs, remind: 'true' })
    const told = about(reminded, 'migration/revoke').map(({ severity, summary }) => [severity, summary])
    expect(told).toEqual([
      [
        'note',
        expect.stringMatching(
          /pat-1 held \(user anna, there since [\d-]+, taken out on [\d-]+\) is still used by Secret argocd\/same-as-pat-1: do not revoke it yet/
        )
      ],
      [
        'note',
        expect.stringMatching(/second held \(user ben, .*\) is used by nothing in this cluster any more/)
      ]
    ])
    storePatAgain(world, 'second')
    const later = about(await world.check({ verification: 'none', remind: 'true' }), 'migration/revoke')
    expect(later.filter(({ summary }) => summary.includes('second'))).toEqual([])
  })
})

/** What the matrices of a migration share: worlds before it, and the judge of one that went wrong half-way. */
import { afterAll, beforeAll } from '@jest/globals'
import { readBackup, type Backup } from '../../src/argocd/migration/backup.ts'
import type { Report } from '../../src/report/report.ts'
import type { V1Secret } from '@kubernetes/client-node'
import { startWorldUnderTest, type WorldUnderTest } from '../../sandbox/in-process.ts'
import { NO_LAG } from '../../sandbox/twin.ts'
import {
  APPLICATIONS,
  backupsOf,
  compared,
  contentOf,
  LEASES,
  refreshed,
  secretsOf,
  statusOf,
  storePat,
  urlOf,
  useIt,
  type Status
} from '../migration/pats.ts'
import { inWorlds, placesOf, shareOf, type Place } from './cells.ts'

export interface BeforeMigration {
  readonly world: WorldUnderTest
  /** Back to before the migration. */
  readonly restore: () => void
}

const NAMES = ['pat-1', 'pat-2'] as const

/** The chain is there; two Secrets hold a token each, and Argo CD reads with them. */
export async function beforeMigration(timeout?: number): Promise<BeforeMigration> {
  const world = await startWorldUnderTest(NO_LAG, timeout)
  world.twin.defect('fifty-repositories')
  await world.apply({ 'repository-url': urlOf(world, 'service-9'), verification: 'none' })
  NAMES.forEach((name, index) => {
    const url = urlOf(world, `service-${index + 1}`)
    storePat(world, name, url)
    useIt(world, `app-of-${name}`, url)
  })
  await compared(world)
  return { world, restore: world.twin.keep() }
}

export interface Matrix<Cell, Judged> {
  /** How many run side by side. */
  readonly worlds: number
  /** ms that one request may take. */
  readonly timeout?: number
  /** The run whose requests are the places. */
  readonly run: (world: WorldUnderTest) => Promise<unknown>
  readonly cellsOf: (places: readonly Place[]) => readonly Cell[]
  readonly judge: (before: BeforeMigration, cell: Cell) => Promise<Judged>
}

/** Runs the cells of a matrix before the tests of the suite. @returns what will have become of them */
export function judged<Cell, Judged>(matrix: Matrix<Cell, Judged>): readonly Judged[] {
  let worlds: BeforeMigration[] = []
  const all: Judged[] = []
  beforeAll(async () => {
    worlds = await Promise.all(Array.from({ length: matrix.worlds }, () => beforeMigration(matrix.timeout)))
    const [first] = worlds
    if (!first) throw new Error('no world')
    const { journal } = first.world.twin
    journal.clear()
    await matrix.run(first.world)
    const cells = shareOf(matrix.cellsOf(placesOf(journal.entries).filter(isOfMigration)))
    all.push(
      ...(await inWorlds(worlds, cells, (one, cell) => {
        one.restore()
        one.world.twin.journal.clear()
        return matrix.judge(one, cell)
      }))
    )
  }, 900_000)
  afterAll(() => Promise.all(worlds.map(({ world }) => world.twin.close())))
  return all
}

/** Requests of the migration itself: of the chain before it, the other matrices know all. */
export function isOfMigration({ service, method, path }: Place): boolean {
  if (service !== 'kubernetes') return false
  return (
    /leases|\/secrets|\/applications/.test(path) && !(method === 'GET' && /\/applications\\\?/.test(path))
  )
}

/** Whatever happened: each token is in its Secret or in a whole backup. */
export function lostIn(world: WorldUnderTest): string[] {
  const kept = backupsIn(world)
  return NAMES.flatMap((name) => {
    const exists = secretsOf(world).some(({ metadata }) => metadata.name === name)
    if (!exists) return [`the Secret ${name} is gone`]
    const held = contentOf(world, name)['password'] !== undefined
    const backed = kept.some(({ secret, original }) => secret === name && 'password' in original.data)
    return held || backed ? [] : [`the token of ${name} is lost`]
  })
}

const EXPIRED = '2026-01-01T00:00:00.000000Z'

/** As a run that was killed leaves its Lease after a minute. */
export function leaseExpires({ twin }: WorldUnderTest): void {
  const { store } = twin.kubernetes
  for (const lease of store.list(LEASES, 'argocd'))
    store.update(LEASES, lease, {
      ...lease,
      spec: { ...(lease.spec as object), renewTime: EXPIRED }
    })
}

/** After the next migration: moved, read as before, and nothing left but the backups. */
export async function wrongAfterRerun(world: WorldUnderTest): Promise<string[]> {
  leaseExpires(world)
  const again = await world.run({ mode: 'migrate', 'repository-url': '' })
  const wrong = NAMES.flatMap((name) => (isMoved(world, name) ? [] : [`${name} was not moved`]))
  return [
    ...wrong,
    ...wrongRun(again),
    ...wrongAfterwards(
      world,
      NAMES.map((name) => statusOf(world, appOf(name)))
    )
  ]
}

/** After a run of another mode that writes: each is moved or as it was, and read as before. */
export async function wrongAfterOther(world: WorldUnderTest, mode: 'apply' | 'remove'): Promise<string[]> {
  leaseExpires(world)
  const again = await world.run({ mode, verification: 'none' })
  const wrong = NAMES.flatMap((name) =>
    isMoved(world, name) || isAsBefore(world, name) ? [] : [`${name} is neither moved nor as it was`]
  )
  const statuses = await Promise.all(NAMES.map((name) => refreshed(world, appOf(name))))
  // Where nothing was left to do, nobody takes the Lease, which has expired by itself.
  const after = wrongAfterwards(world, statuses).filter((one) => one !== LEASE_LEFT || wasTaken(world))
  return [...wrong, ...wrongRun(again), ...after]
}

const LEASE_LEFT = 'the Lease was left'

function wasTaken({ twin }: WorldUnderTest): boolean {
  const leases = twin.kubernetes.store.list(LEASES, 'argocd')
  return leases.some(({ spec }) => (spec as { renewTime?: string }).renewTime !== EXPIRED)
}

const appOf = (name: string): string => `app-of-${name}`

function wrongRun({ verdict, findings }: Report): string[] {
  return verdict.exitCode === 0 ? [] : [`run again: ${verdict.summary} ${JSON.stringify(findings)}`]
}

/** Without its token, which is in a backup that was confirmed. */
function isMoved(world: WorldUnderTest, name: string): boolean {
  const content = contentOf(world, name)
  const kept = backupsIn(world).some(
    ({ secret, confirmedAt }) => secret === name && confirmedAt !== undefined
  )
  return !('password' in content) && content['useAzureWorkloadIdentity'] === 'true' && kept
}

function isAsBefore(world: WorldUnderTest, name: string): boolean {
  const content = contentOf(world, name)
  const left = backupsIn(world).some(({ secret }) => secret === name)
  return 'password' in content && !('useAzureWorkloadIdentity' in content) && !left
}

function backupsIn(world: WorldUnderTest): Backup[] {
  return backupsOf(world).flatMap((one) => readBackup(one as unknown as V1Secret) ?? [])
}

function wrongAfterwards(world: WorldUnderTest, statuses: readonly Status[]): string[] {
  const { store } = world.twin.kubernetes
  const wrong = statuses.flatMap(({ health, sync }, index) =>
    health?.status === 'Healthy' && sync?.status === 'Synced'
      ? []
      : [`the Application of ${NAMES[index] ?? ''} is ${health?.status ?? ''}, ${sync?.status ?? ''}`]
  )
  if (store.list(LEASES, 'argocd').length > 0) wrong.push(LEASE_LEFT)
  if (store.list(APPLICATIONS, 'argocd').some(({ metadata }) => metadata.name.startsWith('patless-')))
    wrong.push('a probe was left')
  return [...wrong, ...lostIn(world)]
}

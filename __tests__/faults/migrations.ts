/** What the matrices of a migration share: a world before it, and the judge of one that went wrong half-way. */
import { readBackup } from '../../src/argocd/migration/backup.ts'
import type { V1Secret } from '@kubernetes/client-node'
import { startWorldUnderTest, type WorldUnderTest } from '../../sandbox/in-process.ts'
import { NO_LAG } from '../../sandbox/twin.ts'
import {
  APPLICATIONS,
  backupsOf,
  compared,
  contentOf,
  LEASES,
  secretsOf,
  statusOf,
  storePat,
  urlOf,
  useIt
} from '../migration/pats.ts'
import type { Place } from './cells.ts'

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

/** Requests of the migration itself: of the chain before it, the other matrices know all. */
export function isOfMigration({ service, method, path }: Place): boolean {
  if (service !== 'kubernetes') return false
  return (
    /leases|\/secrets|\/applications/.test(path) && !(method === 'GET' && /\/applications\\\?/.test(path))
  )
}

/** Whatever happened: each token is in its Secret or in a whole backup. */
export function lostIn(world: WorldUnderTest): string[] {
  const kept = backupsOf(world).flatMap((one) => readBackup(one as unknown as V1Secret) ?? [])
  return NAMES.flatMap((name) => {
    const exists = secretsOf(world).some(({ metadata }) => metadata.name === name)
    if (!exists) return [`the Secret ${name} is gone`]
    const held = contentOf(world, name)['password'] !== undefined
    const backed = kept.some(({ secret, original }) => secret === name && 'password' in original.data)
    return held || backed ? [] : [`the token of ${name} is lost`]
  })
}

/** As a run that was killed leaves its Lease after a minute. */
export function leaseExpires({ twin }: WorldUnderTest): void {
  const { store } = twin.kubernetes
  for (const lease of store.list(LEASES, 'argocd'))
    store.update(LEASES, lease, {
      ...lease,
      spec: { ...(lease.spec as object), renewTime: '2026-01-01T00:00:00.000000Z' }
    })
}

/** After the next run: moved, read as before, and nothing left but the backups. */
export async function wrongAfterRerun(world: WorldUnderTest): Promise<string[]> {
  const wrong: string[] = []
  leaseExpires(world)
  const again = await world.run({ mode: 'migrate', 'repository-url': '' })
  if (again.verdict.exitCode !== 0)
    wrong.push(`run again: ${again.verdict.summary} ${JSON.stringify(again.findings)}`)
  for (const name of NAMES) {
    const content = contentOf(world, name)
    if ('password' in content || content['useAzureWorkloadIdentity'] !== 'true')
      wrong.push(`${name} was not moved`)
    const { health, sync } = statusOf(world, `app-of-${name}`)
    if (health?.status !== 'Healthy' || sync?.status !== 'Synced')
      wrong.push(`the Application of ${name} is ${health?.status ?? ''}, ${sync?.status ?? ''}`)
  }
  const confirmed = backupsOf(world).flatMap((one) => readBackup(one as unknown as V1Secret) ?? [])
  if (
    NAMES.some(
      (name) => !confirmed.some(({ secret, confirmedAt }) => secret === name && confirmedAt !== undefined)
    )
  )
    wrong.push('a backup is missing, or was not confirmed')
  if (world.twin.kubernetes.store.list(LEASES, 'argocd').length > 0) wrong.push('the Lease was left')
  const probes = world.twin.kubernetes.store
    .list(APPLICATIONS, 'argocd')
    .filter(({ metadata }) => metadata.name.startsWith('patless-'))
  if (probes.length > 0) wrong.push('a probe was left')
  return [...wrong, ...lostIn(world)]
}

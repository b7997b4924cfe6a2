/** Backups of a migration that was killed, and of finished ones: what each of them still is for. */
import type { V1Secret } from '@kubernetes/client-node'
import type { Backup } from '../../argocd/migration/backup.ts'
import { loginKeysIn } from '../../argocd/migration/login-keys.ts'
import { stageOf } from '../../argocd/migration/switch.ts'
import { servedBy } from '../../argocd/migration/users.ts'
import { isAzureRepos } from '../../core/azure-repos.ts'
import { groupBy } from '../../core/group-by.ts'
import { note, warning, type Finding } from '../../core/finding.ts'
import { word } from '../../core/shell.ts'
import { input } from '../../core/input-name.ts'
import type { Kept } from './backups.ts'
import type { Switched } from './batch.ts'
import type { Look } from './look.ts'

export interface Sorted {
  /** The Secret is without its credentials, and Argo CD was not seen to read yet: to be confirmed or put back. */
  readonly unfinished: readonly Backup[]
  /** Argo CD was seen to read without them. */
  readonly finished: readonly Backup[]
  /** The Secret has its credentials: the backup is for nothing. */
  readonly needless: readonly Backup[]
  /** The Secret is gone, or somebody else wrote something else into it. */
  readonly orphans: readonly Backup[]
  /** The Secret names another backup or none: nothing is ever written because of these. */
  readonly unnamed: readonly Backup[]
  /** Names of Secrets with the labels of a backup that are none. */
  readonly unreadable: readonly string[]
}

/**
 * @param secrets those with which Argo CD reads, by name
 * @param host of Azure DevOps: what is said about any other is not believed, because Argo CD would be made to send a token there
 */
export function sortBackups(
  { backups, unreadable }: Kept,
  secrets: ReadonlyMap<string, V1Secret>,
  host: string
): Sorted {
  const groups = groupBy(backups, (backup): Exclude<keyof Sorted, 'unreadable'> => {
    const stage = stageOf(backup, secrets.get(backup.secret))
    if (stage === 'original') return 'needless'
    if (stage === 'unnamed' || !isSafe(urlIn(backup), host)) return 'unnamed'
    if (stage !== 'switched') return 'orphans'
    return backup.confirmedAt === undefined ? 'unfinished' : 'finished'
  })
  const of = (name: Exclude<keyof Sorted, 'unreadable'>): Backup[] => groups.get(name) ?? []
  return {
    unfinished: of('unfinished'),
    finished: of('finished'),
    needless: of('needless'),
    orphans: of('orphans'),
    unnamed: of('unnamed'),
    unreadable
  }
}

function isSafe(url: string, host: string): boolean {
  return /^https:\/\//i.test(url) && isAzureRepos(url, host)
}

function urlIn({ original }: Backup): string {
  return Buffer.from(original.data['url'] ?? '', 'base64').toString('utf8')
}

/** With the repositories of Azure Repos that their Secrets serve. */
export function switchedBy(
  backups: readonly Backup[],
  { entries, applications }: Pick<Look, 'entries' | 'applications'>,
  host: string
): Switched[] {
  return backups.map((backup) => {
    const { secret } = backup
    const { urls } = servedBy(secret, entries, applications)
    return { move: { secret, urls: urls.filter((url) => isSafe(url, host)) }, backup }
  })
}

/**
 * Those that are old enough to go: Argo CD was seen to read, and had trouble time to show.
 *
 * @param retention in ms; undefined: as the run that took them said
 */
export function expired({ finished }: Pick<Sorted, 'finished'>, retention?: number): Backup[] {
  return finished.filter((one) => Date.now() > endOf(one, retention))
}

function endOf({ confirmedAt = Infinity, retention }: Backup, other = retention): number {
  return confirmedAt + other
}

/** What is reported about backups that stay. */
export function leftBackups(
  { finished, orphans, unfinished, needless, unnamed, unreadable }: Sorted,
  namespace: string
): Finding[] {
  const kubectl = `kubectl -n ${word(namespace)}`
  return [
    ...unfinished.map((backup) =>
      warning({
        id: 'migration/unfinished',
        summary: `A migration was killed after it took the credentials out of the Secret ${namespace}/${backup.secret}, before Argo CD was seen to read without them. ${keptIn(backup, namespace)}.`,
        remedy: `run with ${input('mode', 'migrate')} to finish it, or with ${input('mode', 'rollback')} to go back`,
        object: `Secret ${namespace}/${backup.secret}`
      })
    ),
    ...needless.map((backup) =>
      note({
        id: 'migration/backup-left',
        summary: `${keptIn(backup, namespace)}, which has them as well: a migration ended before it took them out.`,
        remedy: `nothing: the next run with ${input('mode', 'migrate')}, ${input('mode', 'apply')} or ${input('mode', 'remove')} deletes it`,
        object: `Secret ${namespace}/${backup.name}`
      })
    ),
    ...finished.map((backup) =>
      note({
        id: 'migration/backup-left',
        summary: `${keptIn(backup, namespace)}, confirmed to be read without since ${day(backup.confirmedAt)}.`,
        remedy: `nothing: the first run after ${day(endOf(backup))} with ${input('mode', 'migrate')}, ${input('mode', 'apply')} or ${input('mode', 'remove')} deletes it; to go back: ${input('mode', 'rollback')}`,
        object: `Secret ${namespace}/${backup.name}`
      })
    ),
    ...orphans.map((backup) =>
      warning({
        id: 'migration/backup-left',
        summary: `${keptIn(backup, namespace)}, which was deleted or changed by somebody else since.`,
        remedy: `delete it if nobody needs what it holds; where the Secret is gone, ${input('mode', 'rollback')} makes it anew`,
        command: `${kubectl} delete secret ${word(backup.name)}`,
        object: `Secret ${namespace}/${backup.name}`
      })
    ),
    ...[...unnamed.map(({ name }) => name), ...unreadable].map((name) =>
      warning({
        id: 'migration/backup-unknown',
        summary: `The Secret ${namespace}/${name} has the labels of a backup, but is none that a moved Secret names, so Patless neither restores from it nor deletes it.`,
        expected: 'a backup as Patless writes it, named by the Secret that it belongs to',
        actual: 'another content, or a Secret that names another backup',
        remedy: 'find out who made it, then delete it',
        command: `${kubectl} get secret ${word(name)} -o jsonpath='{.metadata}' --show-managed-fields`,
        object: `Secret ${namespace}/${name}`
      })
    )
  ]
}

function keptIn({ name, secret, takenAt, original }: Backup, namespace: string): string {
  const keys = loginKeysIn(original.data).join(', ')
  return `The backup ${name} of ${day(takenAt)} (${age(takenAt)}) keeps ${keys} of the Secret ${namespace}/${secret}`
}

function day(at = Number.NaN): string {
  return Number.isFinite(at) ? new Date(at).toISOString().slice(0, 10) : 'an unknown day'
}

function age(at: number): string {
  const days = Math.floor((Date.now() - at) / 86_400_000)
  return days < 1 ? 'today' : days === 1 ? 'a day ago' : `${days} days ago`
}

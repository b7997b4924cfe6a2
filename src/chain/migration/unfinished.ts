/** Backups of a migration that was killed, and of finished ones: what each of them still is for. */
import type { Backup } from '../../argocd/migration/backup.ts'
import { stageOf } from '../../argocd/migration/switch.ts'
import { servedBy } from '../../argocd/migration/users.ts'
import { note, warning, type Finding } from '../../core/finding.ts'
import { word } from '../../core/shell.ts'
import { input } from '../../core/input-name.ts'
import type { Switched } from './batch.ts'
import type { Look } from './look.ts'

export interface Sorted {
  /** The Secret is without its credentials, and Argo CD was not seen to read yet: to be confirmed or put back. */
  readonly unfinished: readonly Switched[]
  /** Argo CD was seen to read without them. */
  readonly finished: readonly Switched[]
  /** The Secret has its credentials: the backup is for nothing. */
  readonly needless: readonly Backup[]
  /** The Secret is gone, or somebody else wrote something else into it. */
  readonly orphans: readonly Backup[]
}

export function sortBackups(backups: readonly Backup[], { secrets, entries, applications }: Look): Sorted {
  const sorted = { unfinished: [], finished: [], needless: [], orphans: [] } as {
    unfinished: Switched[]
    finished: Switched[]
    needless: Backup[]
    orphans: Backup[]
  }
  for (const backup of backups) {
    const stage = stageOf(backup, secrets.get(backup.secret))
    const { urls } = servedBy(backup.secret, entries, applications)
    const switched = { move: { secret: backup.secret, urls }, backup }
    if (stage === 'original') sorted.needless.push(backup)
    else if (stage !== 'switched') sorted.orphans.push(backup)
    else if (backup.confirmedAt === undefined) sorted.unfinished.push(switched)
    else sorted.finished.push(switched)
  }
  return sorted
}

/** Those that are old enough to go: Argo CD was seen to read, and had trouble time to show. */
export function expired({ finished }: Sorted, retention: number): Backup[] {
  return finished
    .map(({ backup }) => backup)
    .filter(({ confirmedAt = Infinity }) => Date.now() - confirmedAt > retention)
}

/** @param retention in ms; undefined: not known to this run */
export function leftBackups({ finished, orphans, unfinished }: Sorted, namespace: string): Finding[] {
  return [
    ...finished.map(({ backup: { name, secret, confirmedAt = 0 } }) =>
      note({
        id: 'migration/backup-left',
        summary: `The credentials that the Secret ${namespace}/${secret} had until ${new Date(confirmedAt).toISOString().slice(0, 10)} are in the backup ${name}.`,
        remedy: `nothing: a later run of ${input('mode', 'migrate')} deletes it; to go back: ${input('mode', 'rollback')}`
      })
    ),
    ...unfinished.map(({ backup: { name, secret } }) =>
      warning({
        id: 'migration/unfinished',
        summary: `A migration was killed after it took the credentials out of the Secret ${namespace}/${secret}; they are in the backup ${name}.`,
        remedy: `run with ${input('mode', 'migrate')} to finish it, or with ${input('mode', 'rollback')} to go back`
      })
    ),
    ...orphans.map(({ name, secret }) =>
      warning({
        id: 'migration/backup-left',
        summary: `The backup ${name} is of the Secret ${namespace}/${secret}, which was deleted or changed by somebody else since.`,
        remedy: `if nobody needs what it holds: kubectl -n ${word(namespace)} delete secret ${word(name)}`
      })
    )
  ]
}

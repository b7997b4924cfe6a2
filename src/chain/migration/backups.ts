/** Backups in the cluster: written and read back before a switch, marked once Argo CD was seen to read without them. */
import { isDeepStrictEqual } from 'node:util'
import type { V1Secret } from '@kubernetes/client-node'
import {
  BACKUP_LABEL,
  backupName,
  backupOf,
  BACKUPS,
  CONFIRMED,
  originalOf,
  readBackup,
  type Backup
} from '../../argocd/migration/backup.ts'
import { mapBounded } from '../../core/concurrency.ts'
import { Problem } from '../../core/finding.ts'
import { word } from '../../core/shell.ts'
import { HttpProblem } from '../../http/errors.ts'
import type { Kubernetes } from '../../services/kubernetes/api.ts'
import { marksOf } from '../../services/kubernetes/marks.ts'

/** The backups of a namespace. */
export interface Kept {
  readonly backups: readonly Backup[]
  /** Names of Secrets that have the labels of a backup, but are none. */
  readonly unreadable: readonly string[]
}

export class Backups {
  readonly #api: Kubernetes
  readonly #namespace: string
  readonly #retention: number

  /** @param namespace Argo CD's own. @param retention of those that are taken, in ms */
  constructor(api: Kubernetes, namespace: string, retention = RETENTION) {
    this.#api = api
    this.#namespace = namespace
    this.#retention = retention
  }

  async list(): Promise<Kept> {
    return backupsAmong(await this.#api.argoSecrets(this.#namespace, { labelSelector: BACKUPS }), this.#api)
  }

  /**
   * Writes a backup of each Secret, then reads all of them back.
   *
   * @returns by name of the Secret: its backup, or why there is none, so that it must not be changed
   */
  async take(secrets: readonly V1Secret[]): Promise<Map<string, Backup | Problem>> {
    const refused = new Map<string, Problem>()
    await mapBounded(secrets, async (secret) => {
      try {
        await this.#api.createSecret(this.#namespace, backupOf(secret, Date.now(), this.#retention))
      } catch (error) {
        // An earlier run, or a request whose answer was lost, has written it: reading it back decides.
        if (error instanceof HttpProblem && error.code === 'AlreadyExists') return
        // A quota or a policy refuses it, for this Secret; anything else ends the run.
        if (!(error instanceof HttpProblem) || ![403, 422].includes(error.status)) throw error
        refused.set(secret.metadata?.name ?? '', error)
      }
    })
    const { backups: found } = await this.list()
    const taken = secrets.map((secret): [string, Backup | Problem] => {
      const { name, version } = marksOf(secret.metadata)
      const backup = found.find((one) => one.name === backupName(name, version))
      const whole = backup !== undefined && isDeepStrictEqual(backup.original, originalOf(secret))
      return [name, whole ? backup : (refused.get(name) ?? notWhole(this.#namespace, name))]
    })
    return new Map(taken)
  }

  /** Argo CD was seen to read without the credentials. */
  async confirm({ name, version }: Backup): Promise<void> {
    const note = { [CONFIRMED]: new Date().toISOString() }
    await this.#api.noteOnSecret(this.#namespace, name, version, note)
  }

  /** Only after Argo CD was seen to read, with the Secret as it is now. */
  async delete({ name, version }: Backup): Promise<void> {
    await this.#api.deleteSecret(this.#namespace, name, version)
  }
}

/** Seven days, in ms. */
const RETENTION = 7 * 86_400_000

/** @param secrets of one namespace, whatever else is among them */
export function backupsAmong(secrets: readonly V1Secret[], api: Pick<Kubernetes, 'mask'>): Kept {
  const labelled = secrets.filter(({ metadata }) => metadata?.labels?.[BACKUP_LABEL] !== undefined)
  const read = labelled.map((secret) => ({ name: secret.metadata?.name ?? '', backup: readBackup(secret) }))
  const backups = read.flatMap(({ backup }) => backup ?? [])
  for (const { original } of backups) api.mask({ metadata: { labels: original.labels }, data: original.data })
  return { backups, unreadable: read.filter(({ backup }) => !backup).map(({ name }) => name) }
}

function notWhole(namespace: string, secret: string): Problem {
  return new Problem({
    id: 'migration/backup-not-whole',
    summary: `The backup of the Secret ${namespace}/${secret} is not there as it was written, so the Secret was not changed.`,
    expected: 'a Secret with the whole original',
    actual: 'none, or another content',
    remedy: `see what changes or removes new Secrets in ${word(namespace)} (a policy, a garbage collector), then run again`
  })
}

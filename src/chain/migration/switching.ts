/** Switches one Secret to workload identity, or puts back what was, each guarded by the version that was read. */
import { isDeepStrictEqual } from 'node:util'
import type { V1Secret } from '@kubernetes/client-node'
import { loginKeysIn } from '../../argocd/migration/login-keys.ts'
import { recreated, restorePatch, stageOf, switchPatch, type Stage } from '../../argocd/migration/switch.ts'
import type { Backup } from '../../argocd/migration/backup.ts'
import { Problem } from '../../core/finding.ts'
import { word } from '../../core/shell.ts'
import { classOf } from '../../http/retry.ts'
import type { Services } from '../../services/services.ts'
import type { Backups } from './backups.ts'
import { look, type Look, type Place } from './look.ts'
import type { Move } from '../../argocd/migration/plan.ts'

/** How often a Secret is read again when somebody else changes it between reading and writing. */
const TRIES = 4

/**
 * @param backup of the Secret as `seen`
 * @returns the backup of the version that was switched: when somebody has changed the Secret meanwhile, it is read,
 *   decided and kept anew
 * @throws {Problem} when it was not switched
 */
export async function switchSecret(
  move: Move,
  backup: Backup,
  seen: Look,
  backups: Backups,
  place: Place,
  services: Services
): Promise<Backup> {
  let [kept, current] = [backup, seen]
  for (let tries = 1; ; tries += 1) {
    const live = current.secrets.get(move.secret)
    if (!live || live.metadata?.uid !== move.uid || loginKeysIn(live.data ?? {}).length === 0)
      throw changedMeanwhile(move, place.namespace)
    try {
      const patch = switchPatch(live, kept, move.shared, Date.now())
      await services.kubernetes(place.clusterId).patchSecret(place.namespace, move.secret, patch)
      return kept
    } catch (error) {
      if (classOf(error) !== 'conflict' || tries === TRIES) throw error
    }
    current = await look(place, services)
    const again = current.secrets.get(move.secret)
    const entry = current.entries.find(({ secret }) => secret === move.secret)
    if (!again || entry?.url !== move.url || entry.project !== move.project)
      throw changedMeanwhile(move, place.namespace)
    // A request whose answer was lost has switched it.
    if (stageOf(kept, again) === 'switched') return kept
    const [taken] = (await backups.take([again])).values()
    if (!taken || taken instanceof Problem) throw taken ?? changedMeanwhile(move, place.namespace)
    // Only the newest one is of the version that is switched.
    if (taken.name !== kept.name) await backups.delete(kept)
    kept = taken
  }
}

/**
 * Puts the credentials back. Does nothing where they are already.
 *
 * @param options `missing`: make a Secret anew that is gone
 * @throws {Problem} when somebody else has changed or deleted the Secret since: then the backup stays
 */
export async function putBack(
  backup: Backup,
  place: Place,
  services: Services,
  { missing = 'leave' }: { readonly missing?: 'leave' | 'recreate' } = {}
): Promise<void> {
  const { namespace, clusterId } = place
  const api = services.kubernetes(clusterId)
  // The last look sees whether the last write went through.
  for (let tries = 1; ; tries += 1) {
    const { secrets } = await look(place, services)
    const live = secrets.get(backup.secret)
    const stage = stageOf(backup, live)
    if (stage === 'original' || (stage === 'gone' && isAnew(backup, live))) return
    const anew = missing === 'recreate' && live === undefined ? recreated(backup) : undefined
    if (stage !== 'switched' && !anew) throw notRestored(backup, namespace, stage)
    try {
      if (anew) await api.createSecret(namespace, anew)
      else if (live) await api.patchSecret(namespace, backup.secret, restorePatch(backup, live))
    } catch (error) {
      if (classOf(error) !== 'conflict' || tries === TRIES) throw error
    }
  }
}

/** Somebody, or a request whose answer was lost, has made it again with all that it held. */
function isAnew({ original }: Backup, live: V1Secret | undefined): boolean {
  return live !== undefined && isDeepStrictEqual(live.data, original.data)
}

function changedMeanwhile({ secret }: Move, namespace: string): Problem {
  return new Problem({
    id: 'migration/changed-meanwhile',
    summary: `Somebody changed or deleted the Secret ${namespace}/${secret} since it was planned, so it was not switched.`,
    remedy: 'run again: it is then decided anew'
  })
}

function notRestored(
  { secret, name }: Backup,
  namespace: string,
  stage: Exclude<Stage, 'original' | 'switched'>
): Problem {
  const why = WHY_NOT[stage]
  return new Problem({
    id: 'migration/not-restored',
    summary: `The Secret ${namespace}/${secret} ${why} after the migration took its credentials out, so they were not put back. They are in the backup ${name}.`,
    remedy: 'put them back with the command if they are needed, else delete the backup',
    command: `kubectl -n ${word(namespace)} get secret ${word(name)} -o jsonpath='{.data.original\\.json}' | base64 -d | kubectl -n ${word(namespace)} replace --force -f -`
  })
}

const WHY_NOT = {
  gone: 'was deleted or made anew',
  other: 'was changed by somebody else',
  unnamed: 'got another login'
} as const

/** What stands for the access verification where the cluster is reached through commands. */
import { NotNeeded } from '../../engine/verification.ts'
import { ANY_COMMIT } from '../migration/confirm.ts'
import type { Reading } from './access.ts'

/** @param why the cluster is reached through commands */
export function notReadHere(why: string): NotNeeded<Reading> {
  return new NotNeeded(
    `access as the identity was not tried, because ${why}, and no token of the pods goes through commands that Azure keeps`,
    ANY_COMMIT
  )
}

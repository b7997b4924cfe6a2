/** Stands for a reading of the repositories where this run has none. */
import { NotNeeded } from '../../engine/verification.ts'
import type { Reading } from './access.ts'

/**
 * Where the old credentials are back, the identity may not read at all: whatever commit Argo CD reads then is right,
 * because it did read.
 */
export const ANY_COMMIT: Reading = {
  commits: {},
  branches: new Map(),
  reason: '',
  unread: true,
  has: () => Promise.resolve(true)
}

/** @param why the cluster is reached through commands */
export function notReadHere(why: string): NotNeeded<Reading> {
  return new NotNeeded(
    `access as the identity was not tried, because ${why}, and no token of the pods goes through commands that Azure keeps`,
    ANY_COMMIT
  )
}

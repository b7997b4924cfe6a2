/** Reading evidence: what may not be read is noted, and is no failure. */
import { Problem } from '../../core/finding.ts'
import { Cancelled, HttpProblem, safe } from '../../http/errors.ts'
import type { Unread } from '../../diagnosis/evidence.ts'

export interface Reader {
  readonly unread: Unread[]
}

/** @returns undefined, and a note, when it cannot be read */
export async function orUnread<T>(
  { unread }: Reader,
  what: string,
  read: () => Promise<T>
): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof Problem) || error instanceof Cancelled) throw error
    const missing = error instanceof HttpProblem && error.status === 403
    unread.push({
      what,
      why: missing ? 'the login is missing the permission' : safe(error.facts.summary, 200)
    })
    return undefined
  }
}

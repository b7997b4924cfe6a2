/** What stands for a value of a Secret that was not read. */
import { createHash } from 'node:crypto'

/** Not a character that a name of a user or a URL begins with. */
const MARK = '?'

/** @param place of the value: another one is another stand-in, so that none is taken for the same credential */
export function standIn(place: string): string {
  return `${MARK}${createHash('sha256').update(place).digest('hex').slice(0, 6)}`
}

/** Validates list entries one by one: an unreadable entry is no reason to ignore the others. */
import type * as z from 'zod/mini'
import { note, type Finding } from '../core/finding.ts'
import { safe } from './errors.ts'
import { nameOf, type RequestName } from './request.ts'

/**
 * The entries that match `schema`. The others are skipped with a note, so this is for lists that are searched by name.
 * A list that must be complete is validated against one schema.
 *
 * @param warn gets how many entries were skipped and where the first one differs, but none of its content
 */
export function understoodEntries<T>(
  schema: z.ZodMiniType<T>,
  entries: readonly unknown[],
  asked: RequestName,
  warn: (finding: Finding) => void
): T[] {
  const found: T[] = []
  const odd: string[] = []
  for (const entry of entries) {
    const parsed = schema.safeParse(entry)
    if (parsed.success) found.push(parsed.data)
    else odd.push(parsed.error.issues[0]?.path.map(String).join('.') ?? '')
  }
  const [first] = odd
  if (first !== undefined) warn(note(skipped(asked, odd.length, first)))
  return found
}

function skipped(asked: RequestName, count: number, at: string) {
  const entries = count === 1 ? 'an entry' : `${count} entries`
  const where = at === '' ? '' : ` (${safe(at, 100)})`
  return {
    id: 'http/entry-skipped',
    summary: `${asked.service} answered ${nameOf(asked)} with ${entries} that this version does not understand${where}: skipped.`,
    remedy: 'none is needed unless what this run is for is missing; then report it with the debug log'
  } as const
}

/** The part of the summary about Secrets that were moved: before and after, one row each, what can be revoked now. */
import type { MoveState } from '../engine/moves.ts'
import { cell, code, takeFitting } from './markdown-text.ts'
import type { ReportedMigration, ReportedMove, ReportedUnused } from './migration.ts'
import type { PlacedFinding } from './findings.ts'

const MARKS: Readonly<Record<MoveState, string>> = {
  migrated: '✅',
  'rolled-back': '↩️',
  failed: '❌',
  waits: '⏳',
  stays: '📌',
  open: '⏭️'
}

const WORDS: Readonly<Record<MoveState, string>> = {
  migrated: 'moved to the identity',
  'rolled-back': 'put back',
  failed: 'failed',
  waits: 'blocked',
  stays: 'must stay',
  open: 'not moved yet'
}

/** In bytes: together with the other parts less than GitHub allows. */
const ROOM = { rows: 200_000, unused: 60_000 }
const more = (count: number): string => `${count} more in the JSON report (output \`report\`)`

export function migrationSummary(
  { moves, before, after, unused }: ReportedMigration,
  findings: readonly PlacedFinding[]
): string {
  const counts = (Object.keys(WORDS) as MoveState[])
    .map((state) => ({ state, count: moves.filter((one) => one.state === state).length }))
    .filter(({ count }) => count > 0)
    .map(({ state, count }) => `${MARKS[state]} ${count} ${WORDS[state]}`)
  const head = `### Stored credentials: ${before} before, ${after} after\n\n${counts.join(' · ')}`
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const rows = moves.map((one) => line(rowOf(one, findings)))
  const table = [
    line(['Secret', 'For', 'Applications', 'Batch', 'Result', 'Why, and what to do']),
    line(['---', '---', '---:', '---', '---', '---']),
    ...takeFitting(rows, ROOM.rows, (count) => line([more(count), '', '', '', '', '']))
  ]
  return [head, moves.length === 0 ? '' : table.join('\n'), unusedOf(unused)]
    .filter((part) => part !== '')
    .join('\n\n')
}

function rowOf(
  { name, kind, url, state, users, batch, problem, start, end }: ReportedMove,
  findings: readonly PlacedFinding[]
): string[] {
  const finding = findings.find(({ id, summary }) => id === problem && summary.includes(name))
  const took = end > start ? ` in ${((end - start) / 1000).toFixed(1)} s` : ''
  return [
    `**${cell(name)}**<br/>${cell(kind)}`,
    code(url),
    users === undefined ? '' : String(users),
    batch === undefined ? '' : batch === 1 ? 'canary' : String(batch),
    `${MARKS[state]}&nbsp;${WORDS[state]}${took}`,
    finding === undefined
      ? ''
      : `${cell(finding.summary)}<br/>To do: ${cell(finding.remedy.split('\n')[0] ?? '')}`
  ]
}

function unusedOf(unused: readonly ReportedUnused[]): string {
  if (unused.length === 0) return ''
  const items = unused.map(({ held, still, user, since, where }) => {
    const about = [user === undefined ? '' : `user ${user}`, since === undefined ? '' : `since ${since}`]
    const known = about.filter((part) => part !== '').join(', ')
    const what = `- the one of **${cell(held.join(', '))}**${known === '' ? '' : ` (${cell(known)})`}`
    return still.length === 0
      ? `${what}: ${cell(where)}`
      : `${what}: **not yet**, it is still used by ${cell(still.join(', '))}`
  })
  const shown = takeFitting(items, ROOM.unused, (count) => `- ${more(count)}`)
  return `#### Revoke what nothing uses any more\n\n${shown.join('\n')}`
}

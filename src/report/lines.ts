/** The log: one line per hop as it ends, one per field that differs, whatever line ends the values hold. */
import { toLine } from '../core/safe-text.ts'
import type { HopOutcome, Result } from '../engine/outcome.ts'

const MARKS: Readonly<Record<Result, string>> = {
  unchanged: '✓',
  created: '+',
  updated: '~',
  removed: '-',
  drifted: '≠',
  missing: '∅',
  unknown: '?',
  failed: '✗',
  skipped: '–'
}

export function linesOf({ hop, result, changes, notes, summary, problem, start, end }: HopOutcome): string[] {
  const word = `${MARKS[result]} ${hop.padEnd(20)} ${result.padEnd(9)}`
  const fact = summary ?? problem?.what ?? ''
  return [
    `${word} ${toLine(fact)} (${end - start} ms)`,
    ...changes.map(
      ({ field, expected, found }) =>
        `    ${toLine(field)}: expected ${toLine(expected)}, found ${toLine(found ?? 'nothing')}`
    ),
    ...noteLines(notes)
  ]
}

export function noteLines(notes: HopOutcome['notes']): string[] {
  return notes.flatMap(({ what, remedy }) => [
    `    note: ${toLine(what)}`,
    ...remedy.split('\n').map((line) => `      ${line}`)
  ])
}

/** The job summary: verdict, one table, the chain as a picture, durations. */
import type { HopOutcome, Result } from '../engine/outcome.ts'
import { cell, code, fence, fitting, why } from './markdown-text.ts'
import { mermaidOf } from './mermaid.ts'
import type { Report } from './report.ts'

const MARKS: Readonly<Record<Result, string>> = {
  unchanged: '✅',
  created: '🆕',
  updated: '✏️',
  removed: '🗑️',
  drifted: '⚠️',
  missing: '⚠️',
  unknown: '❔',
  failed: '❌',
  skipped: '⏭️'
}

/**
 * Room of each part, in bytes: together less than the 1 MiB that GitHub takes of a step's summary. What is longer ends
 * with how much more there is.
 */
const ROOM = { places: 40_000, rows: 400_000, problems: 220_000, notes: 220_000 }
const more = (count: number): string => `${count} more in the JSON report (output \`report\`)`

/** @param pictures mermaid is drawn on GitHub; Azure Pipelines shows it as text, so it gets none. */
export function markdownOf(report: Report, pictures: 'mermaid' | 'none'): string {
  const { verdict, mode, target, proofs, hops, durationMs } = report
  const mark = verdict.exitCode === 0 ? '✅' : verdict.exitCode === 2 ? '⚠️' : '❌'
  const parts = [
    `## ${mark} Patless ${mode}: ${cell(verdict.text)}`,
    `Argo CD on **${cell(target.cluster)}** → ${listed(target.repositories.map((url) => code(url)))}, as ${code(target.identity)}.`,
    table(
      ['Hop', 'Result', 'Expected', 'Found', 'Remedy'],
      hops.flatMap((hop) => rowsOf(hop, mode))
    ),
    proofOf(report),
    verdict.problems.length === 0 ? '' : problemsOf(report),
    notesOf(report),
    pictures === 'mermaid' ? details('The chain', `\`\`\`mermaid\n${mermaidOf(report)}\n\`\`\``) : '',
    details(
      'Durations',
      table(
        ['Part', 'From (ms)', 'Took (ms)'],
        [
          ...hops.map(({ hop, start, end }) => [hop, String(start), String(end - start)]),
          ...Object.entries(proofs).map(([name, { start, end }]) => [
            `proof: ${cell(name)}`,
            String(start),
            String(end - start)
          ]),
          ['**whole run**', '0', String(durationMs)]
        ]
      )
    )
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

/** Five columns and no more: a wider table hides the remedy behind a scroll bar. */
function rowsOf({ hop, result, changes, summary, problem }: HopOutcome, mode: Report['mode']): string[][] {
  const head = [`**${hop}**`, `${MARKS[result]}&nbsp;${result}`]
  if (changes.length === 0)
    return [[...head, '', cell(summary ?? problem?.what ?? ''), cell(problem?.remedy ?? '')]]
  return changes.map(({ field, expected, found, blocked }, index) => [
    ...(index === 0 ? head : ['', '']),
    `${cell(field)}:<br/>${code(expected)}`,
    found === undefined ? '–' : code(found),
    cell(blocked?.remedy ?? problem?.remedy ?? (mode === 'check' && index === 0 ? APPLY : ''))
  ])
}

const APPLY = 'run mode: apply'

function proofOf({ proof }: Report): string {
  const mark = { verified: '✅', failed: '❌', inconclusive: '❔', skipped: '⏭️' }[proof.verification]
  const read = Object.entries(proof.commits).map(
    ([url, commit]) => `${code(url)} at ${code(commit.slice(0, 12))}`
  )
  return `**Proof:** ${mark} ${proof.verification}: ${cell(proof.reason)}${read.length === 0 ? '' : `. Read ${listed(read)}.`}`
}

function problemsOf({ verdict }: Report): string {
  const items = verdict.problems.map(({ hop, what, expected, found, remedy, link }) =>
    [
      `- **${cell(hop ?? 'run')}**: ${cell(what)}`,
      expected === undefined ? '' : `  - expected ${code(expected)}, found ${code(found ?? 'nothing')}`,
      `  - remedy: ${cell(remedy)}${why(link)}`
    ]
      .filter((line) => line !== '')
      .join('\n')
  )
  return `### What needs you\n\n${fitting(items, ROOM.problems, (count) => `- ${more(count)}`).join('\n')}`
}

/** What should be known though it stops nothing; a remedy of several lines is something to copy. */
function notesOf({ hops, proofs }: Report): string {
  const proved = Object.entries(proofs).map(([name, { notes = [] }]) => ({ hop: `proof: ${name}`, notes }))
  const items = [...hops, ...proved].flatMap(({ hop, notes }) =>
    notes.map(({ what, remedy, link }) => {
      const [first = '', ...rest] = remedy.split('\n')
      const copy = rest.length === 0 ? '' : `\n\n${fence(rest.join('\n'), 'yaml', '  ')}`
      return `- **${hop}**: ${cell(what)} ${cell(first)}${why(link)}${copy}`
    })
  )
  const shown = fitting(items, ROOM.notes, (count) => `- ${more(count)}`)
  return items.length === 0 ? '' : details(`Notes (${items.length})`, shown.join('\n'))
}

function listed(places: readonly string[]): string {
  return fitting(places, ROOM.places, more).join(', ')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const left = (count: number): string => line([more(count), ...head.slice(1).map(() => '')])
  return [line(head), line(head.map(() => '---')), ...fitting(rows.map(line), ROOM.rows, left)].join('\n')
}

function details(title: string, body: string): string {
  return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`
}

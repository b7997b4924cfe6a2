/** The parts of a job summary that every mode has. */
import { cell, code, documentationLink, fence, takeFitting } from './markdown-text.ts'
import { needsAction, type PlacedFinding } from './findings.ts'
import type { Report } from './report.ts'

/**
 * Size limit of each part, in bytes: together less than the 1 MiB that GitHub allows for a step's summary. A longer part
 * ends with the number of items left out.
 */
export const ROOM = { places: 40_000, rows: 400_000, actions: 220_000, notes: 220_000 }
export const more = (count: number): string => `${count} more in the JSON report (output \`report\`)`

export function actionsOf({ findings }: Pick<Report, 'findings'>): string {
  const items = findings.filter(needsAction).map((finding) => {
    const { summary, expected, actual, remedy, link } = finding
    return [
      `- **${cell(placeOf(finding))}**: ${cell(summary)} ${code(finding.id)}`,
      expected === undefined ? '' : `  - expected ${code(expected)}, actual ${code(actual ?? 'nothing')}`,
      `  - remedy: ${cell(remedy)}${documentationLink(link)}`
    ]
      .filter((line) => line !== '')
      .join('\n')
  })
  if (items.length === 0) return ''
  return `### Action needed\n\n${takeFitting(items, ROOM.actions, (count) => `- ${more(count)}`).join('\n')}`
}

/** Notes; when a remedy has several lines, those after the first are for copying. */
export function notesOf({ findings }: Pick<Report, 'findings'>): string {
  const items = findings
    .filter((finding) => !needsAction(finding))
    .map((finding) => {
      const [first = '', ...rest] = finding.remedy.split('\n')
      const copy = rest.length === 0 ? '' : `\n\n${fence(rest.join('\n'), 'yaml', '  ')}`
      return `- **${cell(placeOf(finding))}**: ${cell(finding.summary)} ${cell(first)}${documentationLink(finding.link)}${copy}`
    })
  const shown = takeFitting(items, ROOM.notes, (count) => `- ${more(count)}`)
  return items.length === 0 ? '' : details(`Notes (${items.length})`, shown.join('\n'))
}

function placeOf({ resource, organization, verification }: PlacedFinding): string {
  if (resource !== undefined && organization !== undefined) return `${resource} of ${organization}`
  return resource ?? (verification === undefined ? 'run' : `${verification} verification`)
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const left = (count: number): string => line([more(count), ...head.slice(1).map(() => '')])
  return [line(head), line(head.map(() => '---')), ...takeFitting(rows.map(line), ROOM.rows, left)].join('\n')
}

export function details(title: string, body: string): string {
  return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`
}

/** The parts of a job summary that every mode has. */
import { ownerOf, needsAction } from './findings.ts'
import { cell, documentationLink, fence, takeFitting } from './markdown-text.ts'
import type { Report } from './report.ts'

/**
 * Size limit of each part, in bytes: together less than the 1 MiB that GitHub allows for a step's summary. A longer part
 * ends with the number of items left out.
 */
export const ROOM = {
  places: 40_000,
  rows: 100_000,
  first: 100_000,
  actions: 200_000,
  consequences: 40_000,
  notes: 150_000
}

export function more(count: number): string {
  return `${count} more in the JSON report (output \`report\`)`
}

/** Notes; when a remedy has several lines, those after the first are for copying. */
export function notesOf({ findings }: Pick<Report, 'findings'>): string {
  const items = findings
    .filter((finding) => !needsAction(finding))
    .map((finding) => {
      const [first = '', ...rest] = finding.remedy.split('\n')
      const copy = rest.length === 0 ? '' : `\n\n${fence(rest.join('\n'), 'yaml', '  ')}`
      const command = finding.command === undefined ? '' : `\n\n${fence(finding.command, 'sh', '  ')}`
      return `- **${cell(ownerOf(finding))}**: ${cell(finding.summary)} ${cell(first)}${documentationLink(finding.link)}${copy}${command}`
    })
  const shown = takeFitting(items, ROOM.notes, (count) => `- ${more(count)}`)
  return items.length === 0 ? '' : details(`Notes (${items.length})`, shown.join('\n'))
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const left = (count: number): string => line([more(count), ...head.slice(1).map(() => '')])
  return [line(head), line(head.map(() => '---')), ...takeFitting(rows.map(line), ROOM.rows, left)].join('\n')
}

export function details(title: string, body: string): string {
  return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`
}

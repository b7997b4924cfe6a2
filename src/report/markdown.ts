/** The job summary: verdict, one table, a picture of the chain, durations. */
import type { Result, VerificationResult } from '../engine/outcome.ts'
import { cell, code, fence, takeFitting, documentationLink } from './markdown-text.ts'
import { mermaidOf } from './mermaid.ts'
import { needsAction, type PlacedFinding } from './findings.ts'
import { planSection } from './plan.ts'
import type { Report, ReportedResource } from './report.ts'

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
 * Size limit of each part, in bytes: together less than the 1 MiB that GitHub allows for a step's summary. A longer part
 * ends with the number of items left out.
 */
const ROOM = { places: 40_000, rows: 400_000, actions: 220_000, notes: 220_000 }
const more = (count: number): string => `${count} more in the JSON report (output \`report\`)`

/** @param pictures `none` on Azure Pipelines, which shows mermaid as text. */
export function markdownOf(report: Report, pictures: 'mermaid' | 'none'): string {
  const { verdict, mode, target, verifications, resources, durationMs } = report
  const mark = verdict.exitCode === 0 ? '✅' : verdict.exitCode === 2 ? '⚠️' : '❌'
  const parts = [
    `## ${mark} Patless ${mode}: ${cell(verdict.summary)}`,
    `Argo CD on **${cell(target.cluster)}** → ${listed(target.repositories.map((url) => code(url)))}, as ${code(target.identity)}.`,
    table(
      ['Resource', 'Result', 'Expected', 'Actual', 'Remedy'],
      resources.flatMap((resource) => rowsOf(resource, report))
    ),
    planSection(report.plan),
    verificationOf(report),
    actionsOf(report),
    notesOf(report),
    pictures === 'mermaid' ? details('The chain', `\`\`\`mermaid\n${mermaidOf(report)}\n\`\`\``) : '',
    details(
      'Durations',
      table(
        ['Part', 'From (ms)', 'Took (ms)'],
        [
          ...resources.map(({ resource, organization, start, end }) => [
            `${resource}${ofOrganization(organization)}`,
            String(start),
            String(end - start)
          ]),
          ...Object.entries(verifications).map(([name, { start, end }]) => [
            `${cell(name)} verification`,
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

/** Five columns at most: in a wider table the remedy is behind a scroll bar. */
function rowsOf(
  { resource, organization, result, differences, summary }: ReportedResource,
  { findings }: Report
): string[][] {
  const head = [`**${resource}**${ofOrganization(organization)}`, `${MARKS[result]}&nbsp;${result}`]
  const own = findings.filter(
    (finding) =>
      finding.resource === resource && finding.organization === organization && needsAction(finding)
  )
  const [first] = own
  if (differences.length === 0) return [[...head, '', cell(summary ?? ''), cell(first?.remedy ?? '')]]
  return differences.map(({ field, expected, actual, blocked }, index) => [
    ...(index === 0 ? head : ['', '']),
    `${cell(field)}:<br/>${code(expected)}`,
    actual === undefined ? '–' : code(actual),
    cell((blocked ? own.find(({ id }) => id === blocked) : index === 0 ? first : undefined)?.remedy ?? '')
  ])
}

const VERIFIED: Readonly<Record<VerificationResult, string>> = {
  verified: '✅',
  failed: '❌',
  inconclusive: '❔',
  skipped: '⏭️'
}

function verificationOf({ verification: { result, reason }, repositories }: Report): string {
  const read = repositories.flatMap(({ url, verifications: { access, argocd } }) => {
    const commit = argocd?.commit ?? access?.commit
    return commit === undefined ? [] : [`${code(url)} at ${code(commit.slice(0, 12))}`]
  })
  const open = repositories.flatMap(({ url, verifications }) =>
    Object.values(verifications).some((one) => one.result === 'failed') ? [code(url)] : []
  )
  const not = repositories.length === 1 || open.length === 0 ? '' : `. Not verified: ${listed(open)}`
  return `**Verification:** ${VERIFIED[result]} ${result}: ${cell(reason)}${not}${read.length === 0 ? '' : `. Read ${listed(read)}.`}`
}

function actionsOf({ findings }: Report): string {
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
function notesOf({ findings }: Report): string {
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

function ofOrganization(organization: string | undefined): string {
  return organization === undefined ? '' : ` of ${cell(organization)}`
}

function placeOf({ resource, organization, verification }: PlacedFinding): string {
  if (resource !== undefined && organization !== undefined) return `${resource} of ${organization}`
  return resource ?? (verification === undefined ? 'run' : `${verification} verification`)
}

function listed(places: readonly string[]): string {
  return takeFitting(places, ROOM.places, more).join(', ')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const left = (count: number): string => line([more(count), ...head.slice(1).map(() => '')])
  return [line(head), line(head.map(() => '---')), ...takeFitting(rows.map(line), ROOM.rows, left)].join('\n')
}

function details(title: string, body: string): string {
  return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`
}

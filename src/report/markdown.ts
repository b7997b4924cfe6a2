/** The job summary: verdict, one table, a picture of the chain, durations. */
import type { Result, VerificationResult } from '../engine/outcome.ts'
import { actionsOf, details, more, notesOf, ROOM, table } from './markdown-parts.ts'
import { cell, code, takeFitting } from './markdown-text.ts'
import { mermaidOf } from './mermaid.ts'
import { auditMarkdownOf } from './audit-markdown.ts'
import { needsAction } from './findings.ts'
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

/** @param pictures `none` on Azure Pipelines, which shows mermaid as text. */
export function markdownOf(report: Report, pictures: 'mermaid' | 'none'): string {
  const { verdict, mode, target, verifications, resources, durationMs } = report
  if (mode === 'audit') return auditMarkdownOf(report)
  const mark = verdict.exitCode === 0 ? '✅' : verdict.exitCode === 2 ? '⚠️' : '❌'
  const parts = [
    `## ${mark} Patless ${mode}: ${cell(verdict.summary)}`,
    `Argo CD on **${cell(target.cluster)}** → ${listed(target.repositories.map((url) => code(url)))}, as ${code(target.identity ?? '')}.`,
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

function ofOrganization(organization: string | undefined): string {
  return organization === undefined ? '' : ` of ${cell(organization)}`
}

function listed(places: readonly string[]): string {
  return takeFitting(places, ROOM.places, more).join(', ')
}

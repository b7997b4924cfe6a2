/**
 * The job summary, top-down: the verdict, what to do, what changed or differs, then what only some readers want. It is
 * a list of sections, each a function of the report; an empty section is left out.
 */
import type { VerificationResult } from '../engine/outcome.ts'
import { actionsOf } from './actions.ts'
import { changedOf, differencesOf, unchangedOf, unknownOf } from './differences.ts'
import { auditMarkdownOf } from './audit-markdown.ts'
import { ownerOf } from './findings.ts'
import { fleetMarkdownOf } from './fleet-markdown.ts'
import { details, more, notesOf, ROOM, table } from './markdown-parts.ts'
import { cell, code, fence, takeFitting } from './markdown-text.ts'
import { mermaidOf } from './mermaid.ts'
import { migrationSummary } from './migration-summary.ts'
import { planSection } from './plan.ts'
import type { Report } from './report.ts'

/** `none` on Azure Pipelines, which shows mermaid as text. */
export type Pictures = 'mermaid' | 'none'

/** A part of the summary: Markdown without a line feed at the end; empty where the report has nothing for it. */
export type Section = (report: Report, pictures: Pictures) => string

const SECTIONS: readonly Section[] = [
  headingOf,
  ({ migration, findings }) => (migration ? migrationSummary(migration, findings) : ''),
  actionsOf,
  ({ plan }) => planSection(plan),
  changedOf,
  differencesOf,
  verificationOf,
  issueSection,
  exportSection,
  unchangedOf,
  unknownOf,
  notesOf,
  pictureOf,
  durationsOf
]

export function markdownOf(
  report: Report,
  pictures: Pictures,
  sections: readonly Section[] = SECTIONS
): string {
  if (report.runs) return fleetMarkdownOf(report, report.runs)
  if (report.mode === 'audit') return auditMarkdownOf(report)
  const parts = sections.map((section) => section(report, pictures))
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

function headingOf({ verdict, mode, target }: Report): string {
  const mark = verdict.exitCode === 0 ? '✅' : verdict.exitCode === 2 ? '⚠️' : '❌'
  // A migration finds its repositories by itself.
  const places = listed(target.repositories.map((url) => code(url)))
  return `## ${mark} Patless ${mode}: ${cell(headline(verdict.summary))}

Argo CD on **${cell(target.cluster)}**${places === '' ? '' : ` → ${places}`}, as ${code(target.identity ?? '')}.`
}

/** A heading is short: why something is not verified is said below, by the verification itself. */
function headline(summary: string): string {
  const [drift, verification] = summary.split(' Verification: ', 2)
  if (drift !== undefined && verification !== undefined) return drift
  const [, said] =
    /^(.{0,200}?\b(?:not verified|Not verified|verification \w+))(?:: | \()/s.exec(summary) ?? []
  return said === undefined ? summary : `${said}.`
}

const VERIFIED: Readonly<Record<VerificationResult, string>> = {
  verified: '✅',
  failed: '❌',
  inconclusive: '❔',
  skipped: '⏭️'
}

function verificationOf(report: Report): string {
  const { verification, repositories, resources } = report
  const { result, reason } = verification
  // Without any resource the run ended before there was something to verify, and the verdict says so.
  if (resources.length === 0) return ''
  const read = repositories.flatMap(({ url, verifications: { access, argocd } }) => {
    const commit = argocd?.commit ?? access?.commit
    return commit === undefined ? [] : [`${code(url)} at ${code(commit.slice(0, 12))}`]
  })
  const open = repositories.flatMap(({ url, verifications }) =>
    Object.values(verifications).some((one) => one.result === 'failed') ? [code(url)] : []
  )
  const not = repositories.length === 1 || open.length === 0 ? '' : `. Not verified: ${listed(open)}`
  const said = isPrevented(report) ? `not possible as long as ${cell(reason)}` : `${result}: ${cell(reason)}`
  return `**Verification:** ${VERIFIED[result]} ${said}${not}${read.length === 0 ? '' : `. Read ${listed(read)}.`}`
}

/** It failed without having been tried, because of a resource. */
function isPrevented({ verification: { result }, verifications, findings }: Report): boolean {
  return (
    result === 'failed' &&
    verifications.access?.result === 'failed' &&
    !findings.some(({ verification }) => verification !== undefined)
  )
}

/** Of a diagnosis. */
function issueSection({ issue }: Report): string {
  return issue === undefined ? '' : details('To paste into an issue', fence(issue, 'text'))
}

/** Ready to copy; the files are longer-lived than the summary, but not always at hand. */
function exportSection({ exports }: Report): string {
  return Object.entries(exports ?? {})
    .map(([name, content]) => details(name, fence(content, name.split('.').at(-1) ?? '')))
    .join('\n\n')
}

function pictureOf(report: Report, pictures: Pictures): string {
  if (pictures === 'none' || report.resources.length === 0) return ''
  return details('The chain', `\`\`\`mermaid\n${mermaidOf(report)}\n\`\`\``)
}

function durationsOf({ resources, verifications, durationMs }: Report): string {
  const rows = [
    ...resources.map((one) => [cell(ownerOf(one)), String(one.start), String(one.end - one.start)]),
    ...Object.entries(verifications).map(([name, { start, end }]) => [
      `${cell(name)} verification`,
      String(start),
      String(end - start)
    ]),
    ['**whole run**', '0', String(durationMs)]
  ]
  return details('Durations', table(['Part', 'From (ms)', 'Took (ms)'], rows))
}

function listed(places: readonly string[]): string {
  return takeFitting(places, ROOM.places, more).join(', ')
}

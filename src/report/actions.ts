/**
 * What to do: the first three things in full, with their commands in code blocks; everything else folded away, and what
 * will be gone with its cause at the end.
 */
import { groupBy } from '../core/group-by.ts'
import { needsAction, ownerOf, type PlacedFinding } from './findings.ts'
import { details, more, ROOM } from './markdown-parts.ts'
import { cell, code, documentationLink, fence, takeFitting } from './markdown-text.ts'
import type { Report } from './report.ts'

/** More than three things at once is a list that nobody starts with. */
const FIRST = 3
type Told = Pick<Report, 'findings' | 'resources'>

export function actionsOf(report: Told): string {
  const needed = report.findings.filter(needsAction)
  const isConsequence = ({ id, because }: PlacedFinding): boolean =>
    id === 'resource/depends-on' || needed.some((cause) => cause.id === because)
  const actions = groupByRemedy(needed.filter((one) => !isConsequence(one)))
  const consequences = groupByRemedy(needed.filter(isConsequence)).map((action) => textOf(action, report))
  if (needed.length === 0) return ''
  const first = actions.slice(0, FIRST).map((action) => textOf(action, report))
  const others = actions.slice(FIRST).map((action) => textOf(action, report))
  return [
    '### What to do',
    ...takeFitting(first, ROOM.first, more),
    others.length === 0
      ? ''
      : details(`${others.length} more`, takeFitting(others, ROOM.actions, more).join('\n\n')),
    consequences.length === 0
      ? ''
      : details(
          `Consequences (${consequences.length})`,
          takeFitting(consequences, ROOM.consequences, more).join('\n\n')
        )
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

export type Action = readonly PlacedFinding[]

/** Six resources that the next apply fixes are one thing to do. */
export function groupByRemedy(findings: readonly PlacedFinding[]): Action[] {
  return [
    ...groupBy(findings, ({ remedy, command, link }) => JSON.stringify([remedy, command, link])).values()
  ]
}

function textOf(action: Action, report: Told): string {
  const [first] = action
  if (!first) return ''
  const { remedy, command, link } = first
  const [line = '', ...rest] = remedy.split('\n')
  const drifted = action.filter(({ id }) => id.endsWith('/drifted'))
  return [
    ...(drifted.length === 0
      ? []
      : [
          `${drifted.map(ownerIn).join(', ')}: ${drifted.length === 1 ? 'differs' : 'differ'} as listed below.`
        ]),
    ...action.filter((finding) => !drifted.includes(finding)).map((finding) => factsOf(finding, report)),
    `➜ ${cell(line)}${documentationLink(link)}`,
    ...(rest.length === 0 ? [] : [rest.map((one) => cell(one)).join('<br/>')]),
    ...(command === undefined ? [] : [fence(command, 'sh')])
  ].join('\n\n')
}

function factsOf(finding: PlacedFinding, { resources }: Told): string {
  const { id, summary, expected, actual } = finding
  const text = `${ownerIn(finding)}: ${cell(summary)} ${code(id)}`
  const { differences = [] } =
    resources.find(
      ({ resource, organization }) => resource === finding.resource && organization === finding.organization
    ) ?? {}
  if (expected === undefined || differences.some(({ blocked }) => blocked === id)) return text
  return `${text}<br/>Expected: ${code(expected)}<br/>Found: ${code(actual ?? 'nothing')}`
}

/** What belongs to no resource is of the area of its id: login, rights, report. */
function ownerIn(finding: PlacedFinding): string {
  const owned = finding.resource ?? finding.verification ?? finding.target
  return `**${owned === undefined ? (finding.id.split('/')[0] ?? '') : cell(ownerOf(finding))}**`
}

/** The tables of the summary: what this run changed, what differs, and, folded away, what is in order or not known. */
import { groupBy } from '../core/group-by.ts'
import type { Result } from '../engine/outcome.ts'
import { ownerOf } from './findings.ts'
import { details, table } from './markdown-parts.ts'
import { cell, code } from './markdown-text.ts'
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

const WRITTEN: readonly Result[] = ['created', 'updated', 'removed']
const OPEN: readonly Result[] = ['drifted', 'missing', 'failed', 'skipped']

export function changedOf({ resources, plan }: Report): string {
  // The plan of a dry run says the same in more detail.
  if (plan) return ''
  const changed = resources.filter(({ result }) => WRITTEN.includes(result))
  const rows = changed.flatMap((resource) => {
    const now = fieldsOf(resource).map(({ now, expected }) => `${now}${expected}`)
    return [[headOf(resource), now.length === 0 ? cell(resource.summary ?? '') : now.join('<br/>')]]
  })
  return rows.length === 0 ? '' : `### Changed\n\n${table(['Resource', 'Now'], rows)}`
}

/** Two columns: on a phone a third one is behind a scroll bar. */
export function differencesOf({ resources, plan }: Report): string {
  if (plan) return ''
  const rows = resources
    .filter(({ result, differences }) => OPEN.includes(result) || blocks(differences, result))
    .flatMap((resource) => {
      const fields = fieldsOf(resource)
      if (fields.length === 0) return [[headOf(resource), cell(resource.summary ?? '')]]
      return fields.map(({ field, expected, actual }, index) => [
        index === 0 ? headOf(resource) : '',
        `${field}<br/>Expected: ${expected}<br/>Found: ${actual}`
      ])
    })
  return rows.length === 0 ? '' : `### What is not in order\n\n${table(['Resource', 'What'], rows)}`
}

export function unchangedOf({ resources }: Report): string {
  const rows = resources
    .filter(({ result, differences }) => result === 'unchanged' && !blocks(differences, result))
    .map((resource) => [
      `${MARKS.unchanged}&nbsp;**${cell(ownerOf(resource))}**`,
      cell(resource.summary ?? '')
    ])
  return rows.length === 0 ? '' : details(`In order (${rows.length})`, table(['Resource', 'Fact'], rows))
}

export function unknownOf({ resources }: Report): string {
  const rows = resources
    .filter(({ result }) => result === 'unknown')
    .map((resource) => [`${MARKS.unknown}&nbsp;**${cell(ownerOf(resource))}**`, cell(resource.summary ?? '')])
  return rows.length === 0
    ? ''
    : details(`Not known, because it depends on the above (${rows.length})`, table(['Resource', 'Why'], rows))
}

function headOf(resource: ReportedResource): string {
  return `${MARKS[resource.result]}&nbsp;**${cell(ownerOf(resource))}**<br/>${resource.result}`
}

function blocks(differences: ReportedResource['differences'], result: Result): boolean {
  return result === 'unchanged' && differences.some(({ blocked }) => blocked !== undefined)
}

interface Field {
  /** As Markdown. */
  readonly field: string
  /** The same after a write, up to the value. */
  readonly now: string
  readonly expected: string
  readonly actual: string
}

type Difference = ReportedResource['differences'][number]

/** One row per field; the variables of a pod are one row, and pods that differ in the same way are one, too. */
function fieldsOf({ differences }: ReportedResource): Field[] {
  const single = differences.filter(({ field }) => !POD.test(field))
  const pods = [
    ...groupBy(
      differences.filter(({ field }) => POD.test(field)),
      podOf
    )
  ]
  const alike = [...groupBy(pods, ([, all]) => JSON.stringify(all.map(variableOf)))].map(([, group]) => group)
  return [...single.map(fieldOf), ...alike.map(podsOf)]
}

/** `pod <name> <variable>`: how the workload names what differs in a pod. */
const POD = /^pod (\S+-\S+) (\S+)$/

function podOf({ field }: Difference): string {
  return POD.exec(field)?.[1] ?? ''
}

function variableOf({ field, ...rest }: Difference): Difference {
  return { field: POD.exec(field)?.[2] ?? '', ...rest }
}

function fieldOf(difference: Difference): Field {
  const { field, expected, blocked } = difference
  const note = blocked === undefined ? '' : '<br/>(not changed by apply)'
  return {
    field: `${cell(field)}:`,
    now: `${cell(field)}:<br/>`,
    expected: `${code(expected)}${note}`,
    actual: foundIn(difference)
  }
}

function podsOf(group: readonly (readonly [name: string, differences: readonly Difference[]])[]): Field {
  const [[, differences] = ['', []]] = group
  const names = group.map(([name]) => cell(name)).join(', ')
  const variables = differences.map(variableOf)
  const lines = (valueOf: (one: Difference) => string): string =>
    variables.map((one) => `<br/>${cell(one.field)}: ${valueOf(one)}`).join('')
  return {
    field: `${group.length === 1 ? 'pod' : `${group.length} pods:`} ${names}`,
    // Those that were found have been replaced.
    now: 'new pods',
    expected: lines(({ expected }) => code(expected)),
    actual: variables.every(({ actual }) => actual === undefined) ? 'nothing' : lines(foundIn)
  }
}

function foundIn({ actual }: Difference): string {
  return actual === undefined ? 'nothing' : code(actual)
}

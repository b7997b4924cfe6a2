/** Of several runs: one row each, one column per resource, so that one sees at a glance where it is not in order. */
import type { VNode } from 'preact'
import type { ResourceKind } from '../../core/finding-titles.ts'
import type { Result } from '../../engine/outcome.ts'
import type { Report } from '../report.ts'
import { element, table, type Child } from './element.ts'
import { toneOf, type Tone } from '../tone.ts'
import { badge, shortBadge, toneOfVerdict } from './marks.ts'

export interface Run {
  /** Of the target, or of its cluster. */
  readonly name: string
  readonly report: Report
  /** Id of its section; absent: it has none. */
  readonly anchor?: string
}

const COLUMNS: readonly (readonly [kind: ResourceKind, title: string])[] = [
  ['cluster', 'Cluster'],
  ['identity', 'Identity'],
  ['federated-credential', 'Credential'],
  ['entitlement', 'Member'],
  ['permission', 'May read'],
  ['registry', 'Registries'],
  ['argocd', 'Argo CD'],
  ['workload', 'Pods'],
  ['connection', 'Secrets'],
  ['charts', 'Charts'],
  ['application', 'Application']
]

/** Rows of the overview: a fleet is larger than any list within it. */
const MOST_TARGETS = 5_000
const WEIGHTS: readonly Tone[] = ['good', 'grey', 'warn', 'bad']

/** @param silent names of targets whose job left no report */
export function overviewOf(runs: readonly Run[], silent: readonly string[]): readonly Child[] {
  const columns = COLUMNS.filter(([kind]) => runs.some(({ report }) => resultsOf(report, kind).length > 0))
  const rows = [
    ...silent.map((name) => [name, badge('bad', 'no report'), '', ...columns.map(() => '')]),
    ...runs.map((run) => rowOf(run, columns))
  ]
  return [
    countsOf(runs, silent),
    table(['Target', 'Run', 'Verification', ...columns.map(([, title]) => title)], rows, {
      name: 'wide matrix',
      most: MOST_TARGETS
    })
  ]
}

function rowOf({ name, report, anchor }: Run, columns: typeof COLUMNS): readonly Child[] {
  const { verdict, mode, verification } = report
  return [
    anchor === undefined ? name : element('a', { href: `#${anchor}` }, name),
    badge(
      toneOfVerdict(verdict),
      `${mode}${verdict.exitCode === 0 ? '' : ` ${verdict.exitCode === 2 ? 'differs' : 'failed'}`}`
    ),
    badge(toneOf(verification.result), verification.result),
    ...columns.map(([kind]) => {
      const worst = worstOf(resultsOf(report, kind))
      return worst === undefined ? '' : shortBadge(toneOf(worst), worst)
    })
  ]
}

function resultsOf({ resources }: Report, kind: ResourceKind): readonly Result[] {
  return resources.filter(({ resource }) => resource === kind).map(({ result }) => result)
}

/** Of several organizations. */
function worstOf(results: readonly Result[]): Result | undefined {
  return results.toSorted((a, b) => WEIGHTS.indexOf(toneOf(b)) - WEIGHTS.indexOf(toneOf(a)))[0]
}

function countsOf(runs: readonly Run[], silent: readonly string[]): VNode {
  const count = (exitCode: number): number =>
    runs.filter(({ report }) => report.verdict.exitCode === exitCode).length
  const parts: readonly (readonly [number, Tone, string])[] = [
    [count(1), 'bad', 'failed'],
    [silent.length, 'bad', 'without a report'],
    [count(2), 'warn', 'with differences'],
    [count(0), 'good', 'in order']
  ]
  return element(
    'p',
    {},
    parts.flatMap(([number, tone, what]) => (number === 0 ? [] : [badge(tone, `${number} ${what}`), ' ']))
  )
}

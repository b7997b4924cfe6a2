/** The log: one line per resource when it ends, and one per difference, even when a value contains line ends. */
import type { Finding } from '../core/finding.ts'
import { toLine } from '../core/safe-text.ts'
import type { MoveStep } from '../engine/moves.ts'
import { nameOf, type ResourceOutcome, type Result } from '../engine/outcome.ts'
import type { RunEvent } from './events.ts'
import { planLines } from './plan.ts'

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

/** A line whose head a host may color by `result`. */
export interface Line {
  readonly head: string
  readonly result?: Result
  readonly rest: string
}

/** The lines of an event. Debug texts are excluded: some hosts have a command for them. */
export function linesOf(event: Exclude<RunEvent, { kind: 'debug' }>): Line[] {
  switch (event.kind) {
    case 'info':
      return [plain(event.text)]
    case 'progress':
      return [plain(`… ${event.text}`)]
    case 'warning':
      return findingLines([event.finding])
    case 'resource':
      return resourceLines(event.outcome)
    case 'move':
      return [moveLine(event.step)]
    case 'plan':
      return planLines(event.plan).map(plain)
    case 'verification': {
      const { result, reason, findings = [] } = event.outcome
      return [plain(`verification: ${result}: ${toLine(reason)}`), ...findingLines(findings)]
    }
  }
}

function resourceLines(outcome: ResourceOutcome): Line[] {
  const { result, differences, findings, summary, problem, start, end } = outcome
  const head = `${MARKS[result]} ${nameOf(outcome).padEnd(20)} ${result}`
  const gap = ' '.repeat(Math.max(0, 9 - result.length) + 1)
  const fact = summary ?? problem?.summary ?? ''
  return [
    { head, result, rest: `${gap}${toLine(fact)} (${end - start} ms)` },
    ...differences.map(({ field, expected, actual }) =>
      plain(`    ${toLine(field)}: expected ${toLine(expected)}, actual ${toLine(actual ?? 'nothing')}`)
    ),
    ...findingLines(findings)
  ]
}

/** One line per step of a Secret: its state, the batch, the time, what it waits for. */
function moveLine({ name, step, batch, batches, text, at }: MoveStep): Line {
  const turn = batch === 0 ? 'resumed' : batch === 1 ? 'canary' : `batch ${batch} of ${batches}`
  const seconds = `${(at / 1000).toFixed(1)} s`
  const head = `${STEPS[step]} ${toLine(name)}: ${step}`
  const rest = ` (${turn}, ${seconds})${text === '' ? '' : `: ${toLine(text)}`}`
  return { head, result: COLORED[step], rest }
}

const STEPS: Readonly<Record<MoveStep['step'], string>> = {
  'backed up': '⧉',
  switched: '→',
  'putting back': '←',
  migrated: '✓',
  'rolled-back': '↩',
  failed: '✗',
  waits: '…',
  stays: '–',
  open: '–'
}
const COLORED: Readonly<Record<MoveStep['step'], Result>> = {
  'backed up': 'skipped',
  switched: 'skipped',
  'putting back': 'drifted',
  migrated: 'unchanged',
  'rolled-back': 'failed',
  failed: 'failed',
  waits: 'drifted',
  stays: 'skipped',
  open: 'skipped'
}

function findingLines(findings: readonly Finding[]): Line[] {
  return findings.flatMap(({ id, severity, summary, remedy, command }) => [
    plain(`    ${severity} ${id}: ${toLine(summary)}`),
    ...[remedy, ...(command === undefined ? [] : [command])]
      .flatMap((text) => text.split('\n'))
      .map((line) => plain(`      ${line}`))
  ])
}

function plain(text: string): Line {
  return { head: '', rest: text }
}

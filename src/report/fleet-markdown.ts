/** The job summary of several targets: one row each, those first that are not in order; then what to do. */
import { actionsOf } from './actions.ts'
import { fleetPlanMarkdown } from './fleet-plan-text.ts'
import { details, notesOf, table } from './markdown-parts.ts'
import { cell, code } from './markdown-text.ts'
import { targetOf, type Report } from './report.ts'

export function fleetMarkdownOf(report: Report, runs: readonly Report[]): string {
  const { verdict, mode, silent = [], durationMs } = report
  const mark = MARKS[verdict.exitCode]
  const open = runs.filter((run) => run.verdict.exitCode !== 0)
  const inOrder = runs.filter((run) => run.verdict.exitCode === 0)
  const worstFirst = open.toSorted((a, b) => a.verdict.exitCode - b.verdict.exitCode)
  const rows = [
    ...silent.map((name) => [`❌ **${cell(name)}**`, '', 'no report', '']),
    ...worstFirst.map(rowOf)
  ]
  return `${[
    `## ${mark} Patless ${mode}: ${cell(verdict.summary)}`,
    rows.length === 0 ? '' : table(HEAD, rows),
    report.fleet ? fleetPlanMarkdown(report.fleet) : '',
    actionsOf(report),
    inOrder.length === 0 ? '' : details(`In order (${inOrder.length})`, table(HEAD, inOrder.map(rowOf))),
    notesOf(report),
    `In ${(durationMs / 1000).toFixed(1)} s.`
  ]
    .filter((part) => part !== '')
    .join('\n\n')}\n`
}

const HEAD = ['Target', 'Cluster', 'Result', 'Verification']
const MARKS = { 0: '✅', 1: '❌', 2: '⚠️' } as const

function rowOf(run: Report): string[] {
  const { target, verdict, verification, mode } = run
  return [
    `${MARKS[verdict.exitCode]} **${cell(targetOf(run))}**`,
    code(target.cluster),
    `${mode}: ${cell(verdict.summary)}`,
    cell(verification.result)
  ]
}

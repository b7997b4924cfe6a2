/** The plan of a dry run as text: lines for the log, a section for the summary, a sentence for the verdict. */
import { toLine } from '../core/safe-text.ts'
import { nameOf } from '../engine/outcome.ts'
import type { Plan, PlanAction, PlannedField, PlanStep } from '../engine/plan.ts'
import { cell, code, takeFitting } from './markdown-text.ts'

const SIGNS: Readonly<Record<PlanAction, string>> = {
  create: '+',
  change: '~',
  delete: '-',
  keep: '=',
  blocked: '✗',
  unknown: '?'
}

const UNKNOWN = 'known after apply'

/** `Would create 6, change 1, delete 0`. */
export function countsOf(plan: Plan): string {
  const counts = `Would create ${plan.create}, change ${plan.change}, delete ${plan.delete}`
  const others = (['blocked', 'unknown'] as const).flatMap((action) => {
    const count = plan.steps.filter((step) => step.action === action).length
    return count === 0 ? [] : [`${count} ${action}`]
  })
  return others.length === 0 ? counts : `${counts} (${others.join(', ')})`
}

/** One line per field and effect, the resource named on the first. */
export function planLines(plan: Plan): string[] {
  const lines = plan.steps.flatMap(({ action, fields, effects, ...which }) =>
    [
      ...fields.map((field) => toLine(fieldText(field, action))),
      ...orNothing(effects, fields).map(toLine)
    ].map((text, index) =>
      index === 0 ? `  ${SIGNS[action]} ${placeOf(which).padEnd(20)} ${text}` : `${' '.repeat(25)}${text}`
    )
  )
  return ['Plan', ...lines, `${countsOf(plan)}.`]
}

function placeOf({ resource, organization: of }: Pick<PlanStep, 'resource' | 'organization'>): string {
  return nameOf({ resource, ...(of !== undefined && { of }) })
}

/** A step has at least one line. */
function orNothing(effects: readonly string[], fields: readonly PlannedField[]): readonly string[] {
  return effects.length === 0 && fields.length === 0 ? [UNKNOWN] : effects
}

function fieldText({ field, before, after = UNKNOWN }: PlannedField, action: PlanAction): string {
  if (action === 'delete') return field
  return before === undefined ? `${field}: ${after}` : `${field}: ${before} → ${after}`
}

const ACTIONS: Readonly<Record<PlanAction, string>> = {
  create: '🆕&nbsp;create',
  change: '✏️&nbsp;change',
  delete: '🗑️&nbsp;delete',
  keep: '⏭️&nbsp;keep',
  blocked: '❌&nbsp;blocked',
  unknown: '❔&nbsp;unknown'
}

/** Size limit of the table, in bytes. */
const ROOM = 100_000

/** The section of the summary; empty without a plan. */
export function planSection(plan: Plan | undefined): string {
  if (!plan) return ''
  const rows = plan.steps.map(({ action, fields, effects, ...which }) => {
    const what = fields.map(({ field, before, after }) => {
      if (action === 'delete') return cell(field)
      const value = after === undefined ? UNKNOWN : code(after)
      return `${cell(field)}: ${before === undefined ? '' : `${code(before)} → `}${value}`
    })
    return `| **${cell(placeOf(which))}**<br/>${ACTIONS[action]} | ${[...what, ...effects.map(cell)].join('<br/>')} |`
  })
  const shown = takeFitting(rows, ROOM, (count) => `| ${count} more in the JSON report | |`)
  const table = ['| Resource | What |', '| --- | --- |', ...shown].join('\n')
  return `### Plan\n\n${countsOf(plan)}.${rows.length === 0 ? '' : `\n\n${table}`}`
}

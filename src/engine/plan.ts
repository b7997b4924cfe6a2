/** What apply or remove would do, resource by resource: plain data, for log, summary and report. */
import type { ResourceKind } from '../core/finding-titles.ts'

/** `blocked`: apply refuses to write it. `unknown`: it depends on a resource that could not be read. */
export const PLAN_ACTIONS = ['create', 'change', 'delete', 'keep', 'blocked', 'unknown'] as const
export type PlanAction = (typeof PLAN_ACTIONS)[number]

export interface PlannedField {
  readonly field: string
  /** Absent: the field does not exist now. */
  readonly before?: string
  /** Absent: known after apply, or nothing is left. */
  readonly after?: string
}

export interface PlanStep {
  readonly resource: ResourceKind
  /** Which one, where the run has several of this kind. */
  readonly organization?: string
  readonly action: PlanAction
  readonly fields: readonly PlannedField[]
  /** What the step costs or causes elsewhere: a license, a restart. For a kept resource: why. */
  readonly effects: readonly string[]
}

export interface Plan {
  /** In the order of the chain, without what stays as it is. */
  readonly steps: readonly PlanStep[]
  readonly create: number
  readonly change: number
  readonly delete: number
}

export function makePlan(steps: readonly PlanStep[]): Plan {
  const count = (action: PlanAction): number => steps.filter((step) => step.action === action).length
  return { steps, create: count('create'), change: count('change'), delete: count('delete') }
}

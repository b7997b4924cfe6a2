/**
 * The single table of inputs: name, valid values, description. `action.yml`, `task.json`, docs/inputs.md, the
 * terminal's `--help`, the parser and its types are made from it.
 */
import type { HostKind, InputRow, Mode } from './row.ts'
import { ARGOCD_ROWS } from './rows/argocd.ts'
import { FLEET_ROWS } from './rows/fleet.ts'
import { RUN_ROWS } from './rows/run.ts'
import { TARGET_ROWS } from './rows/target.ts'

export const INPUTS = [...TARGET_ROWS, ...ARGOCD_ROWS, ...RUN_ROWS, ...FLEET_ROWS] as const

/** The inputs of a host: Azure Pipelines, or GitHub and the terminal. */
export function inputsFor(kind: HostKind): readonly (typeof INPUTS)[number][] {
  return INPUTS.filter((input) => !('only' in input) || input.only === kind)
}

/** Whether the mode uses the input. */
export function isUsedBy(row: InputRow, mode: Mode): boolean {
  return row.modes?.includes(mode) ?? true
}

export function isRequiredBy({ required }: InputRow, mode: Mode): boolean {
  return required === true || required?.includes(mode) === true
}

/** `repository-url` → `repositoryUrl`: the rule for all names on Azure Pipelines. */
export function camelCase(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_all, letter: string) => letter.toUpperCase())
}

export type InputName = (typeof INPUTS)[number]['name']

/**
 * How messages name inputs. Each host spells the name in its own way (`--resource-group`, `resource-group`,
 * `resourceGroup`), so a message marks the name, and the host that prints it replaces the mark with its own spelling.
 */

/** Private-use characters: no other text has them, and a forged mark can only produce the name of an input. */
const OPEN = '\u{E0F0}'
const CLOSE = '\u{E0F1}'

/** @param value the value to set, as in `mode: apply` */
export function input(name: string, value?: string): string {
  return `${OPEN}${name}${value === undefined ? '' : `=${value}`}${CLOSE}`
}

export type InputNaming = (name: string, value?: string) => string

/** As in YAML, with the names of the inputs table. */
export const asInYaml: InputNaming = (name, value) => (value === undefined ? name : `${name}: ${value}`)

/** Replaces every mark with the host's spelling of the input. */
export function nameInputs(text: string, naming: InputNaming): string {
  return text.replaceAll(MARKED, (_match, name: string, value?: string) => naming(name, value))
}

const MARKED = new RegExp(`${OPEN}([a-z-]{1,40})(?:=([^${OPEN}${CLOSE}]{0,400}))?${CLOSE}`, 'gu')

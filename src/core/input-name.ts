/**
 * How texts name inputs. Each host writes the name in its own way (`--resource-group`, `resource-group`,
 * `resourceGroup`), so a text holds the name marked, and the host that prints it puts its own there.
 */

/** Private-use characters: no other text has them, and a forged one can only make a name of an input. */
const OPEN = '\u{E0F0}'
const CLOSE = '\u{E0F1}'

/** @param value what to set it to: `mode: apply`. */
export function input(name: string, value?: string): string {
  return `${OPEN}${name}${value === undefined ? '' : `=${value}`}${CLOSE}`
}

export type InputNaming = (name: string, value?: string) => string

/** As YAML has it, by the names of the inputs table. */
export const asInYaml: InputNaming = (name, value) => (value === undefined ? name : `${name}: ${value}`)

/** The text with every marked input as this host names it. */
export function nameInputs(text: string, naming: InputNaming): string {
  return text.replaceAll(MARKED, (_match, name: string, value?: string) => naming(name, value))
}

const MARKED = new RegExp(`${OPEN}([a-z-]{1,40})(?:=([^${OPEN}${CLOSE}]{0,400}))?${CLOSE}`, 'gu')

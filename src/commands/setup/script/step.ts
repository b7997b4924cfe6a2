/** A step of the printed script. */
/** Whose part of the work a step is. */
export type Administrator = 'azure' | 'azure-devops' | 'kubernetes'

export interface Step {
  /** `author`: whoever has the checkout. */
  readonly for: Administrator | 'everybody' | 'author'
  /** Steps of all files run in this order. */
  readonly order: number
  readonly title: string
  readonly lines: readonly string[]
}

/** Assigns the text to a variable of the shell, byte for byte: nothing in it has a meaning. */
export function assigned(variable: string, text: string): string[] {
  return [`${variable}=$(cat <<'END_OF_TEXT'`, ...text.split('\n'), 'END_OF_TEXT', ')']
}

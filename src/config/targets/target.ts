/** A target as the file says it: values by the names of the inputs. */

/** The text of one input, as a host would give it; empty: a default that is left out again. */
export interface Value {
  readonly text: string
  readonly line: number
}

/** By the name of the input. */
export type TargetValues = ReadonlyMap<string, Value>

export interface FileTarget {
  readonly name: string
  readonly line: number
  /** Its own values over the defaults. */
  readonly values: TargetValues
}

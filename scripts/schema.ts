/** The parts that JSON schemas are made of. */

export type Schema = Readonly<Record<string, unknown>>

export const text = (description: string): Schema => ({ type: 'string', description })
export const words = (description: string, all: readonly string[]): Schema => ({ enum: all, description })
export const list = (description: string, items: Schema): Schema => ({ type: 'array', description, items })
export const ms = (description: string): Schema => ({ type: 'integer', minimum: 0, description })

/** An object with exactly these properties, all required except `optional`. */
export function record(
  description: string,
  properties: Record<string, Schema>,
  optional: readonly string[] = []
): Schema {
  return {
    type: 'object',
    description,
    additionalProperties: false,
    required: Object.keys(properties).filter((name) => !optional.includes(name)),
    properties
  }
}

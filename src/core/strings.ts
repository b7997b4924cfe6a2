/** Copies a value and applies `change` to every string in it, field names included. */
export function mapStrings<T>(value: T, change: (text: string) => string): T {
  return mapValue(value, change) as T
}

function mapValue(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((one) => mapValue(one, change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [change(key), mapValue(inner, change)])
  )
}

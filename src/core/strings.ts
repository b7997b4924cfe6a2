/** The same value with every string in it changed, names of fields included; all else stays as it is. */
export function mapStrings<T>(value: T, change: (text: string) => string): T {
  return changed(value, change) as T
}

function changed(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value)
  if (Array.isArray(value)) return value.map((one) => changed(one, change))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [change(key), changed(inner, change)])
  )
}

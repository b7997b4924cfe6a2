/** Label selectors of Kubernetes. */

/** Whether a selector selects these labels. An operator that does not exist selects nothing. */
export function labelsMatch(
  selector: Readonly<Record<string, unknown>>,
  labels: Readonly<Record<string, string>>
): boolean {
  const { matchLabels, matchExpressions } = selector
  const exact = typeof matchLabels === 'object' && matchLabels !== null ? Object.entries(matchLabels) : []
  const expressions: unknown[] = Array.isArray(matchExpressions) ? matchExpressions : []
  return (
    exact.every(([key, value]) => labels[key] === value) && expressions.every((one) => holds(one, labels))
  )
}

function holds(expression: unknown, labels: Readonly<Record<string, string>>): boolean {
  if (typeof expression !== 'object' || expression === null) return false
  const { key, operator, values } = expression as Readonly<Record<string, unknown>>
  if (typeof key !== 'string') return false
  const value = labels[key]
  const listed = Array.isArray(values) && value !== undefined && values.includes(value)
  if (operator === 'In') return listed
  if (operator === 'NotIn') return !listed
  if (operator === 'Exists') return value !== undefined
  return operator === 'DoesNotExist' && value === undefined
}

/** Evidence that differs from an example in one place: which facts decide whether a rule matches. */
import type { Evidence } from '../../src/diagnosis/evidence.ts'
import { applies, findingOf, type Rule } from '../../src/diagnosis/rule.ts'

interface Change {
  readonly how: string
  readonly to: unknown
}

/** What another value could be in its place. */
function changesOf(value: unknown): Change[] {
  if (typeof value === 'string')
    return [
      ...(value === '' ? [] : [{ how: 'empty', to: '' }]),
      { how: 'longer', to: `${value}x` },
      { how: 'begun', to: `x${value}` },
      ...(value === value.toUpperCase() ? [] : [{ how: 'upper', to: value.toUpperCase() }]),
      { how: 'absent', to: undefined }
    ]
  if (typeof value === 'number')
    return [0, 1, -1]
      .map((by) => (by === 0 ? { how: 'zero', to: 0 } : { how: by > 0 ? 'more' : 'less', to: value + by }))
      .filter(({ to }) => to !== value)
  if (typeof value === 'boolean')
    return [
      { how: 'not', to: !value },
      { how: 'absent', to: undefined }
    ]
  if (Array.isArray(value)) {
    const all = value as readonly unknown[]
    if (all.length === 0) return []
    return [
      { how: 'none', to: [] },
      { how: 'another before', to: [unlike(all[0]), ...all] },
      { how: 'another behind', to: [...all, unlike(all[0])] }
    ]
  }
  return typeof value === 'object' && value !== null ? [{ how: 'absent', to: undefined }] : []
}

/** Of the same shape, but with nothing in common. */
function unlike(value: unknown): unknown {
  if (typeof value === 'string') return 'other'
  if (typeof value === 'boolean') return !value
  if (Array.isArray(value)) return []
  if (typeof value !== 'object' || value === null) return undefined
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, unlike(one)]))
}

/** Each value of the evidence, with a function that puts another one in its place. */
function* placesIn(
  value: unknown,
  path: string,
  put: (to: unknown) => unknown
): Generator<[path: string, value: unknown, put: (to: unknown) => unknown]> {
  if (path !== '') yield [path, value, put]
  if (Array.isArray(value))
    for (const [at, one] of (value as unknown[]).entries())
      yield* placesIn(one, `${path}[${at}]`, (to) => put(value.with(at, to)))
  else if (typeof value === 'object' && value !== null)
    for (const [key, one] of Object.entries(value))
      yield* placesIn(one, path === '' ? key : `${path}.${key}`, (to) => put({ ...value, [key]: to }))
}

/** What the rule says. Only where something is absent that cannot be may this end in an error. */
function saidBy(rule: Rule, evidence: Evidence, mayFail: boolean): string | undefined {
  try {
    return applies(rule, evidence) ? JSON.stringify(findingOf(rule, evidence)) : undefined
  } catch (error) {
    if (mayFail) return undefined
    throw error
  }
}

/**
 * @returns by the place of a fact: the changes of it alone that silence the rule, and those that do not concern it but
 *   change what it says
 */
export function decidingFacts(rule: Rule, evidence: Evidence): Record<string, string> {
  const found: Record<string, string> = {}
  const before = saidBy(rule, evidence, false)
  for (const [path, value, put] of placesIn(evidence, '', (to) => to)) {
    const effects = changesOf(value).flatMap(({ how, to }) => {
      const after = saidBy(rule, put(to) as Evidence, how === 'absent')
      if (after === undefined) return how
      return how.startsWith('another') && after !== before ? `(${how})` : []
    })
    if (effects.length > 0) found[path] = effects.join(', ')
  }
  return found
}

/**
 * Which of several shared identities a target uses. It follows from the name of the target and nothing else (rendezvous
 * hashing), so a new target moves nobody, wherever it stands in the file; a new identity takes some targets from each.
 */
import { createHash } from 'node:crypto'
import type { FileTarget, TargetValues, Value } from './target.ts'
import type { Entry, FaultAt } from './yaml-tree.ts'

/** Of a file. */
const MOST_IDENTITIES = 500

export interface SharedIdentities {
  readonly names: readonly string[]
  /** The name under `defaults` that is numbered. */
  readonly base: Value
  readonly line: number
}

/** @returns undefined when it is faulty */
export function sharedIdentities(
  { line, value }: Entry,
  defaults: TargetValues,
  fault: FaultAt
): SharedIdentities | undefined {
  const text = value.kind === 'scalar' ? (value.text ?? '') : ''
  const count = Number(text)
  const base = defaults.get('identity-name')
  if (!/^\d+$/.test(text) || count < 1 || count > MOST_IDENTITIES)
    fault(line, `identities is not a whole number from 1 to ${MOST_IDENTITIES}.`, 'Write e.g. identities: 4.')
  else if (!base || base.text === '')
    fault(
      line,
      'identities needs a name to number.',
      'Set identity-name under defaults, e.g. id-argocd-fleet.'
    )
  else return { names: identityNames(base.text, count), base, line }
  return undefined
}

/** Targets without an identity of their own get one of the shared ones. */
export function withIdentities(
  targets: readonly FileTarget[],
  { names, base, line }: SharedIdentities
): FileTarget[] {
  return targets.map((target) =>
    target.values.get('identity-name') === base
      ? {
          ...target,
          values: new Map(target.values).set('identity-name', { text: identityFor(target.name, names), line })
        }
      : target
  )
}

/** @param names not empty @returns the one with the highest score for this target */
export function identityFor(target: string, names: readonly string[]): string {
  const scored = names.map((name) => ({ name, score: scoreOf(target, name) }))
  return scored.reduce((best, one) => (one.score > best.score ? one : best)).name
}

/** `id-argocd-fleet` → `id-argocd-fleet-1`, … */
export function identityNames(base: string, count: number): string[] {
  return Array.from({ length: count }, (_none, index) => `${base}-${index + 1}`)
}

function scoreOf(target: string, name: string): string {
  return createHash('sha256').update(`${target.toLowerCase()}\n${name.toLowerCase()}`).digest('hex')
}

/**
 * Which of several shared identities a target uses. It follows from the name of the target and nothing else (rendezvous
 * hashing), so a new target moves nobody, wherever it stands in the file; a new identity takes some targets from each.
 */
import { createHash } from 'node:crypto'

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

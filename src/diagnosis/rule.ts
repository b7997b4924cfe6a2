/** The contract of a rule: one way in which the chain can be wrong. One file per rule in `rules/`. */
import type { FindingFacts, Severity } from '../core/finding.ts'
import type { FindingId } from '../core/finding-titles.ts'
import type { Evidence, Part } from './evidence.ts'

/** Places in the chain, the earliest first: what is wrong here may be the reason for what fails later. */
export const LINKS = [
  'login',
  'cluster',
  'identity',
  'argocd',
  'workload',
  'federated-credential',
  'entra',
  'entitlement',
  'permission',
  'network',
  'connection',
  'application',
  'verification'
] as const
export type Link = (typeof LINKS)[number]

/**
 * `proved`: the evidence leaves no other explanation. `likely`: it is the usual one, others are possible. `tell`: no
 * service shows it to an outsider; what would tell.
 */
export type Certainty = 'proved' | 'likely' | { readonly tell: string }

/** Evidence with the parts that a rule needs. */
export type Having<K extends Part> = Evidence & Required<Pick<Evidence, K>>

/** @typeParam K the parts of the evidence without which the rule says nothing */
export interface Rule<K extends Part = Part> {
  readonly id: FindingId
  readonly link: Link
  readonly severity: Severity
  readonly certainty: Certainty
  readonly needs: readonly K[]
  /** Pure. Called only with the parts that it needs. */
  matches(evidence: Having<K>): boolean
  /** Pure. The remedy is a command or a setting, filled with the user's own names. */
  finding(evidence: Having<K>): Omit<FindingFacts, 'id'>
  /** Findings that are its consequences: they are reported under it. */
  readonly explains?: readonly FindingId[]
  /** What somebody sees, for the documentation. */
  readonly symptom: string
  readonly cause: string
  /** Error texts, as people search for them. */
  readonly texts: readonly string[]
  readonly sources: readonly [string, ...string[]]
  /** Each must match; the first one is also the example of the documentation. */
  readonly examples: readonly Evidence[]
}

/** Whether the rule has all that it needs, and matches. */
export function applies(rule: Rule, evidence: Evidence): boolean {
  return rule.needs.every((part) => evidence[part] !== undefined) && rule.matches(evidence as Having<Part>)
}

/** The rule's finding. Call only when it applies. */
export function findingOf(rule: Rule, evidence: Evidence): FindingFacts {
  return { id: rule.id, ...rule.finding(evidence as Having<Part>) }
}

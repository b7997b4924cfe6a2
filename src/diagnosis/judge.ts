/** Judges evidence by the rules. Pure; loaded only when something failed. */
import type { Answered, Complaint } from '../core/answered.ts'
import type { FindingFacts } from '../core/finding.ts'
import { numberedSentence } from '../services/entra/sentence.ts'
import { safe } from '../http/errors.ts'
import type { Evidence, Names, Part } from './evidence.ts'
import { RULES } from './registry.ts'
import { applies, findingOf, LINKS, type Rule } from './rule.ts'

/** Parts that are the answer to one request; of the rules about one of them, the first that matches counts. */
const ANSWERS: ReadonlySet<Part> = new Set(['failure', 'git', 'complaint'])

/** Rules about what one answer alone says. */
export function isAboutAnswer({ needs }: Rule): boolean {
  return needs.length === 1 && needs.every((part) => ANSWERS.has(part))
}

const ABOUT_ANSWERS = RULES.filter(isAboutAnswer)
const ABOUT_STATE = RULES.filter((rule) => !isAboutAnswer(rule))

/** @returns what one answer alone says; undefined when no rule knows it */
export function judgeAnswer(answered: Answered, names: Names): FindingFacts | undefined {
  const { complaint, failure } = answered
  if (complaint?.phase === 'reading') {
    const refused = byEntra(complaint, names)
    if (refused) return refused
  }
  const evidence: Evidence = { names, ...answered }
  const rule = ABOUT_ANSWERS.find((one) => applies(one, evidence))
  if (!rule) return undefined
  return { ...(failure?.code === undefined ? {} : { code: failure.code }), ...factsOf(rule, evidence) }
}

/** Argo CD quotes the answer of Entra; its code says more than Argo CD's own words. */
function byEntra({ whole }: Complaint, names: Names): FindingFacts | undefined {
  // A client secret comes first in the environment, so its refusal is not about workload identity.
  if (/EnvironmentCredential(?:: Client\w{1,30})? authentication failed/.test(whole)) return undefined
  const { code, sentence } = numberedSentence(whole)
  if (code === undefined) return undefined
  // Inside the JSON that the library quotes, line ends are escaped.
  const detail = safe(sentence.replace(/^AADSTS\d+:? ?/, '').replace(/(?:\\[rn])+$/, ''))
  const failure = { service: 'Entra', request: 'the token request', status: 401, code, detail, whole: detail }
  const facts = judgeAnswer({ failure }, names)
  return facts && { ...facts, summary: `Argo CD gets no token. ${facts.summary}` }
}

/** A rule that matched the state of the chain. */
export interface Diagnosis {
  readonly rule: Rule
  readonly facts: FindingFacts
}

/** Everything that the evidence shows to be wrong, the earliest place of the chain first. */
export function diagnose(evidence: Evidence): Diagnosis[] {
  const found = ABOUT_STATE.filter((rule) => applies(rule, evidence)).map((rule) => ({
    rule,
    facts: factsOf(rule, evidence)
  }))
  return found.toSorted((one, other) => positionOf(one.rule) - positionOf(other.rule))
}

/** The parts of the evidence that rules about the state need. */
export const PARTS: ReadonlySet<Part> = new Set(ABOUT_STATE.flatMap(({ needs }) => needs))

function positionOf({ link }: Rule): number {
  return LINKS.indexOf(link)
}

function factsOf(rule: Rule, evidence: Evidence): FindingFacts {
  const facts = findingOf(rule, evidence)
  return rule.certainty === 'likely' ? { ...facts, certainty: 'likely' } : facts
}

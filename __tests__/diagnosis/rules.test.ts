/** Every rule against its own examples; the snapshot is what the user reads. */
import { describe, expect, test } from '@jest/globals'
import { asInYaml, nameInputs } from '../../src/core/input-name.ts'
import { mapStrings } from '../../src/core/strings.ts'
import type { FindingFacts } from '../../src/core/finding.ts'
import { TITLES } from '../../src/core/finding-titles.ts'
import { diagnose, isAboutAnswer, judgeAnswer } from '../../src/diagnosis/judge.ts'
import { RULES, ruleOf } from '../../src/diagnosis/registry.ts'
import { applies, LINKS, type Rule } from '../../src/diagnosis/rule.ts'
import type { Evidence } from '../../src/diagnosis/evidence.ts'
import { faultsOf, readByShell } from './runnable.ts'

const cases = RULES.flatMap((rule) =>
  rule.examples.map((evidence, index) => ({ name: `${rule.id}, example ${index + 1}`, rule, evidence }))
)

const inYaml = (facts: FindingFacts): FindingFacts => mapStrings(facts, (text) => nameInputs(text, asInYaml))

function judged(rule: Rule, evidence: Evidence): FindingFacts | undefined {
  return isAboutAnswer(rule) ? judgeAnswer(evidence, evidence.names) : diagnose(evidence)[0]?.facts
}

/** Writing to the evidence throws. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) frozen(one)
  return Object.freeze(value)
}

test.each(cases)('$name', ({ rule, evidence }) => {
  expect(applies(rule, frozen(evidence))).toBe(true)
  const facts = judged(rule, evidence)
  expect(facts?.id).toBe(rule.id)
  expect(inYaml(facts ?? ({} as FindingFacts))).toMatchSnapshot()
})

/** What only the user can choose, or what the text of the service does not say. */
const CHOICES = /<value>|'<namespace>' --wait/g

test.each(cases)('$name: everything that is known is filled in', ({ rule, evidence }) => {
  const facts = judged(rule, { ...evidence, names: { ...evidence.names, organization: 'contoso' } })
  const text = Object.values(facts ?? {})
    .join('\n')
    .replaceAll(CHOICES, '')
  expect(text).not.toMatch(/<[a-z]|undefined|\[object|NaN/)
  expect(facts?.remedy).not.toBe('')
  expect(
    faultsOf({ remedy: facts?.remedy ?? '', command: facts?.command?.replaceAll(CHOICES, '') ?? '' })
  ).toEqual([])
})

test.each(cases)('$name: without any name, the remedy still says what to do', ({ rule, evidence }) => {
  const facts = judged(rule, { ...evidence, names: {} })
  expect(facts?.id).toBe(rule.id)
  expect(Object.values(facts ?? {}).join('\n')).not.toMatch(/undefined|\[object|NaN/)
  const named = Object.values(judged(rule, evidence) ?? {})
  const otherwise = Object.entries(facts ?? {}).filter(([, text]) => !named.includes(text))
  expect(inYaml(Object.fromEntries(otherwise) as unknown as FindingFacts)).toMatchSnapshot()
})

const HOSTILE = `o'brien $(touch pwned) \`touch pwned\`; touch pwned > pwned & "x"`

/** The same evidence, in which every name is a text that a shell must not act on. */
function hostile(evidence: Evidence): Evidence {
  const names = ['argocd-repo-server', 'rg-gitops', 'aks-gitops', 'repo-8236907', 'deny-egress', 'push-app']
  return mapStrings(evidence, (text) =>
    names.reduce((changed, name) => changed.replaceAll(name, `${name}${HOSTILE}`), text)
  )
}

test('a shell reads every command as words of the programs, whatever is in the evidence', () => {
  const all = [(one: Evidence) => one, hostile, (one: Evidence) => ({ ...one, names: {} })].flatMap((as) =>
    cases.flatMap(({ rule, evidence }) => {
      const changed = as(evidence)
      return applies(rule, changed) ? (judged(rule, changed)?.command ?? []) : []
    })
  )
  expect(all.length).toBeGreaterThan(200)
  expect(all.some((command) => command.includes('touch pwned'))).toBe(true)
  for (const programs of readByShell(all)) {
    expect(programs.length).toBeGreaterThan(0)
    for (const words of programs) expect(words.length).toBeGreaterThan(2)
  }
})

describe('the rules', () => {
  test.each(RULES.map((rule) => [rule.id, rule] as const))('%s is documented', (id, rule) => {
    expect(TITLES).toHaveProperty([id])
    expect(LINKS).toContain(rule.link)
    expect(rule.examples.length).toBeGreaterThan(0)
    for (const text of [rule.symptom, rule.cause]) expect(text).toMatch(/^\S.{10,}[.!]$/s)
    expect(rule.texts.length).toBeGreaterThan(0)
    for (const source of rule.sources) expect(source).toMatch(/^https:\/\//)
  })

  test('have a place in the chain, what they need, how sure they are, and what they explain', () => {
    const all = RULES.map(({ id, link, severity, certainty, needs, explains = [] }) => [
      id,
      `${severity} at ${link} by ${needs.join(', ')}: ${typeof certainty === 'string' ? certainty : 'cannot be told'}`,
      ...explains
    ])
    expect(all).toMatchSnapshot()
  })

  test('have an id each', () => {
    expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length)
    expect(ruleOf('entra/refused')?.id).toBe('entra/refused')
    expect(ruleOf('no/such-rule')).toBeUndefined()
  })

  test('say nothing without the evidence that they need', () => {
    for (const rule of RULES) expect(applies(rule, { names: {} })).toBe(false)
    expect(diagnose({ names: {} })).toEqual([])
    expect(judgeAnswer({}, {})).toBeUndefined()
  })

  test('know at least 25 codes of Entra', () => {
    const codes = new Set(RULES.flatMap(({ texts }) => texts.filter((text) => /^AADSTS\d+$/.test(text))))
    expect(codes.size).toBeGreaterThanOrEqual(25)
  })
})

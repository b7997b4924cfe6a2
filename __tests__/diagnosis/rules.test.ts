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

/** What only the user can choose. */
const CHOICES = /<value>|<location>|<namespace> --wait/g

test.each(cases)('$name: everything that is known is filled in', ({ rule, evidence }) => {
  const facts = judged(rule, { ...evidence, names: { ...evidence.names, organization: 'contoso' } })
  const text = Object.values(facts ?? {})
    .join('\n')
    .replaceAll(CHOICES, '')
  expect(text).not.toMatch(/<[a-z]|undefined|\[object|NaN/)
  expect(facts?.remedy).not.toBe('')
})

test.each(cases)('$name: without any name, the remedy still says what to do', ({ rule, evidence }) => {
  const facts = judged(rule, { ...evidence, names: {} })
  expect(facts?.id).toBe(rule.id)
  expect(Object.values(facts ?? {}).join('\n')).not.toMatch(/undefined|\[object|NaN/)
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

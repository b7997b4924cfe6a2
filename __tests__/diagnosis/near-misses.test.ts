/**
 * Which facts decide, by rule: every change of one fact of an example after which the rule says nothing, or, in
 * parentheses, something else although only a thing that is not concerned was added.
 */
import { expect, test } from '@jest/globals'
import { RULES } from '../../src/diagnosis/registry.ts'
import { decidingFacts } from './near-misses.ts'

const cases = RULES.flatMap((rule) =>
  rule.examples.map((evidence, index) => ({ name: `${rule.id}, example ${index + 1}`, rule, evidence }))
)

test.each(cases)('$name', ({ rule, evidence }) => {
  expect(decidingFacts(rule, evidence)).toMatchSnapshot()
})

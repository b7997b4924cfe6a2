/** Asks one rule about evidence. */
import { expect } from '@jest/globals'
import type { FindingFacts } from '../../src/core/finding.ts'
import type { FindingId } from '../../src/core/finding-titles.ts'
import type { Evidence } from '../../src/diagnosis/evidence.ts'
import { NAMES } from '../../src/diagnosis/examples.ts'
import { ruleOf } from '../../src/diagnosis/registry.ts'
import { applies, findingOf, type Rule } from '../../src/diagnosis/rule.ts'

export type Facts = Omit<Evidence, 'names'>

function rule(id: FindingId): Rule {
  const found = ruleOf(id)
  if (!found) throw new Error(`no rule ${id}`)
  return found
}

export function matches(id: FindingId, facts: Facts, names = NAMES): boolean {
  return applies(rule(id), { names, ...facts })
}

/** @returns what the rule says, which has to match */
export function said(id: FindingId, facts: Facts, names = NAMES): FindingFacts {
  expect(matches(id, facts, names)).toBe(true)
  return findingOf(rule(id), { names, ...facts })
}

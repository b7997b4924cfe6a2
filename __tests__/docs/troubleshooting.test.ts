import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { TITLES, type FindingId } from '../../src/core/finding-titles.ts'
import { anchorOf, helpFor } from '../../src/core/help.ts'
import { RULES } from '../../src/diagnosis/registry.ts'
import { EXPLANATIONS } from '../../scripts/explained/index.ts'
import { textOf } from '../../src/report/finding-text.ts'

const page = readFileSync('docs/troubleshooting.md', 'utf8')
const ids = Object.keys(TITLES) as FindingId[]

test.each(ids)('%s has an anchor, and its messages lead there', (id) => {
  expect(page.split(`<a id="${anchorOf(id)}"></a>${id}\n`)).toHaveLength(2)
  expect(textOf({ id, summary: 'S', remedy: 'R' })).toContain(helpFor(id))
  expect(helpFor(id).endsWith(`docs/troubleshooting.md#${anchorOf(id)}`)).toBe(true)
})

const PARTS = ['Symptom', 'Cause', 'Remedy', 'Certainty', 'Source']

/** What the page says of an id, by part. */
function entryOf(id: FindingId): Record<string, string> {
  const [, below = ''] = page.split(`<a id="${anchorOf(id)}"></a>${id}\n`)
  const [own = ''] = below.split('\n### ')
  return Object.fromEntries(
    PARTS.map((part) => [part, own.split(`- **${part}:** `)[1]?.split('\n- **')[0]?.trim() ?? ''])
  )
}

test.each(ids)('%s has symptom, cause, remedy, certainty and source', (id) => {
  const { Symptom, Cause, Remedy, Certainty, Source } = entryOf(id)
  for (const text of [Symptom, Cause]) expect(text).toMatch(/^\S.{18,}[.!]$/s)
  expect(Remedy).toMatch(/^\S.{6,}/s)
  expect(Certainty).toMatch(/^(?:proved|likely|cannot be observed)/)
  expect(Source).toMatch(/^<https:\/\/\S+>/)
  // Neither the same words twice, nor those of the title.
  expect(new Set([Symptom, Cause, Remedy, `${TITLES[id]}.`]).size).toBe(4)
})

test('an entry is about its own finding: hardly any two have the same symptom and cause', () => {
  const told = ids.map((id) => `${entryOf(id)['Symptom'] ?? ''} ${entryOf(id)['Cause'] ?? ''}`)
  expect(told.length - new Set(told).size).toBeLessThan(ids.length / 50)
})

test('every finding has one place in the list by part of the chain', () => {
  const [, list = ''] = page.split('## By part of the chain\n')
  const [own = ''] = list.split('\n## All findings')
  for (const id of ids) expect(own.split(`[${id}](#${anchorOf(id)})`)).toHaveLength(2)
})

test('nothing is explained that nobody reports, or that a rule explains', () => {
  const ruled = RULES.map(({ id }): string => id)
  for (const id of Object.keys(EXPLANATIONS)) {
    expect(ids).toContain(id)
    expect(ruled).not.toContain(id)
  }
})

test('every error text of a rule can be found, and leads to it', () => {
  for (const { id, texts, symptom } of RULES) {
    expect(page).toContain(`[${id}](#${anchorOf(id)})`)
    for (const text of texts) expect(page).toContain(text.replaceAll('|', String.raw`\|`))
    expect(symptom).not.toBe('')
  }
})

test('every link inside the page has its target', () => {
  for (const [, anchor = ''] of page.matchAll(/\]\(#([\w-]+)\)/g))
    expect(page).toContain(`<a id="${anchor}">`)
})

import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { TITLES, type FindingId } from '../../src/core/finding-titles.ts'
import { anchorOf, helpFor } from '../../src/core/help.ts'
import { RULES } from '../../src/diagnosis/registry.ts'
import { textOf } from '../../src/report/finding-text.ts'

const page = readFileSync('docs/troubleshooting.md', 'utf8')
const ids = Object.keys(TITLES) as FindingId[]

test.each(ids)('%s has an anchor, and its messages lead there', (id) => {
  expect(page.split(`<a id="${anchorOf(id)}"></a>${id}\n`)).toHaveLength(2)
  expect(textOf({ id, summary: 'S', remedy: 'R' })).toContain(helpFor(id))
  expect(helpFor(id).endsWith(`docs/troubleshooting.md#${anchorOf(id)}`)).toBe(true)
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

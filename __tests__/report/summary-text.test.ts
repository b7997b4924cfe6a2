/** Whatever text a service, a cluster or a user puts into a report, the summary shows it as text. */
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { defuse, strip } from '../../src/core/safe-text.ts'
import { cell, fence, documentationLink } from '../../src/report/markdown-text.ts'
import { markdownOf } from '../../src/report/markdown.ts'
import type { Report } from '../../src/report/report.ts'
import { hostileReport, hostileText, NASTY } from './hostile-text.ts'
import { rendered } from './rendered.ts'

const words = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()
/** As `defuse` parts them, and no white space, which HTML folds. */
const letters = (text: string): string => text.replaceAll(/[\s#:]/g, '')

describe('a summary', () => {
  test('holds no element, link or reference that is not its own, and every row of its table', () => {
    fc.assert(
      fc.property(hostileReport, fc.constantFrom('mermaid', 'none'), (report, pictures) => {
        const { strangers, count } = rendered(markdownOf(report, pictures))
        expect(strangers).toEqual([])
        expect(count('h2')).toBe(1)
        expect(count('details')).toBeGreaterThanOrEqual(pictures === 'mermaid' ? 2 : 1)
        // The durations have three columns, every other table has two.
        const durations = report.resources.length + Object.keys(report.verifications).length + 1
        const others = count('tr') - count('table') - durations
        expect(count('td')).toBe(others * 2 + durations * 3)
      }),
      { numRuns: 20, endOnFailure: true }
    )
  })

  test('of a very long report is short enough for GitHub, whole in its structure, and says what is left out', () => {
    const long = NASTY.join('').repeat(40)
    const [sample] = fc.sample(hostileReport, { numRuns: 1, seed: 1 })
    if (!sample) throw new Error('no sample')
    const problem = {
      id: 'argocd/complaint' as const,
      summary: long,
      remedy: `${long}\n${long}`,
      expected: long,
      actual: long
    }
    const many = <T>(one: T): T[] => Array.from({ length: 60 }, () => one)
    const hops = sample.resources.map((hop) => ({
      ...hop,
      differences: many({ field: long, expected: long, actual: long })
    }))
    const report: Report = {
      ...sample,
      resources: hops,
      target: { cluster: long, identity: long, organizations: [long], repositories: many(long) },
      findings: [
        ...many({ ...problem, severity: 'error' as const }),
        ...many({ ...problem, severity: 'note' as const })
      ],
      verdict: { exitCode: 1, summary: long }
    }
    const summary = markdownOf(report, 'mermaid')
    expect(Buffer.byteLength(summary)).toBeLessThan(1024 * 1024)
    expect(summary).toMatch(/\d+ more in the JSON report/)
    const [opened, closed] = [/^<details>/gm, /^<\/details>/gm].map((mark) => summary.match(mark)?.length)
    expect(opened).toBeGreaterThanOrEqual(3)
    expect(closed).toBe(opened)
  })
})

describe('text in Markdown', () => {
  test('is shown letter by letter, in a sentence, in a table and as code', () => {
    fc.assert(
      fc.property(hostileText('begin '), (text) => {
        for (const markdown of [`- a ${cell(text)}`, `| a |\n| --- |\n| ${cell(text)} |`]) {
          const shown = rendered(markdown)
          expect(shown.strangers).toEqual([])
          expect(letters(shown.text)).toContain(letters(strip(text)).slice(0, 900))
        }
      }),
      { numRuns: 150, endOnFailure: true }
    )
  })

  test.each(['> a', '>a', '- a', '+ a', '1. a', '12) a', '---', '===', '- [ ] a'])(
    '%j is text at the start of a line, too',
    (text) => {
      for (const markdown of [`a\n\n${cell(text)}`, `a\n${cell(text)}`]) {
        const shown = rendered(markdown)
        expect(shown.strangers).toEqual([])
        for (const element of ['ul', 'li', 'h2']) expect(shown.count(element)).toBe(0)
        expect(shown.text).toContain(text)
      }
    }
  )

  test('to copy stays within its fence, line by line', () => {
    fc.assert(
      fc.property(hostileText('begin'), (text) => {
        const { strangers, text: shown, count } = rendered(`- a\n\n${fence(text, 'yaml', '  ')}\n- b`)
        expect(strangers).toEqual([])
        expect([count('pre'), count('li')]).toEqual([1, 2])
        expect(words(shown)).toContain(words(defuse(strip(text))))
      }),
      { numRuns: 150, endOnFailure: true }
    )
  })

  test.each([
    'javascript:alert(1)',
    ' java\nscript:alert(1)',
    'data:text/html,x',
    'http://learn.microsoft.com/',
    'https://evil.example/',
    'https://learn.microsoft.com.evil.example/',
    'https://learn.microsoft.com@evil.example/',
    'https://learn.microsoft.com:8443/',
    '//evil.example'
  ])('%j is no link', (link) => {
    const { strangers, count } = rendered(`a${documentationLink(link)}`)
    expect(strangers).toEqual([])
    expect(count('a')).toBe(0)
  })

  test.each([
    'https://learn.microsoft.com/azure/x?a=1&copy=2#frag',
    'https://learn.microsoft.com/a)![x](https://evil.example/x.png)|`<b>',
    'https://github.com/argoproj/argo-cd/issues/23478'
  ])('%j is one link to the documentation', (link) => {
    const { strangers, count } = rendered(`a${documentationLink(link)}`)
    expect(strangers).toEqual([])
    expect(count('a')).toBe(1)
  })
})

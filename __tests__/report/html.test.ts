/** The HTML page: what it says of real runs, and that no text of theirs is more than text. */
import { beforeAll, describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { defaultTreeAdapter as tree, parse, type DefaultTreeAdapterTypes as Types } from 'parse5'
import { fleetHtmlOf, htmlOf } from '../../src/report/html/page.ts'
import type { Report } from '../../src/report/report.ts'
import { useWorld } from '../world.ts'
import { hostileReport } from './hostile-text.ts'

const ELEMENTS: ReadonlySet<string> = new Set(
  `html head meta title style body h1 h2 h3 p div span strong code pre a ul li table thead tbody tr th td section
   details summary svg g defs marker path rect text`.split(/\s+/)
)
const DOCUMENTATION =
  /^https:\/\/(?:learn\.microsoft\.com|docs\.github\.com|argo-cd\.readthedocs\.io|kubernetes\.io|azure\.github\.io\/azure-workload-identity|github\.com\/(?:argoproj|Azure|patless))\//
const UNSEEN = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u

interface Page {
  /** Elements, attributes and text that a page has no use for. */
  readonly strangers: readonly string[]
  /** The text of each element of this name, in order. */
  readonly texts: (name: string) => readonly string[]
}

function pageOf(html: string): Page {
  const strangers: string[] = []
  const found: (readonly [name: string, text: string])[] = []
  const visit = (node: Types.Node): string => {
    if (tree.isTextNode(node)) {
      if (UNSEEN.test(node.value)) strangers.push(`unseen in ${JSON.stringify(node.value)}`)
      return node.value
    }
    if (tree.isElementNode(node)) {
      if (!ELEMENTS.has(node.tagName)) strangers.push(`<${node.tagName}>`)
      for (const { name, value } of node.attrs) {
        const leads = name === 'href' && !DOCUMENTATION.test(value) && !/^#run-\d+$/.test(value)
        if (leads || /^(?:on|src|style$|xlink)/i.test(name)) strangers.push(`${name}=${value}`)
      }
    }
    const text = 'childNodes' in node ? node.childNodes.map(visit).join('') : ''
    if (tree.isElementNode(node)) found.push([node.tagName, text])
    return text
  }
  visit(parse(html))
  return { strangers, texts: (name) => found.filter(([one]) => one === name).map(([, text]) => text) }
}

describe('of one run', () => {
  const world = useWorld({ shared: true })
  let applied: Report
  let drifted: Report
  beforeAll(async () => {
    applied = await world.run({ mode: 'apply' })
    world.twin.defect('credential-subject')
    drifted = await world.run({ mode: 'check' })
  })

  test('in order: the verdict, each resource drawn with its result, and the commit that was read', () => {
    const { texts, strangers } = pageOf(htmlOf(applied))
    expect(strangers).toEqual([])
    expect(texts('h1')).toEqual([`✓ apply ${applied.verdict.summary}`])
    const [described = ''] = texts('title').slice(1)
    expect(described).toMatch(/^The chain of trust: Cluster unchanged, Federated credential created, /)
    const commit = applied.repositories[0]?.verifications.argocd?.commit ?? 'none'
    expect(texts('td').join()).toContain(commit.slice(0, 12))
    expect(texts('h3')).not.toContain('What to do')
  })

  test('with charts: their part of the chain is drawn, too', () => {
    const [first] = applied.resources
    if (!first) throw new Error('there is no resource')
    const { result, reason, start, end } = applied.verification
    const withCharts: Report = {
      ...applied,
      resources: [
        ...applied.resources,
        { ...first, resource: 'registry', result: 'created' },
        { ...first, resource: 'charts', result: 'created' }
      ],
      verifications: { ...applied.verifications, charts: { result, reason, start, end } }
    }
    const drawn = (report: Report): readonly string[] => pageOf(htmlOf(report)).texts('text')
    const added = ['Registries', 'Helm Secrets', 'Charts']
    expect(drawn(withCharts)).toEqual(expect.arrayContaining(added))
    expect(drawn(applied).filter((text) => added.includes(text))).toEqual([])
  })

  test('not in order: each finding that needs action with its remedy and its command', () => {
    const { texts } = pageOf(htmlOf(drifted))
    const all = texts('body').join()
    const open = drifted.findings.filter(({ severity }) => severity !== 'note')
    expect(open.length).toBeGreaterThan(0)
    for (const { id, summary, remedy, command = '' } of open)
      for (const text of [id, summary, remedy, command]) expect(all).toContain(text)
    expect(texts('h3')[0]).toBe('What to do')
  })

  test('of several: what is not in order first, and a target without a report by its name', () => {
    const runs = [
      { name: 'aks-north', report: applied },
      { name: 'aks-south', report: drifted }
    ]
    const { texts, strangers } = pageOf(fleetHtmlOf(runs, ['aks-west']))
    expect(strangers).toEqual([])
    expect(texts('h1')).toEqual(['Not in order: 2 of 3 targets'])
    expect(texts('th').filter((text) => text.startsWith('aks-'))).toEqual([
      'aks-west',
      'aks-south',
      'aks-north'
    ])
    expect(texts('h2')).toEqual(['! check aks-south', '✓ apply aks-north'])
    expect(pageOf(fleetHtmlOf(runs.slice(0, 1), [])).texts('h1')).toEqual(['In order: 1 of 1 targets'])
  })

  test('of a thousand: a row for each, a section only for those that somebody may read', () => {
    const runs = Array.from({ length: 1_000 }, (_none, at) => ({
      name: `aks-${at}`,
      report: at === 999 ? drifted : applied
    }))
    const html = fleetHtmlOf(runs, [])
    const { texts } = pageOf(html)
    expect(texts('h2')[0]).toBe('! check aks-999')
    expect(texts('th').filter((text) => text.startsWith('aks-'))).toHaveLength(1_000)
    expect(Buffer.byteLength(html)).toBeLessThan(10 * 2 ** 20)
  })
})

test('whatever text is in a report, the page has no element, link or address of it', () => {
  fc.assert(
    fc.property(hostileReport, fc.boolean(), (report, many) => {
      const { identity = '' } = report.target
      const html = many ? fleetHtmlOf([{ name: identity, report }], [identity]) : htmlOf(report)
      expect(pageOf(html).strangers).toEqual([])
      expect(
        html.split(/[\n\r\v\f\u0085\u2028\u2029]/).filter((line) => /^\s*::|##\w*\[/.test(line))
      ).toEqual([])
    }),
    { numRuns: 60 }
  )
})

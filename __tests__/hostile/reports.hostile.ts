/** Reports that somebody else put among the artifacts: what summarize makes of them is text, and never more. */
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { htmlOf } from '../../src/report/html/page.ts'
import { markdownOf } from '../../src/report/markdown.ts'
import type { Report } from '../../src/report/report.ts'
import { hostileReport } from '../report/hostile-text.ts'
import { rendered } from '../report/rendered.ts'
import { folderOf } from '../targets/reports.ts'
import { useWorld } from '../world.ts'

const world = useWorld({ shared: true })
const NOTHING = {
  ...{ cluster: '', 'resource-group': '', 'repository-url': '', 'subscription-id': '' },
  ...{ 'client-id': '', 'tenant-id': '' }
}
const summarize = (files: Readonly<Record<string, string | object>>): Promise<Report> =>
  world.run({ ...NOTHING, mode: 'summarize', reports: folderOf(files) })

test('hostile text in every field is shown, and does nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(hostileReport, { minLength: 1, maxLength: 3 }), async (reports) => {
      world.printed.length = 0
      const report = await summarize(Object.fromEntries(reports.map((one, index) => [`r${index}`, one])))
      expect(rendered(markdownOf(report, 'mermaid')).strangers).toEqual([])
      expect(htmlOf(report)).not.toMatch(/<script|<img|<a [^>]*javascript:/i)
      for (const output of Object.values(report.outputs)) expect(output).not.toMatch(/[\r\n\u2028\u2029]/)
    }),
    { numRuns: 25 }
  )
})

test.each<[string, string | object]>([
  ['a list in a list, without end', '['.repeat(50_000)],
  ['one that is deep and whole', `${'['.repeat(5_000)}${']'.repeat(5_000)}`],
  ['a prototype', '{"__proto__": {"mode": "check"}, "version": "2.0", "mode": "check", "outputs": {}}'],
  [
    'more runs than a fleet has',
    { version: '2.0', mode: 'summarize', outputs: {}, runs: Array(6_000).fill({}) }
  ],
  [
    'a plan with more targets than a file',
    {
      version: '2.0',
      mode: 'plan',
      startedAt: '2026-11-26T00:00:00.000Z',
      outputs: {},
      target: { plan: 'x' },
      fleet: { targets: Array(10_001).fill({ name: 'a' }) }
    }
  ],
  ['nothing', ''],
  ['zeros', '\0'.repeat(1_000)]
])('%s is named, and the run fails', async (_name, content) => {
  const report = await summarize({ odd: content })
  expect(report.verdict.exitCode).toBe(1)
  const [first] = report.findings.filter(({ severity }) => severity === 'error')
  expect(first?.id).toMatch(/^fleet\//)
  expect(JSON.stringify(report).length).toBeLessThan(20_000)
})

import { describe, expect, test } from '@jest/globals'
import { markdownOf } from '../../src/report/markdown.ts'
import { verdictOf } from '../../src/report/verdict.ts'
import type { Change, HopOutcome, Outcome } from '../../src/engine/outcome.ts'
import type { Report } from '../../src/report/report.ts'

const POD = (index: number): Change[] =>
  ['AZURE_CLIENT_ID', 'AZURE_TENANT_ID', 'AZURE_FEDERATED_TOKEN_FILE'].map((name) => ({
    field: `pod argocd-repo-server-${index} ${name}`,
    expected: 'x',
    found: undefined
  }))
const workload = (more: Partial<HopOutcome> = {}): HopOutcome => ({
  hop: 'workload',
  result: 'drifted',
  changes: [...POD(1), ...POD(2), ...POD(3), ...POD(4)],
  notes: [],
  start: 0,
  end: 1,
  ...more
})
const outcome = (mode: Outcome['mode'], ...hops: HopOutcome[]): Outcome => ({
  mode,
  hops,
  proof: { verification: 'failed', reason: 'not tried', commits: {}, start: 0, end: 0 },
  proofs: {},
  facts: {},
  changed: false,
  drift: true,
  problems: []
})
const summaryOf = (run: Outcome): string =>
  markdownOf(
    {
      version: '1.1',
      startedAt: '2026-11-25T00:00:00.000Z',
      durationMs: 1,
      target: { cluster: 'aks', identity: 'id', organization: 'contoso', repositories: ['https://x/_git/y'] },
      login: 'the az login',
      outputs: {} as Report['outputs'],
      verdict: verdictOf(run, true),
      ...run
    },
    'none'
  )

describe('what needs somebody', () => {
  // A host shows ten annotations of a step at most.
  test('is one thing per hop, however many fields of it differ', () => {
    const { problems } = verdictOf(outcome('check', workload()), true)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatchObject({ hop: 'workload', found: 'nothing', remedy: 'run mode: apply' })
    expect(problems[0]?.what).toMatch(/^12 fields differ: pod argocd-repo-server-1 AZURE_CLIENT_ID; /)
  })

  test('of one field is told by its name', () => {
    const changes = [{ field: 'subject', expected: 'a', found: 'b' }]
    const { problems } = verdictOf(outcome('check', workload({ changes })), true)
    expect(problems).toEqual([
      { hop: 'workload', what: 'subject differs.', expected: 'a', found: 'b', remedy: 'run mode: apply' }
    ])
  })

  test('and that stops apply is named in its first sentence', () => {
    const blocked = { what: 'It holds a password.', remedy: 'remove it' }
    const changes = [{ field: 'credentials', expected: 'none', found: 'password', blocked }]
    const { text, exitCode } = verdictOf(outcome('apply', workload({ changes })), true)
    expect(text).toBe('Failed at workload. Nothing was written.')
    expect(exitCode).toBe(1)
  })

  test('as a missing right is told apart from a hop', () => {
    const run = { ...outcome('apply'), problems: [{ what: 'The login lacks X.', remedy: 'grant X' }] }
    expect(verdictOf(run, true).text).toBe('Failed at the check of the rights. Nothing was written.')
  })
})

describe('the table', () => {
  test('has the five columns that fit the page, and the remedy once per hop', () => {
    const lines = summaryOf(outcome('check', workload())).split('\n')
    expect(lines).toContain('| Hop | Result | Expected | Found | Remedy |')
    const rows = lines.filter((line) => line.includes('pod argocd-repo-server') && line.startsWith('|'))
    expect(rows).toHaveLength(12)
    expect(rows.filter((row) => row.includes('run mode: apply'))).toHaveLength(1)
    for (const row of rows) expect(row.split(' | ')).toHaveLength(5)
  })

  test('lets long words break, and takes nothing of foreign text for markup', () => {
    const summary = 'system:serviceaccount:argocd:argocd-repo-server\n| <b>`x`</b> __y__ &amp;'
    const text = summaryOf(outcome('check', workload({ result: 'unchanged', changes: [], summary })))
    expect(text).toContain('system:<wbr>serviceaccount:<wbr>argocd:<wbr>argocd-repo-server<br/>&#124; ')
    expect(text).toContain('&#60;b>&#96;x&#96;&#60;/<wbr>b> &#95;&#95;y&#95;&#95; &#38;amp;')
  })
})

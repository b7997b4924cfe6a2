import { describe, expect, test } from '@jest/globals'
import { markdownOf } from '../../src/report/markdown.ts'
import { asInYaml, nameInputs } from '../../src/core/input-name.ts'
import { mapStrings } from '../../src/core/strings.ts'
import { reportOf } from '../../src/report/report.ts'
import type { Desired } from '../../src/config/desired.ts'
import type { Difference, ResourceOutcome, Outcome } from '../../src/engine/outcome.ts'
import type { Report } from '../../src/report/report.ts'

const POD = (index: number): Difference[] =>
  ['AZURE_CLIENT_ID', 'AZURE_TENANT_ID', 'AZURE_FEDERATED_TOKEN_FILE'].map((name) => ({
    field: `pod argocd-repo-server-${index} ${name}`,
    expected: 'x',
    actual: undefined
  }))
const workload = (more: Partial<ResourceOutcome> = {}): ResourceOutcome => ({
  resource: 'workload',
  result: 'drifted',
  differences: [...POD(1), ...POD(2), ...POD(3), ...POD(4)],
  findings: [],
  start: 0,
  end: 1,
  ...more
})
const outcome = (mode: Outcome['mode'], ...hops: ResourceOutcome[]): Outcome => ({
  mode,
  resources: hops,
  verification: { result: 'failed', reason: 'not tried', commits: {}, start: 0, end: 0 },
  verifications: {},
  outputs: {},
  changed: false,
  drift: true,
  problems: []
})
const reportFor = (run: Outcome): Report =>
  mapStrings(
    reportOf({ outcome: run }, DESIRED, { startedAt: 0, login: 'the az login', path: '', findings: [] }),
    (text) => nameInputs(text, asInYaml)
  )
const DESIRED = {
  cluster: { name: 'aks' },
  identity: { name: 'id' },
  organizations: [{ name: 'contoso', of: undefined, repositories: [] }],
  repositories: [{ url: 'https://x/_git/y' }],
  failOnDrift: true
} as unknown as Desired
const summaryOf = (run: Outcome): string => markdownOf(reportFor(run), 'none')

describe('what needs somebody', () => {
  // A host shows ten annotations of a step at most.
  test('is one thing per resource, however many fields of it differ', () => {
    const problems = reportFor(outcome('check', workload())).findings
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatchObject({
      resource: 'workload',
      actual: 'nothing',
      remedy: 'run with mode: apply'
    })
    expect(problems[0]?.summary).toMatch(/^12 fields differ: pod argocd-repo-server-1 AZURE_CLIENT_ID; /)
  })

  test('of one field is named', () => {
    const changes = [{ field: 'subject', expected: 'a', actual: 'b' }]
    const problems = reportFor(outcome('check', workload({ differences: changes }))).findings
    expect(problems).toEqual([
      {
        resource: 'workload',
        id: 'workload/drifted',
        severity: 'error',
        summary: 'subject differs.',
        expected: 'a',
        actual: 'b',
        remedy: 'run with mode: apply'
      }
    ])
  })

  test('and that stops apply is named in its first sentence', () => {
    const blocked = {
      id: 'connection/stored-credentials' as const,
      summary: 'It contains a password.',
      remedy: 'remove it'
    }
    const changes = [{ field: 'credentials', expected: 'none', actual: 'password', blocked }]
    const { summary: text, exitCode } = reportFor(
      outcome('apply', workload({ differences: changes }))
    ).verdict
    expect(text).toBe('Failed at workload. Nothing was written.')
    expect(exitCode).toBe(1)
  })

  test('as a missing right is distinguished from a resource', () => {
    const run = {
      ...outcome('apply'),
      problems: [{ id: 'rights/azure' as const, summary: 'The login lacks X.', remedy: 'grant X' }]
    }
    expect(reportFor(run).verdict.summary).toBe('Failed at the permission check. Nothing was written.')
  })
})

describe('the table', () => {
  test('has the five columns that fit the page, and the remedy once per resource', () => {
    const lines = summaryOf(outcome('check', workload())).split('\n')
    expect(lines).toContain('| Resource | Result | Expected | Actual | Remedy |')
    const rows = lines.filter((line) => line.includes('pod argocd-repo-server') && line.startsWith('|'))
    expect(rows).toHaveLength(12)
    expect(rows.filter((row) => row.includes('run with mode: apply'))).toHaveLength(1)
    for (const row of rows) expect(row.split(' | ')).toHaveLength(5)
  })

  test('lets long words break, and takes nothing of foreign text for markup', () => {
    const summary = 'system:serviceaccount:argocd:argocd-repo-server\n| <b>`x`</b> __y__ &amp;'
    const text = summaryOf(outcome('check', workload({ result: 'unchanged', differences: [], summary })))
    expect(text).toContain('system:<wbr>serviceaccount:<wbr>argocd:<wbr>argocd-repo-server<br/>&#124; ')
    expect(text).toContain('&#60;b>&#96;x&#96;&#60;/<wbr>b> &#95;&#95;y&#95;&#95; &#38;amp;')
  })
})

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
  verification: { result: 'failed', reason: 'workload is drifted', commits: {}, start: 0, end: 0 },
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

describe('the summary reads top-down', () => {
  const shown = (run: Outcome): string => summaryOf(run).replaceAll('<wbr>', '').replaceAll('&#95;', '_')
  const unchanged = workload({ resource: 'cluster', result: 'unchanged', differences: [], summary: 'aks' })
  const missing = workload({
    resource: 'identity',
    result: 'missing',
    differences: [{ field: 'managed identity', expected: 'id', actual: undefined }]
  })

  test('verdict, what to do, what is not in order, then what is folded away', () => {
    const text = shown(outcome('check', unchanged, missing, workload()))
    const at = [
      '## ',
      '### What to do',
      '### What is not in order',
      '**Verification:**',
      'In order (1)',
      'Durations'
    ].map((part) => text.indexOf(part))
    expect(at).not.toContain(-1)
    expect(at).toEqual(at.toSorted((a, b) => a - b))
    expect(text).not.toContain('not tried')
  })

  test('the heading is short: why something is not verified is said by the verification', () => {
    const [heading = ''] = shown(outcome('check', missing, workload())).split('\n')
    expect(heading).toBe('## ⚠️ Patless check: Drift at identity, workload.')
    const unsure = {
      ...outcome('check', unchanged),
      drift: false,
      verification: { result: 'inconclusive' as const, reason: 'nobody knows', commits: {}, start: 0, end: 0 }
    }
    expect(shown(unsure)).toMatch(/^## ✅ Patless check: In order, no drift, verification inconclusive\.\n/)
    expect(shown(unsure)).toContain('**Verification:** ❔ inconclusive: nobody knows')
  })

  test('a verification that a resource prevents did not fail by itself', () => {
    const access = { result: 'failed' as const, reason: 'identity is missing', commits: {}, start: 0, end: 0 }
    const text = shown({ ...outcome('check', missing), verification: access, verifications: { access } })
    expect(text).toContain('**Verification:** ❌ not possible as long as identity is missing')
  })

  test('a consequence is no thing to do: it stands below, folded away', () => {
    const cause = {
      link: 'workload',
      explains: ['workload/drifted' as const],
      finding: {
        id: 'workload/label-missing' as const,
        severity: 'error' as const,
        summary: 'No label.',
        remedy: 'label it',
        command: 'kubectl label x'
      }
    }
    const text = shown({ ...outcome('check', workload()), diagnosis: [cause] })
    const [front = '', folded = ''] = text.split('<details><summary>Consequences (1)</summary>')
    expect(front).toContain('```sh\nkubectl label x\n```')
    expect(front).not.toContain('run with mode: apply')
    expect(folded).toContain('run with mode: apply')
  })

  test('what one command fixes is one thing to do', () => {
    const text = shown(outcome('check', missing, workload()))
    expect(text).toContain('**identity**, **workload**: differ as listed below.')
    expect(text.match(/run with mode: apply/g)).toHaveLength(1)
  })

  test('at most three commands stand in front, each in a code block; the others are folded away', () => {
    const findings = [1, 2, 3, 4, 5].map((index) => ({
      id: 'cluster/stopped' as const,
      severity: 'error' as const,
      summary: `The cluster ${index} is stopped.`,
      remedy: `start ${index}`,
      command: `az aks start -n aks-${index}`
    }))
    const text = shown(outcome('check', { ...unchanged, findings }))
    const [front = '', folded = ''] = text.split('<details><summary>2 more')
    expect(front.match(/```sh\naz aks start -n aks-\d\n```/g)).toHaveLength(3)
    expect(folded.match(/```sh\n/g)).toHaveLength(2)
  })

  test('pods that lack the same variables are one row, with the names of all', () => {
    const rows = shown(outcome('check', workload()))
      .split('\n')
      .filter((line) => line.startsWith('|') && line.includes('AZURE_'))
    expect(rows).toHaveLength(1)
    expect(rows[0]).toContain('4 pods: argocd-repo-server-1, argocd-repo-server-2, ')
    expect(rows[0]?.match(/AZURE_\w+: <code>x/g)).toHaveLength(3)
    expect(rows[0]).toContain('Found: nothing')
  })

  test('a pod that differs in another way has its own row', () => {
    const other: Difference = {
      field: 'pod argocd-repo-server-9 AZURE_CLIENT_ID',
      expected: 'x',
      actual: 'y'
    }
    const rows = shown(outcome('check', workload({ differences: [...POD(1), other] })))
      .split('\n')
      .filter((line) => line.startsWith('|') && line.includes('AZURE_'))
    expect(rows).toHaveLength(2)
    expect(rows[1]).toContain('AZURE_CLIENT_ID: <code>y</code>')
  })

  test('after a write it says what is there now', () => {
    const created = { ...missing, result: 'created' as const }
    const text = shown(outcome('apply', unchanged, created))
    expect(text).toContain('### Changed\n\n| Resource | Now |')
    expect(text).toContain('managed identity:<br/><code>id</code>')
    expect(text).not.toMatch(/Expected|Found/)
  })

  test('what a failure leaves unknown is folded away, with why', () => {
    const text = shown(
      outcome('check', workload({ result: 'unknown', differences: [], summary: 'cluster failed' }))
    )
    expect(text).toContain('<details><summary>Not known, because it depends on the above (1)')
    expect(text).not.toContain('### What is not in order')
  })

  test('tables have two columns, which fit a phone', () => {
    const heads = shown(outcome('check', unchanged, missing, workload()))
      .split('\n')
      .filter((line) => line.startsWith('| Resource'))
    expect(heads).toEqual(['| Resource | What |', '| Resource | Fact |'])
  })

  test('long words may break, and nothing of foreign text is markup', () => {
    const summary = 'system:serviceaccount:argocd:argocd-repo-server\n| <b>`x`</b> __y__ &amp;'
    const text = summaryOf(outcome('check', workload({ result: 'unchanged', differences: [], summary })))
    expect(text).toContain('system:<wbr>serviceaccount:<wbr>argocd:<wbr>argocd-repo-server<br/>&#124; ')
    expect(text).toContain('&#60;b>&#96;x&#96;&#60;/<wbr>b> &#95;<wbr>&#95;<wbr>y&#95;<wbr>&#95; &#38;amp;')
  })
})

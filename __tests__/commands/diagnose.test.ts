/** `mode: diagnose`: everything is read, nothing is written, and nothing of the block for an issue names anybody. */
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { asInYaml, nameInputs } from '../../src/core/input-name.ts'
import { issueOf } from '../../src/report/issue.ts'
import { markdownOf } from '../../src/report/markdown.ts'
import { useWorld } from '../world.ts'
import { hostileReport } from '../report/hostile-text.ts'

const world = useWorld()

test('a chain in order: no finding that needs action, exit code 0, nothing written', async () => {
  await world.applied()
  world.twin.journal.clear()
  const report = await world.run({ mode: 'diagnose', verification: 'access' })
  expect(report).toMatchObject({ mode: 'diagnose', verdict: { exitCode: 0 }, outputs: { drift: 'false' } })
  expect(report.issue).toContain('mode diagnose, exit code 0')
  expect(report.issue).toContain('identity: unchanged')
  expect(world.writes()).toEqual([])
})

test('in order, too, all evidence is read, and no rule finds anything', async () => {
  await world.applied()
  world.twin.journal.clear()
  const report = await world.run({ mode: 'diagnose', verification: 'access' })
  const asked = world.twin.journal.entries.map(({ path }) => path).join('\n')
  for (const part of [/\/events/, /networkpolicies/, /endpointslices/, /mutatingwebhook/, /repository-write/])
    expect(asked).toMatch(part)
  expect(report.findings).toEqual([])
})

test('what works today and fails with the next pod is a warning', async () => {
  await world.applied()
  world.twin.defect('webhook-down')
  const report = await world.run({ mode: 'diagnose', verification: 'access' })
  expect(report.verdict.exitCode).toBe(0)
  expect(report.findings).toMatchObject([{ id: 'workload/webhook-down', severity: 'warning' }])
})

test('what is wrong is in the log, the report, the summary and the block, in order', async () => {
  await world.applied()
  world.twin.defect('credential-subject')
  world.twin.defect('secret-password')
  world.twin.journal.clear()
  const report = await world.run({ mode: 'diagnose' })
  expect(report.verdict.exitCode).toBe(2)
  const ids = ['federated-credential/drifted', 'connection/stored-credentials']
  expect(report.findings.map(({ id }) => id)).toEqual(expect.arrayContaining(ids))
  const at = ids.map((id) => report.issue?.indexOf(id) ?? -1)
  expect(at).not.toContain(-1)
  expect(world.printed.join('\n')).toContain(report.issue)
  expect(nameInputs(markdownOf(report, 'none'), asInYaml)).toContain('To paste into an issue')
  expect(world.writes()).toEqual([])
})

test('a login that may not read a part says what was not read, and tries the rest', async () => {
  await world.applied()
  world.twin.azure.assign([])
  const report = await world.run({ mode: 'diagnose' })
  expect(report.verdict.exitCode).toBe(1)
  expect(report.issue).toMatch(/not read, so no rule about it could be tried: cluster/)
  expect(report.resources.some(({ result }) => result === 'unchanged')).toBe(false)
})

test('a login that is refused has a block, too', async () => {
  world.twin.defect('login-subject')
  const report = await world.run({ mode: 'diagnose' })
  expect(report).toMatchObject({ mode: 'diagnose', verdict: { exitCode: 1 } })
  expect(report.issue).toContain('error login/not-trusted (AADSTS700213)')
  expect(report.issue).not.toMatch(/contoso|platform/i)
})

describe('the block', () => {
  const namesOf = (): string[] => {
    const { ids } = world.twin.azure
    return [
      ids.cluster,
      ids.organization,
      ids.repositoryUrl,
      ids.tenantId,
      ids.subscriptionId,
      ids.resourceGroup,
      'id-argocd',
      'localhost'
    ]
  }

  test('names nothing of this world, and everything without redaction', async () => {
    await world.applied()
    world.twin.defect('credential-subject')
    const redacted = (await world.run({ mode: 'diagnose', verification: 'access' })).issue ?? ''
    for (const name of namesOf()) expect(redacted.toLowerCase()).not.toContain(name.toLowerCase())
    expect(redacted).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}/)
    const whole = (await world.run({ mode: 'diagnose', verification: 'access', redact: 'false' })).issue ?? ''
    expect(whole).toContain('system:serviceaccount:default:argocd-repo-server')
  })

  test('no name survives redaction, whatever text it is in', () => {
    const name = fc.stringMatching(/^zq[a-z0-9]{4,12}$/)
    const shape = fc.constantFrom(
      'N',
      'the Secret N of M differs',
      'https://dev.azure.com/N/M/_git/N',
      '"N"',
      'N.',
      '(N)',
      'user@N.example',
      'N/M',
      'N,M;N',
      'é`N`',
      '\u202eN',
      'AADSTS700213: N'
    )
    fc.assert(
      fc.property(hostileReport, name, name, shape, shape, (report, one, other, first, second) => {
        const fill = (text: string): string => text.replaceAll('N', one).replaceAll('M', other)
        const named = {
          ...report,
          target: { ...report.target, cluster: one, organizations: [other] },
          verification: { ...report.verification, reason: fill(first) },
          resources: report.resources.map((resource) => ({
            ...resource,
            organization: other,
            summary: fill(first),
            differences: [{ field: fill(second), expected: fill(first), actual: fill(second) }]
          })),
          findings: report.findings.map((finding) => ({
            ...finding,
            summary: fill(second),
            expected: fill(first),
            actual: fill(second),
            code: one
          }))
        }
        const text = issueOf(named, true).toLowerCase()
        expect(text).not.toContain(one)
        expect(text).not.toContain(other)
        expect(issueOf(named, false).toLowerCase()).toContain(one)
      }),
      { numRuns: 100 }
    )
  })
})

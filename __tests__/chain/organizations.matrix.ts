/** Repositories of several organizations in one run: a member, a licence and a permission in each, reported each. */
import { describe, expect, test } from '@jest/globals'
import { IDS } from '../../sandbox/azure/state.ts'
import type { Report } from '../../src/report/report.ts'
import { useWorld } from '../world.ts'

const world = useWorld()

const FIRST = IDS.organization
const SECOND = IDS.secondOrganization

const urlOf = (organization: string, name: string = IDS.repository, project: string = IDS.project): string =>
  (world.twin.environment['SANDBOX_REPOSITORY_URL'] ?? '').replace(
    /[^/]+\/[^/]+\/_git\/.*$/,
    `${organization}/${encodeURIComponent(project)}/_git/${encodeURIComponent(name)}`
  )
const both = (more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> => ({
  'repository-url': [urlOf(FIRST), urlOf(SECOND)].join('\n'),
  ...more
})

interface Shown {
  readonly members: readonly { readonly licence: string; readonly groups: readonly string[] }[]
  readonly entries: readonly unknown[]
}
const azure = (): Shown & { readonly others: readonly Shown[]; readonly identities: readonly unknown[] } =>
  (world.twin.state() as { azure: ReturnType<typeof azure> }).azure
const results = ({ resources }: Report): string[] =>
  resources.flatMap(({ resource, organization, result }) =>
    organization === undefined ? [] : [`${resource} ${organization} ${result}`]
  )

test('a member with a licence and the Readers of the project in each, and both are read', async () => {
  const report = await world.apply(both())
  expect(report.verdict).toMatchObject({ exitCode: 0 })
  expect(report.target.organizations).toEqual([FIRST, SECOND])
  expect(results(report)).toEqual([
    `entitlement ${FIRST} created`,
    `permission ${FIRST} created`,
    `entitlement ${SECOND} created`,
    `permission ${SECOND} created`
  ])
  for (const { members } of [azure(), ...azure().others])
    expect(members.filter(({ groups }) => groups.length > 0)).toMatchObject([
      { licence: 'express', groups: ['[shop]\\Readers'] }
    ])
  const commits = report.repositories.map(({ verifications }) => verifications.argocd?.commit)
  expect(new Set(commits).size).toBe(2)
  expect(report.repositories.map(({ verifications }) => verifications.argocd?.result)).toEqual([
    'verified',
    'verified'
  ])
  const again = await world.check(both())
  expect(again.verdict).toMatchObject({ exitCode: 0 })
  expect(results(again).every((one) => one.endsWith('unchanged'))).toBe(true)
})

test('a dry run plans a license and the Readers in each, by name', async () => {
  const { plan } = await world.apply(both({ 'dry-run': 'true' }))
  const steps = (plan?.steps ?? []).filter(({ organization }) => organization !== undefined)
  expect(steps).toMatchObject(
    [FIRST, SECOND].flatMap((organization) => [
      {
        resource: 'entitlement',
        organization,
        action: 'create',
        effects: [`takes one Basic license of ${organization}`]
      },
      {
        resource: 'permission',
        organization,
        fields: [{ field: `Readers of ${IDS.project}`, after: 'member' }]
      }
    ])
  )
  expect(plan).toMatchObject({ create: 7, change: 1, delete: 0 })
})

test('remove takes both memberships away, and the identity last', async () => {
  await world.apply(both({ verification: 'none' }))
  const report = await world.remove(both())
  expect(results(report).every((one) => one.endsWith('removed'))).toBe(true)
  expect(azure().identities).toEqual([])
  for (const { members } of [azure(), ...azure().others]) expect(members).toHaveLength(1)
})

test('what one organization keeps, keeps the identity; the other goes', async () => {
  await world.apply(both({ verification: 'none' }))
  world.twin.defect('second-member-of-another-project')
  const report = await world.remove(both())
  expect(results(report)).toEqual([
    `entitlement ${FIRST} removed`,
    `permission ${FIRST} removed`,
    `entitlement ${SECOND} skipped`,
    `permission ${SECOND} removed`
  ])
  const kept = report.resources.find(({ resource }) => resource === 'identity')
  expect(kept).toMatchObject({ result: 'skipped' })
  expect(kept?.summary).toContain(`the entitlement of ${SECOND} needs it and is kept`)
})

describe('before the first write', () => {
  test.each([
    ['the first organization', 'organization-other-tenant', FIRST],
    ['the second organization', 'second-organization-other-tenant', SECOND]
  ])('%s of another tenant is refused', async (_which, defect, organization) => {
    world.twin.defect(defect)
    for (const mode of ['apply', 'check'] as const) {
      const report = await world[mode](both())
      expect(report.verdict.exitCode).not.toBe(0)
      const found = report.findings.filter(({ id }) => id === 'entitlement/other-tenant')
      expect(found).toMatchObject([{ resource: 'entitlement', organization, expected: IDS.tenantId }])
      expect(world.writes()).toEqual([])
    }
  })

  test('an organization that moves to another tenant later is reported, and not that the login is wrong', async () => {
    await world.apply(both({ verification: 'none' }))
    world.twin.defect('second-organization-other-tenant')
    world.twin.journal.clear()
    const report = await world.apply(both())
    expect(report.findings.filter(({ resource }) => resource === 'entitlement')).toMatchObject([
      { id: 'entitlement/other-tenant', organization: SECOND }
    ])
    expect(world.writes()).toEqual([])
  })

  test('an organization that does not exist', async () => {
    const report = await world.apply({
      'repository-url': [urlOf(FIRST), urlOf('nobody')].join('\n')
    })
    expect(report.verdict.exitCode).toBe(1)
    expect(world.writes()).toEqual([])
    expect(JSON.stringify(report.findings)).toContain('nobody')
  })

  test('the right to add members is asked of each', async () => {
    world.twin.defect('second-devops-not-admin')
    const report = await world.apply(both())
    expect(report.findings.filter(({ id }) => id === 'rights/azure-devops')).toMatchObject([
      { resource: 'entitlement', organization: SECOND }
    ])
  })
})

test('a licence that one organization has no more of leaves the other verified', async () => {
  world.twin.defect('second-entitlement-no-licence')
  const report = await world.apply(both())
  expect(report.verdict.exitCode).toBe(1)
  expect(report.verdict.summary).toContain(`entitlement of ${SECOND}`)
  expect(report.findings.find(({ id }) => id === 'azure-devops/licence-missing')).toMatchObject({
    resource: 'entitlement',
    organization: SECOND
  })
  expect(report.repositories.map(({ verifications }) => verifications.access?.result)).toEqual([
    'verified',
    'failed'
  ])
})

describe('drift in one of them', () => {
  test.each([
    ['second-not-a-member', 'entitlement', 'missing'],
    ['second-stakeholder', 'entitlement', 'drifted'],
    ['second-not-a-reader', 'permission', 'missing']
  ])('%s', async (defect, resource, result) => {
    await world.apply(both({ verification: 'none' }))
    world.twin.defect(defect)
    const drifted = await world.check(both({ verification: 'access' }))
    expect(drifted.verdict.exitCode).toBe(2)
    expect(results(drifted)).toContain(`${resource} ${SECOND} ${result}`)
    expect(results(drifted)).toContain(`entitlement ${FIRST} unchanged`)
    expect(JSON.parse(drifted.outputs.differences)).toMatchObject([{ resource, organization: SECOND }])
    expect(drifted.repositories.map(({ verifications }) => verifications.access?.result)).toEqual([
      'verified',
      'failed'
    ])
    const fixed = await world.apply(both({ verification: 'access' }))
    expect(fixed.verdict).toMatchObject({ exitCode: 0, summary: 'Changed, verified.' })
    const writes = world.writes().filter((one) => /entitlements|devops/.test(one))
    expect(writes.every((one) => one.includes(`/${SECOND}/`) || one.includes(`/${FIRST}/`))).toBe(true)
  })
})

test('entries on the repository alone, in each', async () => {
  const report = await world.apply(both({ access: 'repository', verification: 'access' }))
  expect(report.verdict).toMatchObject({ exitCode: 0 })
  expect(azure().entries).toHaveLength(2)
  expect(azure().others.map(({ entries }) => entries.length)).toEqual([2])
  await world.remove(both({ access: 'repository' }))
  for (const { members } of [azure(), ...azure().others]) expect(members).toHaveLength(1)
})

test('one organization in two spellings is one: nothing is named by it', async () => {
  const [upper, lower] = [urlOf(FIRST.toUpperCase()), urlOf(FIRST, 'infra')]
  const report = await world.apply({ 'repository-url': `${upper}\n${lower}`, verification: 'access' })
  expect(report.verdict).toMatchObject({ exitCode: 0 })
  expect(results(report)).toEqual([])
  expect(report.resources.filter(({ resource }) => resource === 'entitlement')).toHaveLength(1)
})

test('a template for each organization', async () => {
  const report = await world.apply(both({ connection: 'template' }))
  expect(report.verdict).toMatchObject({ exitCode: 0 })
  expect(report.verification.result).toBe('verified')
})

test.each([
  ['project-readers', 'apply'],
  ['repository', 'apply'],
  ['project-readers', 'check']
])('access %s, %s: an organization of another tenant is one finding, with its name', async (access, mode) => {
  await world.apply({ access })
  world.twin.defect('second-organization-other-tenant')
  const report = await world.run({ ...both({ access }), mode, 'verification-timeout': '1' })
  expect(report.verdict.exitCode).not.toBe(0)
  const ids = report.findings.map(({ id }) => id)
  expect(ids).not.toContain('azure-devops/login-refused')
  expect(report.findings.filter(({ id }) => id === 'entitlement/other-tenant')).toMatchObject([
    { organization: SECOND }
  ])
  expect(JSON.stringify(report.findings)).not.toMatch(/<organization>|%3Corganization/)
})

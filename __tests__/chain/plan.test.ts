/** A dry run: what would be made, what that costs and causes, and every right that is missing, at once. */
import { describe, expect, test } from '@jest/globals'
import type { Inputs } from '../../sandbox/in-process.ts'
import type { PlanStep } from '../../src/engine/plan.ts'
import { markdownOf } from '../../src/report/markdown.ts'
import type { Report } from '../../src/report/report.ts'
import { useWorld } from '../world.ts'

const world = useWorld()
const NARROW: Inputs = { 'resource-group': 'rg-gitops', 'argocd-namespace': 'argocd' }
const planned = (inputs: Inputs = {}): Promise<Report> => world.apply({ 'dry-run': 'true', ...inputs })
const stepsOf = ({ plan }: Report): Record<string, PlanStep> =>
  Object.fromEntries((plan?.steps ?? []).map((step) => [step.resource, step]))
const actionsOf = (report: Report): Record<string, string> =>
  Object.fromEntries(Object.entries(stepsOf(report)).map(([resource, { action }]) => [resource, action]))
const idsOf = ({ findings }: Report): string[] =>
  findings.filter(({ severity }) => severity !== 'note').map(({ id }) => id)

describe('before anything exists', () => {
  test('every resource with its values, those that only Azure knows after apply, license and rollout', async () => {
    const report = await planned({ 'application-name': 'shop' })
    expect(actionsOf(report)).toEqual({
      identity: 'create',
      'federated-credential': 'create',
      entitlement: 'create',
      permission: 'create',
      workload: 'change',
      connection: 'create',
      application: 'create'
    })
    const steps = stepsOf(report)
    expect(steps['identity']?.fields).toEqual([
      { field: 'managed identity', after: 'id-argocd-aks-gitops in rg-gitops' },
      { field: 'client id' },
      { field: 'principal id' }
    ])
    expect(steps['entitlement']).toMatchObject({
      fields: [{ field: 'member of contoso' }, { field: 'access level', after: 'Basic' }],
      effects: ['takes one Basic license of contoso']
    })
    expect(steps['permission']?.fields).toEqual([{ field: 'Readers of shop', after: 'member' }])
    expect(steps['workload']?.fields[0]).toEqual({ field: 'annotation azure.workload.identity/client-id' })
    expect(steps['workload']?.effects).toEqual([
      expect.stringMatching(/^rolls out argocd\/argocd-repo-server \(\d pod/)
    ])
    expect(report.verdict).toEqual({
      exitCode: 0,
      summary: 'Would create 6, change 1, delete 0; this dry run changed nothing.'
    })
    expect(world.writes()).toEqual([])
    const log = world.printed.join('\n')
    expect(log).toMatch(/^ {2}\+ entitlement +member of contoso: known after apply$/m)
    expect(log).toMatch(/^ +takes one Basic license of contoso$/m)
    expect(log).toContain('Would create 6, change 1, delete 0.')
    const summary = markdownOf(report, 'none')
    expect(summary).toContain('### Plan\n\nWould create 6, change 1, delete 0.')
    expect(summary).toContain('member of contoso: known after apply')
  })

  test('access to repositories alone: each entry, and what shows the project', async () => {
    const steps = stepsOf(await planned({ access: 'repository' }))
    expect(steps['permission']?.fields.map(({ field }) => field)).toEqual([
      'Read on shop/app',
      'View project-level information of shop'
    ])
  })

  test('what the plan says is what apply then does', async () => {
    const plan = actionsOf(await planned({ verification: 'none' }))
    const report = await world.apply({ verification: 'none' })
    const done = report.resources.filter(({ result }) => result !== 'unchanged')
    expect(done.map(({ resource }) => resource)).toEqual(Object.keys(plan))
    expect((await planned({ verification: 'none' })).plan?.steps).toEqual([])
  })
})

describe('once it exists', () => {
  test('in order: nothing to do, and no question about rights', async () => {
    await world.applied()
    const report = await planned()
    expect(report.plan).toEqual({ steps: [], create: 0, change: 0, delete: 0 })
    expect(report.verdict.summary).toBe('Would create 0, change 0, delete 0; this dry run changed nothing.')
  })

  test('drift: each value before and after', async () => {
    await world.applied()
    world.twin.defect('credential-subject')
    const report = await planned()
    expect(stepsOf(report)['federated-credential']).toEqual({
      resource: 'federated-credential',
      action: 'change',
      fields: [
        {
          field: 'subject',
          before: 'system:serviceaccount:default:argocd-repo-server',
          after: 'system:serviceaccount:argocd:argocd-repo-server'
        }
      ],
      effects: []
    })
    expect(report.verdict.summary).toMatch(/^Would create 0, change 1, delete 0;/)
  })

  test('what apply refuses to write is blocked, and fails', async () => {
    await world.applied()
    world.twin.defect('secret-password')
    const report = await planned()
    expect(actionsOf(report)).toEqual({ connection: 'blocked' })
    expect(report.verdict.exitCode).toBe(1)
    expect(world.printed.join('\n')).toContain('Would create 0, change 0, delete 0 (1 blocked).')
  })

  test('remove: what would go, what that frees and restarts, and what is kept', async () => {
    await world.applied()
    const report = await world.remove({ 'dry-run': 'true' })
    expect(actionsOf(report)).toMatchObject({
      identity: 'delete',
      'federated-credential': 'delete',
      entitlement: 'delete',
      permission: 'delete',
      workload: 'delete',
      connection: 'delete'
    })
    expect(stepsOf(report)['workload']?.effects).toEqual([expect.stringContaining('rolls out')])
    expect(stepsOf(report)['entitlement']?.effects).toEqual(['frees the license'])
    expect(report.verdict).toEqual({
      exitCode: 0,
      summary: 'Would create 0, change 0, delete 6; this dry run changed nothing.'
    })
    world.twin.defect('identity-shared')
    expect(actionsOf(await world.remove({ 'dry-run': 'true' }))).toMatchObject({
      identity: 'keep',
      connection: 'delete'
    })
  })
})

describe('the rights', () => {
  const lacking = (...defects: readonly string[]): void => {
    for (const defect of defects) world.twin.defect(defect)
  }

  test.each([
    ['dry run', { 'dry-run': 'true' }],
    ['apply', {}]
  ])(
    '%s: those that are missing on all services are named at once, and nothing is written',
    async (_mode, more) => {
      lacking('arm-reader-only', 'devops-not-admin', 'rbac-readonly')
      const report = await world.apply({ ...NARROW, ...more })
      expect(report.verdict.exitCode).toBe(1)
      expect(new Set(idsOf(report))).toEqual(
        new Set(['rights/azure', 'rights/azure-devops', 'rights/kubernetes'])
      )
      const actual = report.findings.map(({ expected }) => expected)
      for (const right of [
        'Microsoft.ManagedIdentity/userAssignedIdentities/write',
        'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write',
        'patch deployments.apps',
        'create secrets'
      ])
        expect(actual).toContain(right)
      expect(world.writes()).toEqual([])
    }
  )

  test('a login that may not even read the cluster is asked about everything else, too', async () => {
    lacking('arm-reader-only', 'rbac-none')
    const report = await world.apply(NARROW)
    expect(report.verdict.exitCode).toBe(1)
    expect(idsOf(report)).toEqual(expect.arrayContaining(['kubernetes/right-missing', 'rights/azure']))
    const actual = report.findings
      .filter(({ id }) => id === 'rights/kubernetes')
      .map(({ expected }) => expected)
    expect(actual).toEqual(expect.arrayContaining(['list secrets', 'create secrets', 'list pods']))
  })

  test('what is blocked is reported together with the rights', async () => {
    await world.applied()
    lacking('secret-password', 'credential-subject', 'arm-reader-only')
    const report = await world.apply(NARROW)
    expect(idsOf(report)).toEqual(expect.arrayContaining(['connection/stored-credentials', 'rights/azure']))
    expect(report.verdict.exitCode).toBe(1)
  })

  test('remove asks in a dry run as well, and still shows the plan', async () => {
    await world.applied()
    lacking('arm-reader-only')
    const report = await world.remove({ 'dry-run': 'true' })
    expect(report.verdict.exitCode).toBe(1)
    expect(idsOf(report)).toContain('rights/azure')
    expect(report.plan?.delete).toBe(6)
  })

  test('one that is not known is a warning of a dry run, and no failure', async () => {
    world.twin.journal.forge({
      service: 'arm',
      method: 'GET',
      path: 'Microsoft.Authorization/permissions',
      forge: () => ({ status: 403, body: { error: { code: 'AuthorizationFailed', message: 'no' } } })
    })
    const report = await planned(NARROW)
    expect(report.verdict.exitCode).toBe(0)
    expect(report.findings.find(({ id }) => id === 'rights/not-known')).toMatchObject({ severity: 'warning' })
  })

  test('a service that is down hides nothing that the others say', async () => {
    lacking('rbac-readonly')
    world.twin.journal.forge({
      service: 'arm',
      method: 'GET',
      path: 'Microsoft.Authorization/permissions',
      forge: () => ({ status: 400, body: { error: { code: 'BadRequest', message: 'no' } } })
    })
    const ids = idsOf(await world.apply(NARROW))
    expect(ids).toEqual(expect.arrayContaining(['http/refused', 'rights/kubernetes']))
  })
})

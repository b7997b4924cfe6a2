/** The Argo CD half broken by hand: never green, and the right hop is named. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { setTimeout as sleep } from 'node:timers/promises'
import { startWorldUnderTest, type WorldUnderTest } from '../../sandbox/in-process.ts'
import { kindOf, type Kind } from '../../sandbox/kubernetes/objects.ts'

const ROLES = kindOf('rbac.authorization.k8s.io', 'roles') as Kind

let world: WorldUnderTest
beforeAll(async () => {
  world = await startWorldUnderTest()
})
afterAll(() => world.twin.close())
beforeEach(() => {
  world.twin.reset()
})

const SOON = { 'verification-timeout': '3' }

describe('after it worked, a check is not verified', () => {
  test.each([
    ['label-on-deployment-only', 'workload', /pod template label/],
    ['label-boolean-typo', 'workload', /pod template label/],
    ['pod-older-than-annotation', 'workload', /AZURE_CLIENT_ID/],
    ['one-replica-stale', 'workload', /AZURE_CLIENT_ID/],
    ['sa-annotation-object-id', 'workload', /annotation .*client-id/],
    ['skip-containers', 'workload', /tells the webhook to leave the container/],
    ['identity-binding', 'workload', /identity bindings/],
    ['env-set-by-hand', 'workload', /set by hand/],
    ['env-from-secret', 'workload', /AZURE_CLIENT_ID is set by hand/],
    ['client-secret-on-pod', 'workload', /AZURE_CLIENT_SECRET is set by hand/],
    ['client-secret-from-secret', 'argocd', /take variables from/],
    ['secret-project', 'connection', /is connected for project team-a only/],
    ['secret-flag-yes', 'connection', /useAzureWorkloadIdentity/],
    ['secret-duplicate-pat', 'connection', /Two Secrets/],
    ['secret-in-other-namespace', 'connection', /repository Secret/],
    ['secret-username-template', 'connection', /useAzureWorkloadIdentity is missing/],
    [
      'secret-deleted+template-pat-org',
      'connection',
      /credential template template-pat .* other credentials/
    ],
    ['secret-deleted+template-project-pat', 'connection', /credential template .* other credentials/]
  ])('%s: %s', async (defects, hop, what) => {
    await world.apply({ verification: 'none' })
    for (const defect of defects.split('+')) world.twin.defect(defect)
    await sleep(120)
    const report = await world.check(SOON)
    expect(report.outputs.verification).not.toBe('verified')
    const named = report.findings
      .filter(({ resource, verification }) => (resource ?? verification) === hop)
      .map((one) => one.summary)
    expect(named.join('\n')).toMatch(what)
  })
})

describe('a first apply is not verified', () => {
  test.each([
    ['argocd-controller-down', 'failed', /does not answer a refresh/],
    ['egress-entra-blocked', 'failed', /does not reach Entra or Azure DevOps/],
    ['egress-devops-blocked', 'failed', /does not reach Entra or Azure DevOps/],
    ['client-secret-from-secret', 'failed', /client secret in the environment/],
    ['project-denies-source', 'inconclusive', /AppProject default does not permit/],
    ['project-denies-destination', 'inconclusive', /does not take the destination/],
    ['in-cluster-disabled', 'inconclusive', /does not take the destination/],
    ['application-on-repository+project-denies-source', 'inconclusive', /AppProject default does not permit/]
  ])('%s: %s', async (defects, verification, what) => {
    for (const defect of defects.split('+')) world.twin.defect(defect)
    const report = await world.apply(SOON)
    expect(report.outputs.verification).toBe(verification)
    expect(report.verdict.exitCode).toBe(1)
    const named = report.findings.filter((one) => one.verification === 'argocd').map((one) => one.summary)
    expect(named.join('\n')).toMatch(what)
    expect(report.verifications.access?.result).toBe('verified')
  })

  test('no right to create Applications is inconclusive, with the reason', async () => {
    await world.twin.bindDocumentedRole()
    const roles = world.twin.kubernetes.store.list(ROLES, 'argocd')
    for (const role of roles) {
      const rules = (role['rules'] as { resources: string[]; verbs: string[] }[]).map((rule) =>
        rule.resources.includes('applications') ? { ...rule, verbs: ['list', 'get'] } : rule
      )
      world.twin.kubernetes.store.update(ROLES, role, { ...role, rules })
    }
    const report = await world.apply({ 'argocd-namespace': 'argocd' })
    expect(report.outputs.verification).toBe('inconclusive')
    expect(report.outputs['verification-reason']).toMatch(/may not create Applications in argocd/)
    expect(report.verdict.exitCode).toBe(1)
  })
})

/** What Azure and Azure DevOps refuse to those who have every right: told once, with the way out, and not tried again. */
import { beforeEach, describe, expect, test } from '@jest/globals'
import { useWorld } from '../world.ts'
import { wordsOf, type Inputs } from '../../sandbox/in-process.ts'
import type { ResourceKind } from '../../src/core/finding-titles.ts'
import type { Report } from '../../src/report/report.ts'

const world = useWorld()
beforeEach(() => {
  world.printed.length = 0
})

const problemOf = ({ findings }: Report, kind: ResourceKind) =>
  findings.find(({ severity, resource }) => severity === 'error' && resource === kind)
const resourceOf = ({ resources }: Report, kind: ResourceKind) =>
  resources.find(({ resource }) => resource === kind)
/** How often something was asked of ARM. */
const asked = (method: string, path: RegExp): number =>
  world.twin.journal.entries.filter(
    (one) => one.service === 'arm' && one.method === method && path.test(one.path)
  ).length
interface State {
  readonly identities: readonly { readonly tags: Readonly<Record<string, string>> }[]
}
const tags = () => (world.twin.state() as { azure: State }).azure.identities[0]?.tags

describe('a policy', () => {
  test('that wants a tag is named, and asked once; the input tags meets it', async () => {
    world.twin.defect('tag-required')
    const report = await world.apply()
    const problem = problemOf(report, 'identity')
    expect(problem).toMatchObject({
      code: 'RequestDisallowedByPolicy',
      summary:
        'An Azure Policy does not allow this: id-argocd-aks-gitops is disallowed by the policy "Require a costCenter tag" (tags[costCenter])',
      remedy: expect.stringContaining('with the input tags: costCenter=<value>')
    })
    expect(asked('PUT', /userAssignedIdentities\/[^/]+\?/)).toBe(1)
    expect((await world.apply({ tags: 'costCenter=4711' })).outputs.verification).toBe('verified')
    expect(tags()).toEqual({ costCenter: '4711', 'managed-by': 'patless' })
  })
})

describe('tags', () => {
  const IN = 'costCenter = 4711\nOwner=platform=team'

  test('are written with the identity, and drift of none', async () => {
    await world.apply({ tags: IN, verification: 'none' })
    expect(tags()).toEqual({ costCenter: '4711', Owner: 'platform=team', 'managed-by': 'patless' })
    expect((await world.check({ tags: IN, verification: 'none' })).outputs.drift).toBe('false')
  })

  test('a missing or another one is a difference; those of others stay, whatever they are', async () => {
    await world.apply({ verification: 'none' })
    world.twin.defect('identity-tagged')
    const checked = await world.check({ tags: IN, verification: 'none' })
    expect(resourceOf(checked, 'identity')?.differences).toEqual([
      { field: 'tag costCenter', expected: '4711', actual: '0815' },
      { field: 'tag Owner', expected: 'platform=team', actual: undefined }
    ])
    expect(wordsOf(await world.apply({ tags: IN, verification: 'none' })).identity).toBe('updated')
    // Azure tells no names apart by their case: the one that was there is written anew.
    expect(tags()).toEqual({
      'managed-by': 'patless',
      environment: 'production',
      costCenter: '4711',
      Owner: 'platform=team'
    })
    expect((await world.check({ verification: 'none' })).outputs.drift).toBe('false')
    expect((await world.check({ tags: IN, verification: 'none' })).outputs.drift).toBe('false')
  })

  test('of an identity that somebody else made are theirs', async () => {
    await world.apply({ verification: 'none' })
    world.twin.defect('identity-untagged')
    expect((await world.check({ tags: IN, verification: 'none' })).outputs.drift).toBe('false')
    await world.apply({ tags: IN, verification: 'none' })
    expect(tags()).toEqual({ team: 'platform' })
  })
})

describe('a lock', () => {
  test('on the resource group stops the first write, which is not tried again', async () => {
    world.twin.defect('group-locked')
    // The lock keeps the cluster's own kubeconfig as well.
    const report = await world.apply({ kubeconfig: world.twin.environment['KUBECONFIG'] ?? '' })
    expect(problemOf(report, 'identity')).toMatchObject({
      code: 'ScopeLocked',
      summary: expect.stringMatching(
        /^A lock in Azure does not allow this: no write, because this is locked: \/subscriptions/
      ),
      command: 'az lock list -g rg-gitops --output table'
    })
    expect(asked('PUT', /userAssignedIdentities\/[^/]+\?/)).toBe(1)
  })

  test('on the identity stops its credentials', async () => {
    await world.apply({ verification: 'none' })
    world.twin.defect('credential-deleted')
    world.twin.defect('identity-locked')
    world.twin.journal.clear()
    const report = await world.apply()
    expect(problemOf(report, 'federated-credential')?.code).toBe('ScopeLocked')
    expect(asked('PUT', /federatedIdentityCredentials/)).toBe(1)
  })

  test('against deletion stops remove, which says what it left', async () => {
    await world.apply({ verification: 'none' })
    world.twin.defect('group-delete-locked')
    world.twin.journal.clear()
    const report = await world.run({ mode: 'remove' })
    expect(problemOf(report, 'federated-credential')).toMatchObject({
      code: 'ScopeLocked',
      summary: expect.stringContaining('no delete, because this is locked')
    })
    expect(asked('DELETE', /federatedIdentityCredentials/)).toBe(1)
    expect(wordsOf(report).identity).toBe('skipped')
    expect(resourceOf(await world.check({ verification: 'none' }), 'identity')?.result).toBe('unchanged')
  })

  test('that is read-only keeps the kubeconfig, also from a check', async () => {
    await world.apply({ verification: 'none' })
    world.twin.defect('group-locked')
    const report = await world.check()
    expect(problemOf(report, 'argocd')).toMatchObject({
      code: 'ScopeLocked',
      remedy: expect.stringContaining('set kubeconfig')
    })
  })
})

describe('a provider that is not registered', () => {
  test('has no extension: Argo CD of another kind is found all the same', async () => {
    world.twin.defect('provider-unregistered')
    expect((await world.apply()).outputs.verification).toBe('verified')
    const asked = await world.check({ 'argocd-configuration': 'extension', verification: 'none' })
    expect(problemOf(asked, 'argocd')?.code).toBeUndefined()
    expect(JSON.stringify(asked)).not.toContain('MissingSubscriptionRegistration')
  })

  test('is shown by a dry run, and registered before the extension is installed', async () => {
    for (const defect of ['argocd-absent', 'provider-unregistered', 'small-cluster'])
      world.twin.defect(defect)
    const inputs = { 'argocd-configuration': 'extension', verification: 'none' }
    const dry = await world.apply({ ...inputs, 'dry-run': 'true' })
    expect(resourceOf(dry, 'argocd')?.differences).toEqual([
      {
        field: 'resource provider Microsoft.KubernetesConfiguration',
        expected: 'Registered',
        actual: 'NotRegistered'
      },
      { field: 'AKS extension', expected: 'Microsoft.ArgoCD', actual: undefined }
    ])
    world.twin.journal.clear()
    expect(wordsOf(await world.apply(inputs)).argocd).toBe('created')
    expect(asked('POST', /Microsoft\.KubernetesConfiguration\/register/)).toBeGreaterThan(0)
    // Its state is what the next try says: that needs no right to read providers.
    expect(asked('GET', /\/providers\/Microsoft\.KubernetesConfiguration\?/)).toBe(0)
  })
})

describe('an API server that is out of reach', () => {
  const limited = async (defects: readonly string[], inputs: Inputs = {}): Promise<Report> => {
    for (const defect of defects) world.twin.defect(defect)
    return world.check({ verification: 'none', 'cluster-access': 'direct', ...inputs })
  }

  test('of a private cluster: reported at once, with the choice', async () => {
    const report = await limited(['private-cluster', 'api-server-unreachable'])
    expect(problemOf(report, 'argocd')).toMatchObject({
      summary:
        'The API server of aks-gitops at localhost:9 gives no answer: the cluster is private, and its API server has an address in its own network only.',
      remedy: expect.stringContaining('self-hosted runner')
    })
    expect(world.printed.join('\n')).not.toContain('Trying again')
  })

  test('of authorized ranges: reported at once, with the command', async () => {
    const report = await limited(['authorized-ranges', 'api-server-unreachable'])
    expect(problemOf(report, 'argocd')).toMatchObject({
      expected: 'a runner with an address in 203.0.113.0/24',
      command: expect.stringContaining(
        "az aks update -g rg-gitops -n aks-gitops --api-server-authorized-ip-ranges '203.0.113.0/24,<address of the runner>'"
      )
    })
    expect(world.printed.join('\n')).not.toContain('Trying again')
  })

  test.each(['private-cluster', 'authorized-ranges'])(
    '%s, from a runner that reaches it, behaves like any other',
    async (defect) => {
      world.twin.defect(defect)
      expect((await world.apply()).outputs.verification).toBe('verified')
    }
  )

  test('what answered once is in reach: a hiccup later is tried again', async () => {
    world.twin.defect('private-cluster')
    world.twin.journal.order({
      service: 'kubernetes',
      method: 'GET',
      path: '/secrets',
      kind: 'reset',
      times: 1
    })
    const report = await world.check({ verification: 'none' })
    expect(wordsOf(report).connection).toBe('missing')
    expect(world.printed.join('\n')).toContain('Trying again')
  })
})

describe('members', () => {
  const CASES: readonly (readonly [defect: string, summary: RegExp, remedy: RegExp])[] = [
    ['entitlement-no-licence', /no Basic license left/, /buy one more Basic/],
    [
      'entitlement-guests-off',
      /policy of the organization does not let the identity in/,
      /External guest access/
    ],
    ['entitlement-other-tenant', /does not find the identity in the tenant/, /Microsoft Entra/]
  ]
  test.each(CASES)('%s: in its own words, and once', async (defect, what, remedy) => {
    world.twin.defect(defect)
    const report = await world.apply()
    const problem = problemOf(report, 'entitlement')
    expect(problem?.summary).toMatch(what)
    expect([problem?.remedy, problem?.command].join(' ')).toMatch(remedy)
    const posts = world.twin.journal.entries.filter(
      ({ method, path }) => method === 'POST' && /entitlements/.test(path)
    )
    expect(posts).toHaveLength(1)
  })

  test('one that is there already, says the write, is looked for again', async () => {
    await world.apply({ verification: 'none' })
    world.twin.defect('entitlement-there-already')
    // The list does not know of it yet.
    world.twin.journal.forge({
      service: 'graph',
      path: 'serviceprincipals',
      times: 2,
      forge: () => ({ status: 200, body: { count: 0, value: [] } })
    })
    const report = await world.apply({ verification: 'none' })
    expect(report.findings.filter(({ severity }) => severity === 'error')).toEqual([])
    expect(resourceOf(report, 'entitlement')?.result).toBe('created')
  })

  test('no administrator by the question, but by the write: a warning, and all goes well', async () => {
    world.twin.defect('devops-permissions-deaf')
    const report = await world.apply()
    expect(report.outputs).toMatchObject({ changed: 'true', verification: 'verified' })
    expect(report.findings.filter(({ severity }) => severity === 'warning')).toMatchObject([
      { summary: expect.stringContaining('Azure DevOps says that the login may not add members') }
    ])
    expect(world.printed.join('\n')).toContain('Project Collection Administrators > Members > Add')
  })

  test('no administrator: the refusal of the write itself, after the warning', async () => {
    world.twin.defect('devops-not-admin')
    const report = await world.apply()
    expect(report.verdict.exitCode).toBe(1)
    expect(problemOf(report, 'entitlement')?.summary).toMatch(
      /is missing a permission in Azure DevOps: .*Add Users/
    )
    expect(report.findings.filter(({ severity }) => severity === 'warning')).toHaveLength(1)
  })
})

test('an operation that cannot be read fails as the resource does', async () => {
  world.twin.defect('extension-install')
  world.twin.defect('arm-no-operations')
  const report = await world.apply({ verification: 'none' })
  expect(report.findings.filter(({ severity }) => severity === 'error')).toEqual([])
  expect(world.printed.join('\n')).toMatch(
    /extensions\/operations\/read.* The state of the resource itself is read instead\./
  )
})

/** A query in the file of targets: Azure Resource Graph says which clusters there are; defaults and overrides stay in the file. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { addCluster, type NewCluster } from '../../sandbox/azure/further-clusters.ts'
import { IDS } from '../../sandbox/azure/state.ts'
import type { Report } from '../../src/report/report.ts'
import { useWorld } from '../world.ts'
import { useTargetFiles } from './files.ts'
import { folderOf, reportFor } from './reports.ts'

const world = useWorld()
const write = useTargetFiles()
const NOTHING = { cluster: '', 'resource-group': '', 'repository-url': '', 'subscription-id': '' }
const SECOND = '6c1f9e2d-8b47-4a30-9d5e-2f7a1c0b3e15'
const AKS = "type =~ 'microsoft.containerservice/managedclusters'"
const TAGGED = `Resources | where ${AKS} and tags.argocd == 'yes'`

function add(name: string, more: Partial<NewCluster> = {}): void {
  world.twin.azure.change((state) => {
    const place = { subscriptionId: IDS.subscriptionId, resourceGroup: 'rg-north' }
    addCluster(state, { kind: 'managed', name, ...place, tags: { argocd: 'yes' }, ...more })
  })
}
beforeEach(() => {
  add('aks-b')
  add('aks-a', { subscriptionId: SECOND, resourceGroup: 'rg-production' })
  add('aks-untagged', { tags: {} })
})

function fileOf(query: string, more = ''): string {
  return write(`
query: |
  ${query}
defaults:
  repository-url: https://dev.azure.com/contoso/shop/_git/app
  access: repository
${more}`)
}
const plan = (targets: string, inputs = {}): Promise<Report> =>
  world.run({ ...NOTHING, mode: 'plan', targets, ...inputs })
const namesOf = ({ fleet }: Report): string[] => fleet?.targets.map(({ name }) => name) ?? []
const queries = () => world.twin.journal.entries.filter(({ path }) => path.includes('ResourceGraph'))

test('every cluster that it finds is a target, in each subscription that the login may read', async () => {
  const report = await plan(fileOf(TAGGED))
  expect(namesOf(report).toSorted()).toEqual(['aks-a', 'aks-b'])
  expect(report.verdict.exitCode).toBe(0)
  expect(world.printed.join('\n')).toMatch(/2 clusters, by the query of/)
})

test('needs the role Reader only, and finds only what it covers', async () => {
  const scope = `/subscriptions/${SECOND}/resourceGroups/rg-production`
  world.twin.azure.assign([{ scope, actions: ['*/read'] }])
  expect(namesOf(await plan(fileOf(TAGGED)))).toEqual(['aks-a'])
})

test('a target of the file says what is different for one cluster; another one is one more', async () => {
  const more = `
targets:
  - name: production
    cluster: aks-a
    repository-url: https://dev.azure.com/fabrikam/bank/_git/ledger
  - cluster: aks-elsewhere
    resource-group: rg-x`
  const report = await plan(fileOf(TAGGED, more))
  expect(report.fleet?.targets).toMatchObject([
    { name: 'production', cluster: 'aks-a', organizations: ['fabrikam'] },
    { name: 'aks-b', cluster: 'aks-b', organizations: ['contoso'] },
    { name: 'aks-elsewhere' }
  ])
})

test('shared identities are for them, too, and a new cluster moves nobody', async () => {
  const shared = `
  identity-name: id-fleet
  identity-resource-group: rg-identities
identities: 5`
  const identityOf = ({ fleet }: Report): Map<string, string> =>
    new Map(fleet?.targets.map(({ name, identity }) => [name, identity]))
  const before = identityOf(await plan(fileOf(TAGGED, shared)))
  add('aks-0')
  const after = identityOf(await plan(fileOf(TAGGED, shared)))
  expect([...before].every(([name, identity]) => after.get(name) === identity)).toBe(true)
  expect(after.get('aks-0')).toMatch(/^id-fleet-[1-5]$/)
})

test('apply and check of one that it found, as with any other target', async () => {
  const { cluster, repositoryUrl } = world.twin.azure.ids
  const query = `Resources | where ${AKS} and name in~ ('${cluster}', 'aks-b') and isnotempty(location)`
  const file = write(`
query: "${query}"
defaults: { repository-url: '${repositoryUrl}', verification: access }
`)
  const planned = await plan(file)
  const [, target = ''] = /"target":"(aks-gitops@[0-9a-f]+)"/.exec(planned.outputs.matrix) ?? []
  expect(await world.apply({ ...NOTHING, targets: file, target })).toMatchObject({ verdict: { exitCode: 0 } })
  expect(await world.check({ ...NOTHING, targets: file, target })).toMatchObject({
    outputs: { drift: 'false', verification: 'verified' }
  })
})

describe('between plan and job', () => {
  const targetsOf = ({ outputs }: Report): string[] =>
    (JSON.parse(outputs.matrix) as { include: { target: string }[] }).include.map(({ target }) => target)
  let file: string
  let planned: string[]
  beforeEach(async () => {
    file = fileOf(TAGGED)
    planned = targetsOf(await plan(file))
    world.twin.journal.clear()
  })
  const job = (index: number): Promise<Report> =>
    world.apply({ ...NOTHING, targets: file, target: planned[index] ?? '' })

  test('a cluster is gone, or has lost its tag: its job says so, and writes nothing', async () => {
    world.twin.azure.change(({ furtherClusters }) => {
      furtherClusters.shift()
    })
    await expect(job(1)).rejects.toThrow(/The query of \S+ no longer finds aks-b: its cluster is gone/)
    await expect(job(0)).rejects.toThrow(/what its query finds, is not what was planned/)
    expect(world.writes()).toEqual([])
  })

  test('another one came: the plan is no longer that of all', async () => {
    add('aks-c')
    await expect(job(0)).rejects.toThrow(/what its query finds, is not what was planned/)
    expect(world.writes()).toEqual([])
  })
})

describe('what cannot be a fleet is one error, with the remedy', () => {
  test('a tag that matches nothing', async () => {
    const report = await plan(fileOf(`Resources | where ${AKS} and tags.argocd == 'no'`))
    expect(report.verdict.exitCode).toBe(1)
    expect(report.outputs.matrix).toBe('')
    expect(report.findings).toMatchObject([
      {
        id: 'fleet/query-empty',
        summary: expect.stringMatching(/The query in line 2 of \S+ finds no cluster\./),
        remedy: expect.stringContaining('Reader')
      }
    ])
  })

  test.each([
    ['Resources | where type = 5', /mismatched input '='|token recognition error at: '='/],
    [`Resources | where ${AKS} | summarize count() by location`, /mismatched input 'summarize'/],
    [`Resources | where ${AKS} | project name`, /Failed to resolve scalar expression named 'id'/],
    ['Clusters | take 5', /Table Clusters was not found/]
  ])('a query that Resource Graph refuses: %s', async (query, reason) => {
    for (const run of [plan(fileOf(query)), world.apply({ ...NOTHING, targets: fileOf(query) })]) {
      const report = await run
      expect(report.verdict.exitCode).toBe(1)
      expect(report.findings).toMatchObject([
        { id: 'fleet/query-refused', summary: expect.stringMatching(reason), code: 'BadRequest' }
      ])
    }
    expect(world.writes()).toEqual([])
  })

  test('something that is no cluster', async () => {
    await world.apply({ verification: 'none' })
    const file = fileOf("Resources | where name !~ 'x'")
    await expect(plan(file)).rejects.toThrow(
      /:2: The query finds \/subscriptions\/\S+userAssignedIdentities\/id-argocd-aks-gitops, which is neither an AKS cluster/
    )
  })

  test('two clusters of one name have different names in the file', async () => {
    add('aks-b', { resourceGroup: 'rg-south' })
    await expect(plan(fileOf(TAGGED))).rejects.toThrow(/The target aks-b is there twice/)
    await expect(plan(fileOf(TAGGED, 'targets:\n  - {name: b, cluster: aks-b}'))).rejects.toThrow(
      /The query finds several clusters with the name aks-b\. Give the resource id/
    )
    const id = `/subscriptions/${IDS.subscriptionId}/resourceGroups/RG-South/providers/Microsoft.ContainerService/managedClusters/aks-b`
    const named = await plan(fileOf(TAGGED, `targets:\n  - {name: south, cluster: ${id}}`))
    expect(namesOf(named).toSorted()).toEqual(['aks-a', 'aks-b', 'south'])
  })

  test('an empty, an endless and an unexpanded query: before the first request', async () => {
    world.twin.journal.clear()
    await expect(plan(write('query: \n'))).rejects.toThrow(/:1: The query is not a text/)
    await expect(plan(write('query: [a]\n'))).rejects.toThrow(/:1: The query is not a text/)
    await expect(plan(write(`query: ${'x'.repeat(10_001)}\n`))).rejects.toThrow(/longer than 10000/)
    await expect(plan(write('query: $(clusters)\n'))).rejects.toThrow(/was never expanded/)
    await expect(plan(fileOf(TAGGED), { 'tenant-id': '' })).rejects.toThrow(/tenant-id: client-id is given/)
    expect(world.twin.journal.entries).toEqual([])
  })

  test('a login that is refused', async () => {
    const report = await plan(fileOf(TAGGED), { 'client-id': '00000000-0000-0000-0000-000000000001' })
    expect(report.verdict.exitCode).toBe(1)
    expect(report.findings.map(({ id }) => id)).toEqual([expect.stringMatching(/^login\//)])
    expect(queries()).toEqual([])
  })
})

test('two thousand clusters come in pages, of one query each', async () => {
  for (let nth = 0; nth < 2_000; nth += 1) add(`aks-${nth}`, { tags: { size: 'many' } })
  world.twin.journal.clear()
  const report = await plan(fileOf(`Resources | where ${AKS} and tags['size'] == 'many'`))
  expect(report.fleet?.targets).toHaveLength(2_000)
  expect(queries()).toHaveLength(2)
})

describe('an answer that is not as documented is refused: nobody guesses which clusters there are', () => {
  const ID = `/subscriptions/${SECOND}/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks`
  afterEach(() => {
    world.twin.journal.calm()
  })
  const forge = (
    body: object,
    status = 200,
    headers: Record<string, string> = {},
    times = Infinity
  ): void => {
    let left = times
    world.twin.journal.forge({
      method: 'POST',
      path: 'ResourceGraph',
      async forge(_call, real) {
        left -= 1
        return left < 0 ? real() : { status, headers, body }
      }
    })
  }

  test.each<[string, object, RegExp]>([
    [
      'a part of the list, without a way to the rest',
      { data: [{ id: ID }], resultTruncated: 'true' },
      /only a part/
    ],
    ['pages without end', { data: [{ id: ID }], $skipToken: 'again' }, /does not end/],
    ['a row without id', { data: [{ id: ID }, { name: 'aks' }] }, /data\.1\.id/],
    ['an id that is a number', { data: [{ id: 7 }] }, /data\.0\.id/],
    ['an endless id', { data: [{ id: `/${'x'.repeat(2_000)}` }] }, /data\.0\.id/],
    ['an endless token', { data: [], $skipToken: 'x'.repeat(9_000) }, /skipToken/],
    ['a table', { data: { columns: [], rows: [] } }, /data/],
    ['nothing', {}, /data/]
  ])('%s', async (_name, body, reason) => {
    forge(body)
    const report = await plan(fileOf(TAGGED))
    expect(report.findings).toMatchObject([
      { id: 'http/unexpected-reply', summary: expect.stringMatching(reason) }
    ])
    expect(report.outputs.matrix).toBe('')
  })

  test('an id that leads elsewhere, or speaks to the log', async () => {
    const id = `${ID}/../../x\n::add-mask::y`
    forge({ data: [{ id }] })
    await expect(plan(fileOf(TAGGED))).rejects.toThrow(
      /The query finds [^\n]* which is neither an AKS cluster/
    )
    expect(world.printed.join('\n')).not.toMatch(/^::add-mask/m)
  })

  test('one cluster twice, in two spellings, is one target', async () => {
    forge({ data: [{ id: ID }, { id: ID.toLowerCase() }] })
    expect(namesOf(await plan(fileOf(TAGGED)))).toEqual(['aks'])
  })

  test('a quota that is used up is waited for, as long as the service says', async () => {
    const error = { code: 'RateLimiting', message: 'Please provide below info', details: [] }
    forge({ error }, 429, { 'x-ms-user-quota-resets-after': '00:00:01' }, 1)
    expect(namesOf(await plan(fileOf(TAGGED)))).toHaveLength(2)
    expect(world.printed.join('\n')).toMatch(/RateLimiting.*Trying again in 1\.0 s/)
  })
})

describe('summarize', () => {
  let file: string
  let planned: Report
  let run: Report
  beforeEach(async () => {
    file = fileOf(TAGGED)
    planned = await plan(file)
    run = await world.check({ verification: 'none' })
    world.twin.journal.clear()
  })
  const summarize = (reports: string): Promise<Report> =>
    world.run({ ...NOTHING, mode: 'summarize', reports, targets: file })
  const own = (name: string): Report => {
    const { plan: digest = '' } = planned.target
    return reportFor({ ...run, target: { ...run.target, plan: digest } }, name)
  }

  test('knows the targets from the report of the plan, without a login', async () => {
    const report = await summarize(folderOf({ plan: planned, b: own('aks-b') }))
    expect(report.findings.filter(({ severity }) => severity === 'error').map(({ id }) => id)).toContain(
      'fleet/target-not-reported'
    )
    expect(report.silent).toEqual(['aks-a'])
    expect(world.twin.journal.entries).toEqual([])
  })

  test('says what is missing when the plan did not leave its report', async () => {
    const report = await summarize(folderOf({ b: own('aks-b') }))
    expect(report.findings).toContainEqual(
      expect.objectContaining({
        id: 'fleet/plan-unknown',
        summary: expect.stringContaining('are made by its query'),
        remedy: expect.stringMatching(/mode.*plan/)
      })
    )
  })

  test('counts the newest plan, and names what is of another', async () => {
    const older = {
      ...planned,
      startedAt: '2020-01-01T00:00:00.000Z',
      target: { ...planned.target, plan: 'f'.repeat(16) }
    }
    const report = await summarize(
      folderOf({ older, plan: planned, a: own('aks-a'), b: own('aks-b'), c: own('aks-c') })
    )
    expect(report.silent).toEqual([])
    expect(report.findings.map(({ id, summary }) => [id, summary])).toContainEqual([
      'fleet/report-of-another-plan',
      expect.stringMatching(/has no target aks-c/)
    ])
  })
})

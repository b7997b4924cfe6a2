/** Charts: the same identity reads from container registries, and Argo CD knows that it does. */
import { describe, expect, test } from '@jest/globals'
import { IDS } from '../../sandbox/azure/state.ts'
import { wordsOf } from '../../sandbox/in-process.ts'
import { useWorld } from '../world.ts'
import { CHARTS, HOST, QUICK, rolesOf, secretsOf, textOf } from './charts.ts'

const world = useWorld()
const PULL = '7f951dda-4ed3-4680-a7ca-43fe172d538d'

describe('a registry in the inputs', () => {
  test('gets the role, is read, and is connected; then there is nothing to do', async () => {
    const first = await world.apply(CHARTS)
    expect(first.findings).toEqual([])
    expect(first.verdict.summary).toBe('Changed, verified.')
    expect(wordsOf(first)).toMatchObject({ registry: 'created', charts: 'created' })
    expect(first.verifications.charts).toMatchObject({ result: 'verified' })
    expect(first.repositories.at(-1)).toEqual({
      url: `${HOST}/charts`,
      verifications: { charts: { result: 'verified' } }
    })
    expect(rolesOf(world)).toEqual([`${PULL} on contosocharts`])
    const [secret] = secretsOf(world, `${HOST}/charts`)
    expect(textOf(secret?.data)).toEqual({
      type: 'helm',
      url: `${HOST}/charts`,
      enableOCI: 'true',
      useAzureWorkloadIdentity: 'true'
    })
    expect(secret?.metadata.labels).toEqual({
      'argocd.argoproj.io/secret-type': 'repository',
      'app.kubernetes.io/managed-by': 'patless'
    })
    const again = await world.check(CHARTS)
    expect(again.verdict).toMatchObject({ exitCode: 0, summary: 'In order, no drift, verified.' })
    world.twin.journal.clear()
    await world.apply(QUICK)
    expect(world.writes()).toEqual([])
  })

  test('is connected only after it was read, and not at all where it cannot be', async () => {
    await world.applied()
    world.twin.journal.clear()
    await world.apply(QUICK)
    const { entries } = world.twin.journal
    const read = entries.findIndex(({ method, service }) => service === 'registry' && method === 'HEAD')
    const connected = entries.findIndex(({ method, path }) => method === 'POST' && path.includes('/secrets'))
    expect(read).toBeGreaterThan(-1)
    expect(connected).toBeGreaterThan(read)
    const report = await world.apply({ ...QUICK, registries: `${HOST}/other/app:9.9.9` })
    expect(report.verdict.exitCode).toBe(1)
    expect(report.findings.map(({ id }) => id)).toContain('registry/chart-missing')
    expect(secretsOf(world, `${HOST}/other`)).toEqual([])
  })

  test('several repositories of one registry have one role, and a Secret each', async () => {
    await world.applied()
    const registries = `${HOST}/charts/app:1.2.3\n${HOST}/charts/db:0.4.0+build.7\n${HOST}`
    const report = await world.apply({ registries, verification: 'access' })
    expect(report.verdict.summary).toBe('Changed, verified.')
    expect(rolesOf(world)).toHaveLength(1)
    expect([secretsOf(world, HOST), secretsOf(world, `${HOST}/charts`)].map(({ length }) => length)).toEqual([
      1, 1
    ])
  })

  test('a plan names the role and the Secret before the identity exists, and writes nothing', async () => {
    const report = await world.apply({ ...CHARTS, 'dry-run': 'true' })
    const steps = report.plan?.steps.filter(
      ({ resource }) => resource === 'registry' || resource === 'charts'
    )
    expect(steps).toMatchObject([
      { resource: 'registry', action: 'create', fields: [{ field: `AcrPull on ${HOST}` }] },
      { resource: 'charts', action: 'create', fields: [{ after: `${HOST}/charts` }] }
    ])
    expect(world.writes()).toEqual([])
  })

  test('a registry with a domain name label is found by its login server', async () => {
    await world.applied()
    const report = await world.apply({
      registries: 'contosolabel-b7f2h9abc.azurecr.io',
      verification: 'access'
    })
    expect(report.verdict.summary).toBe('Changed, verified.')
    expect(rolesOf(world)).toEqual([`${PULL} on contosolabel`])
  })

  test('by its id alone, a registry with a label has another login server than its name says', async () => {
    await world.applied()
    const id = `/subscriptions/${IDS.subscriptionId}/resourceGroups/${IDS.resourceGroup}/providers/Microsoft.ContainerRegistry/registries/contosolabel`
    const refused = await world.apply({ registries: id })
    expect(refused.findings).toMatchObject([
      { id: 'registry/other-login-server', expected: 'contosolabel-b7f2h9abc.azurecr.io' }
    ])
    const both = await world.apply({
      registries: `contosolabel-b7f2h9abc.azurecr.io ${id}`,
      verification: 'access'
    })
    expect(both.verdict.summary).toBe('Changed, verified.')
  })

  test('one that does not exist stops the run before its first write', async () => {
    const report = await world.apply({ registries: 'elsewhere.azurecr.io/charts' })
    expect(report.verdict.exitCode).toBe(1)
    expect(report.findings).toMatchObject([{ id: 'registry/not-found', severity: 'error' }])
    expect(world.writes()).toEqual([])
  })
})

describe('remove', () => {
  test('takes role and Secrets with the rest', async () => {
    await world.applied()
    await world.apply(QUICK)
    const report = await world.remove(CHARTS)
    expect(report.verdict.exitCode).toBe(0)
    expect(wordsOf(report)).toMatchObject({ registry: 'removed', charts: 'removed', identity: 'removed' })
    expect(rolesOf(world)).toEqual([])
    expect(secretsOf(world, `${HOST}/charts`)).toEqual([])
  })

  test('that does not name the registry keeps what reads from it, and says so', async () => {
    await world.applied()
    await world.apply(QUICK)
    const report = await world.remove()
    expect(wordsOf(report)).toMatchObject({ identity: 'skipped', connection: 'removed' })
    expect(report.resources.find(({ resource }) => resource === 'identity')?.summary).toContain(
      `${HOST}/charts`
    )
  })
})

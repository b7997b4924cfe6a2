/** The first answers of services that have not heard of a write yet are waited for, in whatever words they come. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { startWorldUnderTest, type WorldUnderTest } from '../../sandbox/in-process.ts'
import { IDS } from '../../sandbox/azure/state.ts'

let world: WorldUnderTest
beforeAll(async () => {
  world = await startWorldUnderTest({
    credential: 1_200,
    directory: 100,
    membership: 1_600,
    podStart: 20,
    extension: 20
  })
})
afterAll(() => world.twin.close())
afterEach(() => {
  world.twin.reset()
  world.printed.length = 0
})

const urlOf = (name: string, user = ''): string =>
  (world.twin.environment['SANDBOX_REPOSITORY_URL'] ?? '')
    .replace('https://', `https://${user}`)
    .replace(/[^/]+$/, name)

describe('a first apply', () => {
  test('with charts, whose registry has not heard of the role yet', async () => {
    const report = await world.apply({
      registries: 'contosocharts.azurecr.io/charts/app:1.2.3',
      verification: 'access'
    })
    expect(report.verdict.summary).toBe('Changed, verified.')
    const waited = world.printed.filter((line) => line.includes('Trying again')).join('\n')
    expect(waited).toContain('authentication required, visit https://aka.ms/acr/authorization')
  })

  test('with the URL that Azure Repos offers', async () => {
    const url = urlOf('app', `${IDS.organization}@`)
    const report = await world.apply({ 'repository-url': url })
    expect(report.findings.filter(({ severity }) => severity === 'error')).toEqual([])
    expect(report.outputs).toMatchObject({ verification: 'verified' })
    expect(report.repositories).toMatchObject([{ url, verifications: { argocd: { result: 'verified' } } }])
    const waited = world.printed.filter((line) => line.includes('Trying again')).join('\n')
    expect(waited).toContain('Entra knows no federated credential of the identity')
    expect(waited).toContain('Azure Repos does not accept the token')
  })

  test('whose git is sent to the page for signing in', async () => {
    world.twin.defect('git-redirects-fresh-members')
    const report = await world.apply()
    expect(report.outputs).toMatchObject({ verification: 'verified' })
    expect(world.printed.join('\n')).toMatch(/redirect to a sign-in page.*Trying again/)
  })

  test('by templates, of a URL with the user in other letters', async () => {
    const report = await world.apply({
      'repository-url': urlOf('infra', 'CONTOSO@'),
      connection: 'template'
    })
    expect(report.outputs).toMatchObject({ verification: 'verified' })
  })
})

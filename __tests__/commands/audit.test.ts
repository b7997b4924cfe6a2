/** `mode: audit` over a whole organization: what it finds, what it says about each, and that it only reads. */
import { describe, expect, test } from '@jest/globals'
import { makeOrganization, MUST_STAY, SECRET_COUNTS } from '../../sandbox/argocd/organization.ts'
import { kindOf, type Kind } from '../../sandbox/kubernetes/objects.ts'
import type { Report } from '../../src/report/report.ts'
import type { ReportedCredential } from '../../src/report/stored-credentials.ts'
import { useWorld } from '../world.ts'

const world = useWorld()

/** Nothing but what an audit needs: no repository, no rights in Azure DevOps. */
const audit = (inputs: Readonly<Record<string, string>> = {}): Promise<Report> =>
  world.run({ mode: 'audit', 'repository-url': '', ...inputs })
const named = ({ storedCredentials = [] }: Report, name: string): ReportedCredential => {
  const found = storedCredentials.find(({ object }) => object.name === name)
  if (!found) throw new Error(`${name} was not found`)
  return found
}

describe('an organization with forty Secrets', () => {
  test('all are found, with what each serves and whether it can go', async () => {
    world.twin.defect('argocd-controller-down')
    const { secrets } = makeOrganization(world.twin, 60)
    world.twin.journal.clear()
    const report = await audit()
    const found = report.storedCredentials ?? []
    expect(found.map(({ object }) => `${object.namespace}/${object.name}`).toSorted()).toEqual(
      secrets.toSorted()
    )
    expect(found).toHaveLength(Object.values(SECRET_COUNTS).reduce((sum: number, one) => sum + one, 0))
    expect(found.filter(({ verdict }) => verdict === 'must-wait')).toHaveLength(MUST_STAY)
    expect(report.verdict).toMatchObject({ exitCode: 2 })
    expect(report.outputs['stored-credentials']).toBe('40')
    expect(world.writes()).toEqual([])
    expect(world.twin.journal.entries.filter(({ service }) => service === 'devops')).toEqual([])
  })
})

test('no Argo CD is a failure: an empty audit would look like a clean one', async () => {
  world.twin.defect('argocd-absent')
  const report = await audit()
  expect(report.verdict.exitCode).toBe(1)
  expect(report.findings).toMatchObject([{ id: 'argocd/not-found', severity: 'error' }])
})

test('a cluster without stored credentials is in order', async () => {
  await world.applied()
  const report = await audit()
  expect(report.storedCredentials).toEqual([])
  expect(report.verdict).toEqual({ exitCode: 0, summary: 'No stored credential reaches Azure Repos.' })
})

test('a repository-url is refused: an audit looks at all of them', async () => {
  await expect(world.run({ mode: 'audit' })).rejects.toThrow(/repository-url: .*mode: audit does not use it/)
})

test('exceptions', async () => {
  world.twin.defect('secret-duplicate-pat')
  const { fingerprint } = named(await audit(), 'by-hand')
  expect(fingerprint).toMatch(/^[0-9a-f]{16}$/)
  const allowed = await audit({ allow: `${fingerprint} 2999-12-31 moves in spring` })
  expect(allowed.verdict.exitCode).toBe(0)
  expect(named(allowed, 'by-hand').allowed).toEqual({ until: '2999-12-31', reason: 'moves in spring' })
  const ended = await audit({ allow: `${fingerprint} 2020-02-29 moved last spring` })
  expect(ended.verdict.exitCode).toBe(2)
  expect(ended.findings.map(({ id, severity }) => [id, severity])).toContainEqual([
    'stored-credential/allow-ended',
    'warning'
  ])
})

describe('a check', () => {
  const SECRETS = kindOf('', 'secrets') as Kind
  const idsOf = ({ findings }: Report): string[] =>
    findings.filter(({ severity }) => severity !== 'note').map(({ id, severity }) => `${severity} ${id}`)
  const secret = (name: string, type: string, stringData: Readonly<Record<string, string>>): void => {
    const metadata = { name, labels: { 'argocd.argoproj.io/secret-type': type } }
    world.twin.kubernetes.store.create(SECRETS, 'argocd', {
      apiVersion: '',
      kind: 'Secret',
      metadata,
      stringData
    })
  }
  const own = (): string => world.twin.azure.ids.repositoryUrl

  test('warns of stored credentials of its repositories that are not its own connection', async () => {
    await world.applied()
    secret('hydrator', 'repository-write', { url: own(), password: 'a-token-of-the-hydrator' })
    secret('of-team-a', 'repository', { url: own(), project: 'team-a', password: 'a-token-of-team-a' })
    secret('elsewhere', 'repository', { url: `${own()}-2`, password: 'a-token-of-somebody' })
    const report = await world.check({ verification: 'access' })
    expect(idsOf(report)).toEqual(['warning stored-credential/repository', 'warning stored-credential/write'])
    expect(report.verdict.exitCode).toBe(0)
    const fingerprints = report.findings.flatMap(({ fingerprint }) => fingerprint ?? [])
    const allow = fingerprints.map((one) => `${one} 2999-12-31 known`).join('\n')
    expect(idsOf(await world.check({ verification: 'access', allow }))).toEqual([])
  })

  test('what beats its own connection is drift, and reported once', async () => {
    await world.applied()
    world.twin.defect('secret-password')
    const report = await world.check({ verification: 'access' })
    expect(report.verdict.exitCode).toBe(2)
    expect(idsOf(report)).toEqual(['error connection/stored-credentials'])
  })

  test('asks for no more than without them', async () => {
    await world.applied()
    const requests = async (inputs: Readonly<Record<string, string>>): Promise<string[]> => {
      world.twin.journal.clear()
      await world.run({ verification: 'none', ...inputs })
      return (
        world.twin.journal.entries
          .filter(({ path }) => /\/(?:secrets|applications|applicationsets)\b/.test(path))
          // A run that writes also looks for what a killed migration left.
          .filter(({ path }) => !path.includes('patless%2Fbackup'))
          .map(({ path }) => path.split('?')[0] ?? '')
          .toSorted()
      )
    }
    expect(await requests({ mode: 'check' })).toEqual(await requests({ mode: 'apply', 'dry-run': 'true' }))
  })
})

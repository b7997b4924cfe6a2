/** The federated credential: whom Entra trusts. */
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { nameFor } from '../../src/chain/federated-credential.ts'
import { useWorld } from '../world.ts'
import { describeDrift } from './cases.ts'

const world = useWorld()

describeDrift({ world, resource: 'federated-credential' }, [
  ['credential-subject-case', /subject/],
  ['credential-issuer-slash', /issuer/]
])

test('a recreated cluster keeps its credential, and only the issuer changes', async () => {
  await world.applied()
  await world.twin.kubernetes.recreate()
  const drift = await world.check()
  expect(drift.resources.find(({ resource }) => resource === 'federated-credential')).toMatchObject({
    result: 'drifted',
    differences: [{ field: 'issuer' }]
  })
  expect((await world.apply()).outputs).toMatchObject({ changed: 'true', verification: 'verified' })
  const { azure } = world.twin.state() as { azure: { identities: { credentials: unknown[] }[] } }
  expect(azure.identities[0]?.credentials).toHaveLength(1)
})

test('drift names the field, what was expected and what was found', async () => {
  await world.applied()
  world.twin.defect('credential-subject')
  const report = await world.check()
  expect(report.verdict.exitCode).toBe(2)
  expect(JSON.parse(report.outputs.differences)).toEqual([
    {
      resource: 'federated-credential',
      result: 'drifted',
      field: 'subject',
      expected: 'system:serviceaccount:argocd:argocd-repo-server',
      actual: 'system:serviceaccount:default:argocd-repo-server'
    }
  ])
  expect(report.findings[0]).toMatchObject({
    resource: 'federated-credential',
    remedy: expect.stringContaining('run with mode: apply')
  })
})

test('the twenty-first credential is refused with a way out', async () => {
  await world.applied()
  world.twin.defect('credentials-full')
  world.twin.defect('label-removed')
  world.twin.journal.clear()
  const report = await world.apply()
  expect(world.writes()).toEqual([])
  expect(report.findings.find(({ resource }) => resource === 'federated-credential')?.summary).toMatch(
    /20 federated credentials/
  )
})

describe('the name of a federated credential', () => {
  const subject = 'system:serviceaccount:argocd:argocd-repo-server'

  test('is stable for a cluster, and apart for clusters of one name', () => {
    const one = nameFor({ cluster: { id: '/subscriptions/a/aks', name: 'aks' }, subject })
    expect(nameFor({ cluster: { id: '/SUBSCRIPTIONS/a/aks', name: 'aks' }, subject })).toBe(one)
    expect(nameFor({ cluster: { id: '/subscriptions/b/aks', name: 'aks' }, subject })).not.toBe(one)
    expect(one).toMatch(/^argocd-aks-argocd-argocd-repo-server-[0-9a-f]{8}$/)
  })

  test('is one that Entra allows, whatever the cluster is called', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 200 }),
        fc.string({ maxLength: 200 }),
        (name, namespace) =>
          /^[a-zA-Z0-9][\w-]{2,119}$/.test(
            nameFor({ cluster: { id: undefined, name }, subject: `system:serviceaccount:${namespace}:x` })
          )
      )
    )
  })
})

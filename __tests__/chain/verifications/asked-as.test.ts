/** The access verification asks Entra with the client and the tenant of the pods: what Argo CD would send is what it sends. */
import { describe, expect, test } from '@jest/globals'
import type { V1Pod } from '@kubernetes/client-node'
import { askersIn, otherAsker } from '../../../src/chain/verifications/asked-as.ts'
import { kindOf, type Kind, type KubeObject } from '../../../sandbox/kubernetes/objects.ts'
import { useWorld } from '../../world.ts'

const OWN = {
  clientId: '00000000-0000-4000-8000-00000000000a',
  tenantId: '00000000-0000-4000-8000-00000000000b'
}
const FOREIGN = '00000000-0000-4000-8000-00000000cafe'
const NAME = 'argocd-repo-server'
const PODS = kindOf('', 'pods') as Kind

const pod = (variables: Readonly<Record<string, string>>, container = NAME): V1Pod => ({
  spec: {
    containers: [
      { name: 'before', env: [{ name: 'AZURE_CLIENT_ID', value: FOREIGN }] },
      { name: container, env: Object.entries(variables).map(([name, value]) => ({ name, value })) }
    ]
  }
})
const of = ({ clientId, tenantId }: typeof OWN): V1Pod =>
  pod({ AZURE_CLIENT_ID: clientId, AZURE_TENANT_ID: tenantId })

describe('who asks', () => {
  test('each pair once, and of the container that runs the repo-server', () => {
    expect(askersIn([of(OWN), of(OWN)], NAME)).toEqual([OWN])
    expect(askersIn([of(OWN), of({ ...OWN, clientId: FOREIGN })], NAME)).toHaveLength(2)
  })

  test.each([
    ['no variables', {}],
    ['half of them', { AZURE_CLIENT_ID: OWN.clientId }],
    ['empty ones', { AZURE_CLIENT_ID: '', AZURE_TENANT_ID: '' }],
    ['a name instead of an id', { AZURE_CLIENT_ID: 'id-argocd', AZURE_TENANT_ID: OWN.tenantId }],
    ['a path instead of a tenant', { AZURE_CLIENT_ID: OWN.clientId, AZURE_TENANT_ID: '../common' }]
  ])('%s: nobody that could be asked for', (_what, variables) => {
    expect(askersIn([pod(variables)], NAME)).toEqual([])
  })

  test('capitals make nobody else', () => {
    expect(otherAsker(OWN, [{ ...OWN, clientId: OWN.clientId.toUpperCase() }])).toBeUndefined()
    expect(otherAsker(OWN, [OWN, { ...OWN, tenantId: FOREIGN }])).toEqual({ ...OWN, tenantId: FOREIGN })
  })
})

describe('a check', () => {
  const world = useWorld()
  /** The pods as another webhook, or an older one, would have made them. */
  const podsWith = (variable: string, value: string): void => {
    const { store } = world.twin.kubernetes
    for (const one of store.list(PODS, 'argocd')) {
      const changed = structuredClone(one) as KubeObject & V1Pod
      for (const { env = [] } of changed.spec?.containers ?? [])
        for (const entry of env) if (entry.name === variable) entry.value = value
      store.update(PODS, one, changed)
    }
  }

  test.each([['AZURE_CLIENT_ID'], ['AZURE_TENANT_ID']])(
    'pods with another %s: their words are sent, the refusal is not waited out, and nothing is verified',
    async (variable) => {
      await world.applied()
      podsWith(variable, FOREIGN)
      world.twin.journal.clear()
      world.printed.length = 0
      const report = await world.check({ verification: 'access' })
      expect(world.printed.join('\n')).not.toContain('Trying again')
      expect(report.verifications.access).toMatchObject({ result: 'failed' })
      expect(report.outputs.verification).toBe('failed')
      expect(report.findings[0]).toMatchObject({ resource: 'workload' })
      const asked = world.twin.journal.entries.filter(({ path }) => path.includes('/oauth2/v2.0/token'))
      if (variable === 'AZURE_TENANT_ID') expect(asked.map(({ path }) => path).join()).toContain(FOREIGN)
    }
  )
})

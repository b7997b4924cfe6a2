/** Conditions of an Application, as they are read: bounded, and the code that decides is kept wherever it is. */
import { expect, test } from '@jest/globals'
import { useWorld } from '../world.ts'
import { kindOf, type Kind } from '../../sandbox/kubernetes/objects.ts'

const world = useWorld()
const APPLICATIONS = kindOf('argoproj.io', 'applications') as Kind
const BEGIN =
  'Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = '

test.each([
  ['AADSTS700213', 15_990],
  ['TF401019', 60_000],
  ['VS403463', 400_000]
])('%s after %i characters is the code of the finding', async (code, after) => {
  await world.applied()
  const message = `${BEGIN}failed to list refs: failed to get access token from creds: ${'x '.repeat(after / 2)}${code}: the reason`
  world.twin.defect('argocd-controller-down')
  world.twin.kubernetes.store.create(APPLICATIONS, 'argocd', {
    apiVersion: '',
    kind: 'Application',
    metadata: { name: 'late' },
    spec: {
      project: 'default',
      source: { repoURL: world.twin.azure.ids.repositoryUrl, path: '.', targetRevision: 'HEAD' },
      destination: { server: 'https://kubernetes.default.svc', namespace: 'default' }
    },
    status: { conditions: [{ type: 'ComparisonError', message }], reconciledAt: '2999-01-01T00:00:00Z' }
  })
  const report = await world.check({ 'verification-timeout': '1' })
  const text = JSON.stringify(report.findings)
  expect(text).toContain(code)
  expect(text.length).toBeLessThan(20_000)
  expect(report.outputs.verification).toBe('failed')
})

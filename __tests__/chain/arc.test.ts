/** A cluster that Azure Arc connects: issuer and features from ARM, Argo CD by a kubeconfig. */
import { describe, expect, test } from '@jest/globals'
import { CONNECTED_ID } from '../../sandbox/azure/connected-clusters.ts'
import type { Inputs } from '../../sandbox/in-process.ts'
import { InvalidInputs } from '../../src/config/inputs.ts'
import { parseInputs } from '../../src/config/parse.ts'
import { useWorld } from '../world.ts'

const world = useWorld()
const arc = (more: Inputs = {}): Inputs => ({
  cluster: CONNECTED_ID,
  kubeconfig: world.twin.environment['KUBECONFIG'] ?? '',
  ...more
})

test('the issuer comes from Azure Arc, and Argo CD reads', async () => {
  world.twin.defect('arc-cluster')
  const report = await world.apply(arc())
  expect(report.verdict.summary).toBe('Changed, verified.')
  expect(report.outputs['oidc-issuer-url']).toBe(world.twin.kubernetes.access.issuer)
  expect(report.outputs['identity-resource-id']).toContain('/id-argocd-arc-gitops')
  expect((await world.check(arc())).outputs).toMatchObject({ drift: 'false', verification: 'verified' })
  expect(world.twin.journal.entries.filter(({ path }) => /managedClusters/i.test(path))).toEqual([])
})

test('the extension on the connected cluster is configured', async () => {
  for (const defect of ['arc-cluster', 'extension-install']) world.twin.defect(defect)
  const report = await world.apply(arc({ verification: 'access' }))
  expect(report.verdict.summary).toBe('Changed, verified.')
  expect(world.writes().join('\n')).toMatch(
    /PATCH .*connectedClusters\/arc-gitops\/providers\/.*extensions\/argocd/i
  )
  expect((await world.check(arc({ verification: 'none' }))).outputs.drift).toBe('false')
})

test('features that are off are said with the command, and nothing is written', async () => {
  world.twin.defect('arc-features-off')
  const report = await world.apply(arc())
  expect(report.verdict.exitCode).toBe(1)
  const found = report.findings.filter(({ id }) => id === 'cluster/feature-off')
  expect(found.map(({ command }) => command)).toEqual([
    expect.stringContaining('az connectedk8s update -g rg-gitops -n arc-gitops --enable-oidc-issuer'),
    expect.stringContaining('--enable-workload-identity')
  ])
  expect(world.writes()).toEqual([])
})

test('a cluster that is not there is one error', async () => {
  const { findings } = await world.apply(arc())
  expect(findings).toContainEqual(expect.objectContaining({ id: 'cluster/not-found' }))
  expect(world.writes()).toEqual([])
})

test('an audit asks the cluster alone', async () => {
  world.twin.defect('arc-cluster')
  const report = await world.run(arc({ mode: 'audit', 'repository-url': '' }))
  expect(report.verdict.exitCode).toBe(0)
})

describe('inputs', () => {
  const faults = (inputs: Inputs): string[] => {
    try {
      parseInputs(new Map(Object.entries({ cluster: CONNECTED_ID, ...inputs })), {})
      return []
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidInputs)
      return (error as InvalidInputs).faults.map(({ input }) => input)
    }
  }
  const url = { 'repository-url': 'https://dev.azure.com/contoso/shop/_git/app' }

  test('Arc gives no way to the API server, and does not configure it', () => {
    expect(faults(url)).toEqual(['kubeconfig'])
    expect(faults({ mode: 'audit' })).toEqual(['kubeconfig'])
    expect(faults({ ...url, 'configure-cluster': 'true' })).toEqual(['kubeconfig', 'configure-cluster'])
  })
})

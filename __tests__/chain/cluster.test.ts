/** The cluster: its issuer and its workload identity, read, and turned on where that is asked for. */
import { expect, test } from '@jest/globals'
import { wordsOf } from '../../sandbox/in-process.ts'
import { useWorld } from '../world.ts'
import { describeBlocks, describeFailures } from './cases.ts'

const world = useWorld()
const cluster = { world, resource: 'cluster' } as const

describeFailures(cluster, [['cluster-deleted', /no AKS cluster aks-gitops/]])

describeBlocks(cluster, [
  ['issuer-disabled', /oidcIssuerProfile.enabled is off/, /configure-cluster: true/],
  ['workload-identity-disabled', /workloadIdentity.enabled is off/, /--enable-workload-identity/]
])

test('enables the issuer and workload identity when told to, and keeps every other field of the cluster', async () => {
  world.twin.defect('issuer-disabled')
  world.twin.defect('workload-identity-disabled')
  const report = await world.apply({ 'configure-cluster': 'true' })
  expect(wordsOf(report)).toMatchObject({ cluster: 'updated', identity: 'created' })
  expect(report.outputs.verification).toBe('verified')
  const { azure } = world.twin.state() as { azure: { cluster: { properties: Record<string, unknown> } } }
  expect(azure.cluster.properties).toMatchObject({
    aPropertyOfTomorrow: { kept: true },
    securityProfile: { workloadIdentity: { enabled: true }, imageCleaner: { intervalHours: 168 } }
  })
})

test('waits for a busy cluster before it writes it', async () => {
  world.twin.defect('issuer-disabled')
  world.twin.defect('cluster-busy')
  const report = await world.apply({ 'configure-cluster': 'true' })
  expect(wordsOf(report)).toMatchObject({ cluster: 'updated' })
}, 30_000)

test('a cluster given by its issuer and a kubeconfig needs no AKS', async () => {
  const report = await world.apply({
    'oidc-issuer-url': world.twin.kubernetes.access.issuer,
    kubeconfig: world.twin.environment['KUBECONFIG'] ?? '',
    'identity-resource-group': 'rg-gitops',
    location: 'West Europe'
  })
  expect(report.outputs.verification).toBe('verified')
  expect(world.twin.journal.entries.some(({ path }) => /managedClusters(\?|\/)/.test(path))).toBe(false)
})

test('a check of one without an issuer cannot say what the credential should be', async () => {
  await world.applied()
  world.twin.defect('issuer-disabled')
  const report = await world.check()
  expect(wordsOf(report)).toMatchObject({ cluster: 'drifted', 'federated-credential': 'unknown' })
  const credential = report.resources.find(({ resource }) => resource === 'federated-credential')
  expect(credential?.summary).toBe('depends on cluster')
})

/** Where a rule about the network of the pods ends, and which words of Argo CD and Azure count for it. */
import { describe, expect, test } from '@jest/globals'
import type { FindingId } from '../../src/core/finding-titles.ts'
import { arm, complaint, CONNECTIONS, NETWORK, POD, SECRET, WORKLOAD } from '../../src/diagnosis/examples.ts'
import { matches, said } from './decisions.ts'

const ENTRA: FindingId = 'network/entra-blocked'
const DEVOPS: FindingId = 'network/azure-devops-blocked'
const PROXY: FindingId = 'network/proxy-only-in-secret'

const denying = (...nothing: boolean[]) => ({
  ...NETWORK,
  egressPolicies: nothing.map((one, at) => ({ name: `policy-${at}`, nothing: one }))
})
const withEnvironment = (environment: Readonly<Record<string, string>>) => ({
  ...WORKLOAD,
  pods: [{ ...POD, environment: { ...POD.environment, ...environment } }]
})
const entra = (whole = 'dial tcp: i/o timeout') => ({
  ...{ complaint: complaint('reading', whole), network: NETWORK, workload: WORKLOAD }
})
const devops = { ...entra('Get "https://dev.azure.com/x/info/refs": i/o timeout') }

describe('a policy of the cluster that denies everything is the cause', () => {
  test.each([
    [[], true],
    [[false], true],
    [[false, true], false],
    [[true], false]
  ])('%j', (nothing, is) => {
    const network = denying(...nothing)
    expect(matches(ENTRA, { ...entra(), network })).toBe(is)
    expect(matches(DEVOPS, { ...devops, network })).toBe(is)
  })

  test('when it is the only one, or all of them do', () => {
    const { summary } = said('network/egress-denied', {
      network: denying(true, true),
      complaint: devops.complaint
    })
    expect(summary).toContain('policy-0, policy-1')
    expect(
      matches('network/egress-denied', { network: denying(true, false), complaint: devops.complaint })
    ).toBe(false)
  })
})

describe('a proxy in the pods', () => {
  test.each(['HTTPS_PROXY', 'https_proxy'])('%s: the token request went through it', (name) => {
    const workload = withEnvironment({ [name]: 'http://proxy:3128' })
    expect(matches(ENTRA, { ...entra(), workload })).toBe(false)
    const connections = {
      ...CONNECTIONS,
      secrets: [SECRET, { ...SECRET, name: 'through', proxy: 'http://p:1' }]
    }
    expect(matches(PROXY, { ...entra(), workload, connections })).toBe(false)
    const plain = said(PROXY, { ...entra(), connections })
    expect(plain.summary).toContain('The Secret through names')
    expect(matches(PROXY, { ...entra(), connections: CONNECTIONS })).toBe(false)
  })

  test('another variable is none', () => {
    expect(matches(ENTRA, { ...entra(), workload: withEnvironment({ HTTP_PROXY: 'x' }) })).toBe(true)
  })
})

test.each(['context deadline exceeded', 'DeadlineExceeded', 'no such host', 'connection refused'])(
  'no answer of Entra: %s',
  (whole) => {
    expect(matches(ENTRA, entra(whole))).toBe(true)
    const connections = { ...CONNECTIONS, secrets: [{ ...SECRET, proxy: 'http://p:1' }] }
    expect(matches(PROXY, { ...entra(whole), connections })).toBe(true)
    expect(matches('argocd/no-network', { complaint: complaint('reading', whole) })).toBe(true)
  }
)

describe('words of Argo CD', () => {
  test.each<[FindingId, 'reading' | 'application' | 'project', string, boolean]>([
    ['argocd/revision-missing', 'application', "unable to resolve 'main' to a commit SHA", true],
    [
      'argocd/remote-base-fails',
      'application',
      "`kustomize build x` failed: accumulating resources: accumulation err='accumulating resources from 'http://x': x",
      true
    ],
    [
      'argocd/remote-base-fails',
      'application',
      "`kustomize build x` failed: accumulating resources: accumulation err='accumulating resources from 'x': x",
      false
    ],
    ['argocd/project-forbids-repository', 'project', 'application repo https://x is not permitted', true],
    ['argocd/project-forbids-repository', 'project', 'destination: application repo https://x', false]
  ])('%s, %s: %s', (id, phase, whole, is) => {
    expect(matches(id, { complaint: complaint(phase, whole) })).toBe(is)
  })

  test('are shown from the number of the service on', () => {
    const far = `${'x'.repeat(400)} TF401019: gone`
    expect(said('argocd/cannot-read', { complaint: complaint('reading', far) }).summary).toMatch(
      /: … TF401019: gone$/
    )
  })
})

describe('words of Azure', () => {
  test('name the action whose role is missing', () => {
    const text =
      "does not have authorization to perform action 'Microsoft.ContainerService/managedClusters/write'"
    expect(said('azure/right-missing', { failure: arm('AuthorizationFailed', text) }).remedy).toContain(
      'docs/permissions/azure-role-configure-cluster.json'
    )
    expect(said('azure/right-missing', { failure: arm('AuthorizationFailed', 'no') }).remedy).toContain(
      'docs/permissions/azure-role.json'
    )
  })

  test('a server that fails is unavailable', () => {
    const failure = (status: number) => ({ ...arm(undefined, 'x', { status }), service: 'Entra' })
    expect(
      [499, 500, 503].map((status) => matches('entra/unavailable', { failure: failure(status) }))
    ).toEqual([false, true, true])
  })
})

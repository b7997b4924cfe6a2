/** The table of every token (docs/security.md), held against what the services of the twin were sent in whole runs. */
import { beforeEach, describe, expect, test } from '@jest/globals'
import {
  identityConnectionOf,
  runAzurePipelinesJob,
  runGitHubJob,
  serviceConnectionOf
} from '../../sandbox/job.ts'
import { AKS_SCOPE, AZURE_DEVOPS_SCOPE, endpointsOf } from '../../src/services/endpoints.ts'
import { useTwin } from '../twin.ts'

const twin = useTwin()

const audience = (scope: string): string => scope.replace('/.default', '')
const ARM = audience(endpointsOf('public', {}).armScope)
const DEVOPS = audience(AZURE_DEVOPS_SCOPE)
const AKS = audience(AKS_SCOPE)

/** Service → the tokens that the run sent to it. What was sent none is not in it. */
function sent(): Record<string, string[]> {
  const found = new Map<string, Set<string>>()
  for (const entry of twin.journal.entries.filter(({ by }) => by === undefined)) {
    const bearer = twin.journal.bearers.get(entry)
    if (bearer === undefined) continue
    const { service, path } = entry
    const to = service === 'oidc' ? `host ${path.split('?')[0] ?? ''}` : service
    found.set(to, (found.get(to) ?? new Set()).add(bearer))
  }
  return Object.fromEntries([...found].map(([service, tokens]) => [service, [...tokens].sort()]))
}

/** Only the host gets the token of the job, only git that of the identity, and Entra none but in its form. */
function expected(identity: string): Record<string, string[]> {
  const login = twin.azure.ids.deployerClientId
  return {
    arm: [`${ARM} as ${login}`],
    devops: [`${DEVOPS} as ${login}`],
    graph: [`${DEVOPS} as ${login}`],
    entitlements: [`${DEVOPS} as ${login}`],
    kubernetes: [`${AKS} as ${login}`],
    git: [`${DEVOPS} as ${identity}`]
  }
}

test('a GitHub job sends each token to its own service, and to no other', async () => {
  for (const mode of ['apply', 'check']) {
    twin.journal.clear()
    const job = await runGitHubJob({ environment: twin.environment, inputs: { mode } })
    expect(job.outputs['verification']).toBe('verified')
    expect(sent()).toEqual({ ...expected(job.outputs['client-id'] ?? ''), 'host /github/token': ['other'] })
  }
})

test('a registry gets its own tokens, and that of the identity in its form only', async () => {
  const inputs = { registries: 'contosocharts.azurecr.io/charts/app:1.2.3' }
  const job = await runGitHubJob({ environment: twin.environment, inputs })
  expect(job.outputs['verification']).toBe('verified')
  const { registry, ...others } = sent()
  expect(registry).toEqual([`contosocharts.azurecr.io as ${job.outputs['principal-id'] ?? ''}`])
  expect(others).toEqual({ ...expected(job.outputs['client-id'] ?? ''), 'host /github/token': ['other'] })
})

test('a job of Azure Pipelines does, too: System.AccessToken asks for the OIDC token and for nothing else', async () => {
  const { cluster, repositoryUrl } = twin.azure.ids
  const job = await runAzurePipelinesJob({
    environment: twin.places,
    inputs: { cluster, 'repository-url': repositoryUrl },
    connection: serviceConnectionOf(twin)
  })
  expect(job.outputs['verification']).toBe('verified')
  expect(sent()).toEqual({
    ...expected(job.outputs['clientId'] ?? ''),
    'host /devops/oidctoken': ['other']
  })
})

describe('with the identity in another tenant, each login has its own tokens', () => {
  /** ARM hears both; the cluster only the first login, the organization only the second. */
  const ofBoth = (identity: string): Record<string, string[]> => {
    const { deployerClientId: first, otherLoginClientId: second } = twin.azure.ids
    return {
      ...expected(identity),
      arm: [`${ARM} as ${first}`, `${ARM} as ${second}`].toSorted(),
      devops: [`${DEVOPS} as ${second}`],
      graph: [`${DEVOPS} as ${second}`],
      entitlements: [`${DEVOPS} as ${second}`]
    }
  }
  const place = () => ({ 'identity-resource-group': twin.azure.ids.otherResourceGroup })
  beforeEach(() => {
    twin.defect('two-tenants')
  })

  test('a GitHub job', async () => {
    const { otherTenantId, otherSubscriptionId, otherLoginClientId } = twin.azure.ids
    const inputs = {
      ...place(),
      'identity-tenant-id': otherTenantId,
      'identity-subscription-id': otherSubscriptionId,
      'identity-login-client-id': otherLoginClientId
    }
    const job = await runGitHubJob({ environment: twin.environment, inputs })
    expect(job.outputs['verification']).toBe('verified')
    expect(sent()).toEqual({ ...ofBoth(job.outputs['client-id'] ?? ''), 'host /github/token': ['other'] })
  })

  test('a job of Azure Pipelines, with a second service connection', async () => {
    const { cluster, repositoryUrl } = twin.azure.ids
    const job = await runAzurePipelinesJob({
      environment: twin.places,
      inputs: { ...place(), cluster, 'repository-url': repositoryUrl },
      connection: serviceConnectionOf(twin),
      identityConnection: identityConnectionOf(twin)
    })
    expect(job.outputs['verification']).toBe('verified')
    expect(job.stdout).toContain('identityTenantId')
    expect(sent()).toEqual({
      ...ofBoth(job.outputs['clientId'] ?? ''),
      'host /devops/oidctoken': ['other']
    })
  })
})

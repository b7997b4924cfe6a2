/** Common to the specifications of set-up: a person, and what the written workflow gives the action. */
import { expect } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { WorldUnderTest } from '../../sandbox/in-process.ts'
import { setUp, type Person, type Ran } from '../../sandbox/person.ts'
import type { Twin } from '../../sandbox/twin.ts'
import { camelCase, inputsFor } from '../../src/config/table.ts'

export const FILE = '.github/workflows/argocd-access.yml'
type Options = Readonly<Record<string, string>>

/** From a clone of contoso/platform, for the repository of the twin. */
export function optionsFor({ twin }: WorldUnderTest, more: Options = {}): Options {
  const { ids, github } = twin.azure
  return { 'repository-url': ids.repositoryUrl, issuer: github.issuer, yes: 'true', ...more }
}

/** Sets up, without an error or a warning. */
export async function done(world: WorldUnderTest, person: Person, more: Options = {}): Promise<Ran> {
  const ran = await setUp(person, optionsFor(world, more))
  expect(ran.log).not.toMatch(/ (?:error|warning) \w/)
  expect(ran.exitCode).toBe(0)
  return ran
}

/** @param step of the job: the one that applies and checks, or the one that audits */
export function inputsIn({ folder }: Person, step = 0): Record<string, string> {
  const { jobs } = parse(readFileSync(join(folder, FILE), 'utf8')) as {
    jobs: { access: { steps: { with: Record<string, string> }[] } }
  }
  const inputs = Object.entries(jobs.access.steps[step]?.with ?? {})
  // An expression of GitHub.
  return Object.fromEntries(inputs.filter(([name]) => name !== 'mode'))
}

/** The job of an agent for the written pipeline file, started by its push: its inputs, and the connection that it names. */
export function agentJobOf({ azure, places, state }: Twin, { folder }: Person) {
  const { ids, azurePipelines } = azure
  const { steps } = parse(readFileSync(join(folder, 'azure-pipelines/argocd-access.yml'), 'utf8')) as {
    steps: { task?: string; inputs?: Record<string, string> }[]
  }
  const {
    azureSubscription = '',
    identityServiceConnection: second,
    ...given
  } = steps.find(({ task }) => task === 'Patless@0')?.inputs ?? {}
  const names = new Map(inputsFor('azure-pipelines').map(({ name }) => [camelCase(name), name]))
  const inputs = Object.entries(given).map(([name, value]) => [
    names.get(name) ?? name,
    value === '$(mode)' ? 'apply' : value
  ])
  const { serviceEndpoints } = (state() as { azure: { serviceEndpoints: Endpoint[] } }).azure
  const connectionNamed = (wanted: string, tenantid: string, subscriptionid: string) => {
    const endpoint = serviceEndpoints.find(({ name }) => name === wanted)
    expect(endpoint).toBeDefined()
    return {
      id: endpoint?.id ?? '',
      authorization: {
        scheme: 'WorkloadIdentityFederation',
        parameters: { tenantid, serviceprincipalid: endpoint?.clientId ?? '' }
      },
      data: { subscriptionid, subscriptionname: 'GitOps', environment: 'AzureCloud' },
      oidcRequestUri: azurePipelines.oidcRequestUri,
      accessToken: azurePipelines.accessToken
    }
  }
  return {
    environment: places,
    inputs: Object.fromEntries(inputs) as Record<string, string>,
    connection: connectionNamed(azureSubscription, ids.tenantId, ids.subscriptionId),
    ...(second !== undefined && {
      identityConnection: connectionNamed(second, ids.otherTenantId, ids.otherSubscriptionId)
    })
  }
}

interface Endpoint {
  readonly id: string
  readonly name: string
  readonly clientId: string
}

/** The examples of Azure Pipelines as an agent runs them: the inputs of the file, with the variables of its matrix. */
import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { identityConnectionOf, runAzurePipelinesJob, serviceConnectionOf } from '../../sandbox/job.ts'
import { camelCase, inputsFor } from '../../src/config/table.ts'
import { useTwin } from '../twin.ts'

const twin = useTwin()

type Variables = Readonly<Record<string, string>>
interface Job {
  readonly strategy?: { readonly matrix: Readonly<Record<string, Variables>> }
  readonly steps: readonly { readonly task?: string; readonly inputs?: Variables }[]
}

/** The inputs of the task, by the names of the table. */
function inputsIn(path: string): Record<string, string> {
  const pipeline = parse(readFileSync(path, 'utf8')) as Job & { readonly jobs?: readonly Job[] }
  const { steps, strategy } = pipeline.jobs?.[0] ?? pipeline
  const [variables = {}] = Object.values(strategy?.matrix ?? {})
  const given = Object.entries(steps.find(({ task }) => task === 'Patless@0')?.inputs ?? {})
  const names = new Map(inputsFor('azure-pipelines').map(({ name }) => [camelCase(name), name]))
  return Object.fromEntries(
    given.flatMap(([name, value]) =>
      /^(?:azureSubscription|identityServiceConnection)$/.test(name)
        ? []
        : [
            [
              names.get(name) ?? name,
              value.replaceAll(/\$\((\w+)\)/g, (_all, one: string) => variables[one] ?? '')
            ]
          ]
    )
  )
}

test.each(['apply', 'many-clusters', 'many-clusters-shared'])(
  '%s.yml builds and verifies the chain',
  async (name) => {
    const inputs = inputsIn(`examples/azure-pipelines/${name}.yml`)
    const { outputs, exitCode } = await runAzurePipelinesJob({
      environment: twin.places,
      // The twin has one resource group, and other addresses.
      inputs: {
        ...inputs,
        ...(inputs['identity-resource-group'] !== undefined && { 'identity-resource-group': 'rg-gitops' }),
        'repository-url': twin.azure.ids.repositoryUrl,
        verification: 'access'
      },
      connection: serviceConnectionOf(twin)
    })
    expect([exitCode, outputs['verification']]).toEqual([0, 'verified'])
    const identity = inputs['identity-name'] ?? `id-argocd-${inputs['cluster'] ?? ''}`
    expect(outputs['identityResourceId']?.endsWith(`/${identity}`)).toBe(true)
  }
)

test('another-tenant.yml builds and verifies the chain across two tenants', async () => {
  twin.defect('two-tenants')
  const { outputs, exitCode } = await runAzurePipelinesJob({
    environment: twin.places,
    inputs: {
      ...inputsIn('examples/azure-pipelines/another-tenant.yml'),
      'repository-url': twin.azure.ids.repositoryUrl,
      verification: 'access'
    },
    connection: serviceConnectionOf(twin),
    identityConnection: identityConnectionOf(twin)
  })
  expect([exitCode, outputs['verification'], outputs['tenantId']]).toEqual([
    0,
    'verified',
    twin.azure.ids.otherTenantId
  ])
})

/** An export is what the providers and Azure themselves would take: by their schemas, not by ours. */
import { describe, expect, test } from '@jest/globals'
import { createRequire } from 'node:module'
import { execFileSync } from 'node:child_process'
import type { Report } from '../../src/report/report.ts'
import { useWorld } from '../world.ts'
import { IDS } from '../../sandbox/azure/state.ts'
import { faultsInTerraform } from './terraform-faults.ts'

const terraformOf = ({ exports }: Report): string => exports?.['main.tf'] ?? ''
const formatter = ((): ((text: string) => string) | undefined => {
  try {
    execFileSync('terraform', ['version'], { stdio: 'ignore' })
    return (input) => execFileSync('terraform', ['fmt', '-'], { input, encoding: 'utf8', stdio: 'pipe' })
  } catch {
    return undefined
  }
})()

describe('every export is what its providers take', () => {
  const world = useWorld()
  const url = (): string => world.twin.azure.ids.repositoryUrl

  test.each([
    ['of a chain with an Application', { 'application-name': 'shop', 'application-path': 'apps' }, []],
    ['with access to single repositories', { access: 'repository' }, []],
    ['with charts', { registries: 'contosocharts.azurecr.io/charts' }, []],
    ['with credential templates, for one project', { connection: 'template' }, []],
    ['for one project of Argo CD', { 'argocd-project': 'default' }, []],
    [
      'with the identity in another tenant',
      {
        'identity-tenant-id': IDS.otherTenantId,
        'identity-subscription-id': IDS.otherSubscriptionId,
        'identity-resource-group': IDS.otherResourceGroup,
        'identity-login-client-id': IDS.otherLoginClientId
      },
      ['two-tenants']
    ],
    ['of an Argo CD by an operator', {}, ['operator-install']]
  ])('%s', async (_name, inputs: Readonly<Record<string, string>>, defects) => {
    for (const one of defects) world.twin.defect(one)
    await world.apply({ ...inputs, verification: 'none' })
    const text = terraformOf(await world.run({ ...inputs, mode: 'export' }))
    expect(text).toContain('azurerm_user_assigned_identity')
    expect(await faultsInTerraform(text)).toEqual([])
    if (formatter) expect(text).toBe(formatter(text))
  })

  test('with repositories of two organizations', async () => {
    const inputs = {
      'repository-url': `${url()}\n${url().replace(IDS.organization, IDS.secondOrganization)}`
    }
    await world.apply({ ...inputs, verification: 'none' })
    const text = terraformOf(await world.run({ ...inputs, mode: 'export' }))
    expect(text.match(/provider "azuredevops"/g)).toHaveLength(2)
    expect(await faultsInTerraform(text)).toEqual([])
  })

  test('what they do not take is found', async () => {
    await world.apply({ verification: 'none' })
    const text = terraformOf(await world.run({ mode: 'export' }))
    const wrong = (from: string | RegExp, to: string): Promise<string[]> => {
      const changed = text.replace(from, to)
      expect(changed).not.toBe(text)
      return faultsInTerraform(changed)
    }
    expect(await wrong('account_license_type', 'account_licence_type')).toEqual([
      'resource azuredevops_service_principal_entitlement: account_licence_type is not known'
    ])
    expect(await wrong(/ {2}issuer .*\n/, '')).toEqual([
      'resource azurerm_federated_identity_credential: issuer is missing'
    ])
    expect(await wrong(/( {2}location )/, '  client_id = "x"\n$1')).toEqual([
      'resource azurerm_user_assigned_identity: client_id is set by the provider only'
    ])
    expect(await wrong(/ {2}audience .*\n/, '  audience = "api://AzureADTokenExchange"\n')).toEqual([
      'resource azurerm_federated_identity_credential: audience is not a list'
    ])
    expect(await wrong('  metadata {', '  meta {')).toEqual([
      expect.stringMatching(/meta is not known/),
      expect.stringMatching(/metadata is missing/)
    ])
    expect(await wrong('azuredevops_group_membership', 'azuredevops_group_member')).toEqual([
      'resource azuredevops_group_member has no schema: add it to scripts/provider-schemas.ts'
    ])
    expect(await wrong('org_service_url', 'organization_url')).toEqual([
      'provider azuredevops: organization_url is not known'
    ])
  })
})

/** Of the SDK that writes them: @azure/arm-msi, generated from Azure's own specification. */
interface Mapper {
  readonly type: {
    readonly modelProperties: Readonly<
      Record<string, { readonly serializedName: string; readonly readOnly?: boolean }>
    >
  }
}

describe('Bicep names what Azure has', () => {
  const world = useWorld()
  const require = createRequire(import.meta.url)
  const settable = ({ type }: Mapper): string[] =>
    Object.values(type.modelProperties).flatMap(({ serializedName, readOnly }) =>
      readOnly === true ? [] : [serializedName]
    )

  test('types, their version, and properties that can be set', async () => {
    await world.apply({ verification: 'none' })
    const bicep = (await world.run({ mode: 'export' })).exports?.['main.bicep'] ?? ''
    const client = require.resolve('@azure/arm-msi').replace(/[^/]+$/, '')
    const mappers = require(`${client}models/mappers.js`) as Record<string, Mapper>
    const { ManagedServiceIdentityClient } = require('@azure/arm-msi') as {
      ManagedServiceIdentityClient: new (
        credential: object,
        subscription: string
      ) => { readonly apiVersion: string }
    }
    const { apiVersion } = new ManagedServiceIdentityClient({ getToken: () => undefined }, IDS.subscriptionId)
    const declared = [...bicep.matchAll(/^resource \w+ '([^@']+)@([^']+)' = \{\n([\s\S]*?)\n\}/gm)]
    expect(declared.map(([, type, version]) => [type, version])).toEqual([
      ['Microsoft.ManagedIdentity/userAssignedIdentities', apiVersion],
      ['Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials', apiVersion]
    ])
    const [identity = '', credential = ''] = declared.map(([, , , body]) => body ?? '')
    const keys = (text: string, indent: string): string[] =>
      [...text.matchAll(new RegExp(`^${indent}(\\w+):`, 'gm'))].flatMap(([, key]) => key ?? [])
    const own = (all: readonly string[]): string[] =>
      all.filter((key) => !['name', 'parent', 'properties'].includes(key))
    expect(settable(mappers['Identity'] as Mapper)).toEqual(expect.arrayContaining(own(keys(identity, '  '))))
    const names = keys(credential, '    ').map((key) => `properties.${key}`)
    expect(names).toHaveLength(3)
    expect(settable(mappers['FederatedIdentityCredential'] as Mapper)).toEqual(expect.arrayContaining(names))
  })
})

/** `mode: export`: what it writes of a chain that exists, read back by the tools that would read it. */
import { describe, expect, test } from '@jest/globals'
import { parse } from '@cdktn/hcl2json'
import fc from 'fast-check'
import { execFileSync } from 'node:child_process'
import { bicepOf } from '../../src/commands/export/bicep.ts'
import type { Exported } from '../../src/commands/export/exported.ts'
import { scriptOf } from '../../src/commands/export/script.ts'
import { terraformOf } from '../../src/commands/export/terraform.ts'
import type { Report } from '../../src/report/report.ts'
import { useWorld } from '../world.ts'

interface Terraform {
  readonly resource: Readonly<
    Record<string, Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>>
  >
  readonly import: readonly { readonly to: string; readonly id: string }[]
}

const read = async (report: Report): Promise<Terraform> =>
  (await parse('main.tf', report.exports?.['main.tf'] ?? '')) as unknown as Terraform

describe('a chain that exists', () => {
  const world = useWorld()

  test('is Terraform, with an import of everything that can be imported', async () => {
    const { outputs } = await world.apply({ 'application-path': 'apps', 'application-name': 'shop' })
    world.twin.journal.clear()
    const report = await world.run({ mode: 'export', 'application-path': 'apps', 'application-name': 'shop' })
    expect(report.verdict).toEqual({
      exitCode: 0,
      summary: 'Exported what exists, as Bicep, Terraform and a script.'
    })
    expect(world.writes()).toEqual([])
    const { resource, import: imports } = await read(report)
    const id = outputs['identity-resource-id']
    expect(Object.keys(resource).toSorted()).toEqual([
      'azuredevops_group_membership',
      'azuredevops_service_principal_entitlement',
      'azurerm_federated_identity_credential',
      'azurerm_user_assigned_identity',
      'kubernetes_annotations',
      'kubernetes_manifest',
      'kubernetes_secret_v1'
    ])
    expect(imports.map(({ to }) => to.replaceAll(/\$\{|\}/g, ''))).toEqual([
      'azurerm_user_assigned_identity.argocd',
      'azurerm_federated_identity_credential.repo_server',
      'azuredevops_service_principal_entitlement.org_contoso',
      'kubernetes_secret_v1.secret_1',
      'kubernetes_manifest.application'
    ])
    expect(imports[0]?.id).toBe(id)
    expect(imports[1]?.id).toMatch(new RegExp(`^${id}/federatedIdentityCredentials/`, 'i'))
    expect(resource['azurerm_federated_identity_credential']?.['repo_server']).toMatchObject([
      {
        issuer: outputs['oidc-issuer-url'],
        subject: outputs.subject,
        audience: ['api://AzureADTokenExchange']
      }
    ])
    expect(resource['kubernetes_secret_v1']?.['secret_1']).toMatchObject([
      { data: { useAzureWorkloadIdentity: 'true', url: world.twin.azure.ids.repositoryUrl } }
    ])
  })

  test('is read once: what the chain has read, the export does not read again', async () => {
    await world.apply()
    const asked = async (mode: string): Promise<string[]> => {
      world.twin.journal.clear()
      await world.run({ mode, verification: 'none' })
      const places = world.twin.journal.entries.map(({ path }) => path.split('?')[0] ?? '')
      return places
        .filter((path) => /userAssignedIdentities|serviceprincipal|storagekeys/i.test(path))
        .toSorted()
    }
    expect(await asked('export')).toEqual(await asked('check'))
  })

  test('is Bicep, as far as Bicep reaches', async () => {
    const { outputs } = await world.apply()
    const { exports } = await world.run({ mode: 'export' })
    const bicep = exports?.['main.bicep'] ?? ''
    expect(bicep).toContain(`    issuer: '${outputs['oidc-issuer-url']}'`)
    expect(bicep).toContain(`    subject: '${outputs.subject}'`)
    expect(bicep).toContain("    'managed-by': 'patless'")
  })

  test('with access to single repositories has a permission for each of them, and for their project', async () => {
    await world.apply({ access: 'repository' })
    const { resource } = await read(await world.run({ mode: 'export', access: 'repository' }))
    expect(Object.keys(resource['azuredevops_git_permissions'] ?? {})).toHaveLength(1)
    expect(Object.keys(resource['azuredevops_project_permissions'] ?? {})).toHaveLength(1)
    expect(resource['azuredevops_group_membership']).toBeUndefined()
  })

  test('with charts has the role on the registry, and the Secret of the Helm repository', async () => {
    const inputs = { registries: 'contosocharts.azurecr.io/charts', verification: 'access' }
    await world.apply(inputs)
    const report = await world.run({ ...inputs, mode: 'export' })
    const { resource, import: imports } = await read(report)
    expect(resource['azurerm_role_assignment']?.['registry_1']).toMatchObject([
      { role_definition_name: 'AcrPull', scope: expect.stringMatching(/\/registries\/contosocharts$/) }
    ])
    expect(imports.map(({ to }) => to)).toContain('${azurerm_role_assignment.registry_1}')
    const secrets = Object.values(resource['kubernetes_secret_v1'] ?? {}).flatMap((one) => one)
    expect(secrets).toContainEqual(
      expect.objectContaining({
        data: {
          type: 'helm',
          enableOCI: 'true',
          url: 'contosocharts.azurecr.io/charts',
          useAzureWorkloadIdentity: 'true'
        }
      })
    )
    const bicep = report.exports?.['main.bicep'] ?? ''
    expect(bicep).toContain("resource registry1 'Microsoft.ContainerRegistry/registries@2025-11-01' existing")
    expect(bicep).toContain('  scope: registry1')
    expect(report.exports?.['export.sh']).toMatch(/^assign \S+\/registries\/contosocharts$/m)
  })

  test('with a role by another name keeps that name, so that the script finds it', async () => {
    const inputs = { registries: 'contosocharts.azurecr.io/charts', verification: 'none' }
    await world.apply()
    world.twin.defect('registry-role-by-hand')
    await world.apply(inputs)
    const { exports } = await world.run({ registries: inputs.registries, mode: 'export' })
    expect(exports?.['export.sh']).toMatch(
      /^az rest --method put --url \S+\/roleAssignments\/[0-9a-f-]{36}\?/m
    )
    expect(exports?.['export.sh']).not.toMatch(/^assign \S+\/registries/m)
  })

  test('with a PAT in its Secret is not exported as a connection: it is none without a secret', async () => {
    await world.apply()
    world.twin.defect('secret-password')
    const report = await world.run({ mode: 'export' })
    const texts = JSON.stringify(report.exports)
    expect(texts).not.toMatch(/password/i)
    expect(report.findings.map(({ id, severity }) => [id, severity])).toEqual([
      ['connection/stored-credentials', 'warning'],
      ['export/secret-left-out', 'warning']
    ])
  })
})

describe('a chain that does not exist', () => {
  const world = useWorld()

  test('is an error with the remedy, and no file', async () => {
    const { verdict, exports, findings } = await world.run({ mode: 'export' })
    expect(verdict.exitCode).toBe(1)
    expect(exports).toBeUndefined()
    expect(findings).toMatchObject([{ id: 'export/nothing', severity: 'error' }])
  })
})

/** Whatever Azure, Azure DevOps or the cluster holds, it stays text. */
describe('odd text', () => {
  const GUID = '9b0c7f7e-2d61-4c53-8a11-6f2f0c3a7d03'
  const exportedWith = (text: string): Exported => ({
    cluster: text,
    identity: {
      id: `/subscriptions/${GUID}/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id`,
      name: 'id',
      clientId: GUID,
      principalId: GUID,
      tenantId: GUID,
      location: text,
      marked: true,
      tags: { [text]: text },
      subscriptionId: GUID,
      resourceGroup: text
    },
    credential: { name: text, issuer: text, subject: text, audiences: [text] },
    organizations: [{ name: text, entitlementId: text, places: [] }],
    roles: [{ scope: text, role: { name: text, id: text }, name: text }],
    argocd: undefined,
    secrets: [{ namespace: text, name: text, labels: { [text]: text }, data: { url: text } }],
    application: undefined
  })
  const ODD = fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
    fc
      .array(
        fc.constantFrom(
          '${',
          '%{',
          '"',
          "'",
          '\\',
          '\n',
          '}',
          'END_OF_TEXT',
          '$(touch owned)',
          '`id`',
          'a',
          '\u202e'
        ),
        { minLength: 1, maxLength: 6 }
      )
      .map((parts) => parts.join(''))
  )

  test('is a string of Terraform, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(ODD, async (text) => {
        const file = (await parse('main.tf', terraformOf(exportedWith(text)))) as unknown as Terraform
        const [identity] = file.resource['azurerm_user_assigned_identity']?.['argocd'] ?? []
        expect(Object.keys(identity ?? {}).toSorted()).toEqual([
          'location',
          'name',
          'resource_group_name',
          'tags'
        ])
        expect(file.import.map(({ id }) => id)).toHaveLength(5)
      }),
      { numRuns: 40 }
    )
  })

  test('ends no string of Bicep', () => {
    fc.assert(
      fc.property(ODD, (text) => {
        const lines = bicepOf(exportedWith(text)).split('\n')
        expect(lines).toHaveLength(bicepOf(exportedWith('a')).split('\n').length)
        const strings = lines.join('\n').replaceAll(/'(?:[^'\\\n]|\\.)*'/g, '')
        expect(strings).not.toMatch(/['\\$`]/)
      })
    )
  })

  test('is never read by a shell', () => {
    fc.assert(
      fc.property(ODD, (text) => {
        execFileSync('bash', ['-n'], { input: scriptOf(exportedWith(text)) })
      }),
      { numRuns: 25 }
    )
  })
})

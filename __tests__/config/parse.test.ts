import { expect, test, describe } from '@jest/globals'
import { asInYaml, nameInputs } from '../../src/core/input-name.ts'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { InvalidInputs } from '../../src/config/inputs.ts'
import type { DesiredChain } from '../../src/config/desired.ts'
import { parseInputs } from '../../src/config/parse.ts'
import { INPUTS } from '../../src/config/table.ts'

const inYaml = (text: string): string => nameInputs(text, asInYaml)

const URL_OF_APP = 'https://dev.azure.com/contoso/shop/_git/app'
const LEAST = { cluster: 'aks-gitops', 'repository-url': URL_OF_APP }
const GUID = '11111111-2222-3333-4444-555555555555'

const parse = (given: Record<string, string>, environment: Record<string, string> = {}) =>
  parseInputs(new Map(Object.entries(given)), environment) as DesiredChain

function faultsOf(given: Record<string, string>, environment: Record<string, string> = {}): string[] {
  try {
    parse(given, environment)
  } catch (error) {
    if (error instanceof InvalidInputs) return error.faults.map(({ input }) => input)
    throw error
  }
  return []
}

describe('two inputs are enough', () => {
  test('the rest is derived, and the log says from what', () => {
    const desired = parse(LEAST)
    expect(desired).toMatchObject({
      mode: 'apply',
      dryRun: false,
      failOnDrift: true,
      access: 'project-readers',
      verification: 'argocd',
      verificationTimeout: 300_000,
      organizations: [{ name: 'contoso', of: undefined, repositories: [{ repository: 'app' }] }],
      identity: { name: 'id-argocd-aks-gitops' },
      cluster: { name: 'aks-gitops', configure: false }
    })
    expect(inYaml(desired.derived.join('\n'))).toMatch(
      /identity-name id-argocd-aks-gitops \(from the cluster's name\)/
    )
    expect(inYaml(desired.derived.join('\n'))).toMatch(
      /organization contoso, project shop \(from repository-url\)/
    )
  })

  test('URLs of several organizations are one run; the log names them all', () => {
    const lines = [
      'https://dev.azure.com/contoso/shop/_git/app',
      'https://fabrikam.visualstudio.com/shop/_git/app',
      'https://dev.azure.com/Contoso/bank/_git/ledger',
      'https://fabrikam@dev.azure.com/Fabrikam/shop/_git/infra'
    ]
    const { organizations, repositories, derived } = parse({ ...LEAST, 'repository-url': lines.join('\n') })
    expect(repositories.map(({ url }) => url)).toEqual(lines)
    expect(
      organizations.map(({ name, of, repositories }) => [name, of, repositories.map(({ url }) => url)])
    ).toEqual([
      ['contoso', 'contoso', [lines[0], lines[2]]],
      ['fabrikam', 'fabrikam', [lines[1], lines[3]]]
    ])
    expect(inYaml(derived.join('\n'))).toContain('organizations contoso, fabrikam (from repository-url)')
  })

  test('a cluster id brings resource group and subscription along', () => {
    const id = `/subscriptions/${GUID}/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks`
    expect(parse({ ...LEAST, cluster: id }).cluster).toMatchObject({
      name: 'aks',
      resourceGroup: 'rg',
      subscriptionId: GUID
    })
  })

  test('AZURE_SUBSCRIPTION_ID is used, and named', () => {
    const desired = parse(LEAST, { AZURE_SUBSCRIPTION_ID: GUID })
    expect(desired.cluster).toMatchObject({ subscriptionId: GUID })
    expect(inYaml(desired.derived.join('\n'))).toContain('AZURE_SUBSCRIPTION_ID')
  })

  test('several URLs, one per line, each once', () => {
    const urls = `${URL_OF_APP}\n\n  https://dev.azure.com/contoso/shop/_git/infra \n${URL_OF_APP}`
    expect(
      parse({ ...LEAST, 'repository-url': urls }).repositories.map(({ repository }) => repository)
    ).toEqual(['app', 'infra'])
  })

  test('the place of an overridden Azure DevOps is accepted', () => {
    const url = 'https://localhost:8443/contoso/shop/_git/app'
    expect(faultsOf({ ...LEAST, 'repository-url': url })).toEqual(['repository-url'])
    expect(
      faultsOf({ ...LEAST, 'repository-url': url }, { AZURE_DEVOPS_URL: 'https://localhost:8443/' })
    ).toEqual([])
  })
})

describe('all faults at once, before any request', () => {
  test('nothing given: both required inputs are named', () => {
    expect(faultsOf({})).toEqual(['cluster', 'repository-url'])
  })

  test('every fault of every input is in one error', () => {
    const faults = faultsOf({
      cluster: '-x',
      'repository-url': 'git@ssh.dev.azure.com:v3/contoso/shop/app',
      mode: 'destroy',
      'identity-name': 'a',
      'dry-run': 'maybe',
      'client-id': 'nope',
      'verification-timeout': '-3'
    })
    expect(new Set(faults)).toEqual(
      new Set([
        'cluster',
        'repository-url',
        'mode',
        'identity-name',
        'dry-run',
        'client-id',
        'verification-timeout'
      ])
    )
  })

  test('an empty required input is absent', () => {
    expect(faultsOf({ ...LEAST, cluster: '  ' })).toEqual(['cluster'])
  })

  test('a password in the URL is not repeated', () => {
    expect(() =>
      parse({ ...LEAST, 'repository-url': 'https://u:hunter2secret@dev.azure.com/c/p/_git/r' })
    ).toThrow(expect.objectContaining({ message: expect.not.stringContaining('hunter2secret') as unknown }))
  })

  test('a kubeconfig given as text is not repeated: it may hold a token', () => {
    expect(() => parse({ ...LEAST, kubeconfig: 'users:\n- token: hunter2secret' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2secret') as unknown })
    )
  })

  test('a near miss gets a suggestion', () => {
    expect(() => parse({ ...LEAST, repository: 'x' })).toThrow(/Did you mean repository-url\?/)
  })

  test('a cluster given by its issuer needs what cannot be derived', () => {
    expect(faultsOf({ ...LEAST, 'oidc-issuer-url': 'https://issuer.example/' })).toEqual([
      'kubeconfig',
      'subscription-id',
      'identity-resource-group',
      'location'
    ])
    const folder = mkdtempSync(join(tmpdir(), 'patless-test-'))
    const kubeconfig = join(folder, 'config')
    writeFileSync(kubeconfig, 'apiVersion: v1\n')
    const desired = parse({
      ...LEAST,
      'oidc-issuer-url': 'https://issuer.example/',
      kubeconfig,
      'subscription-id': GUID,
      'identity-resource-group': 'rg',
      location: 'West Europe'
    })
    expect(desired.cluster).toMatchObject({
      kind: 'oidc',
      issuerUrl: 'https://issuer.example/',
      kubeconfig: 'apiVersion: v1\n',
      place: { subscriptionId: GUID, resourceGroup: 'rg', location: 'westeurope' }
    })
    expect(desired.identity.location).toBe('westeurope')
    rmSync(folder, { recursive: true })
  })

  test('whatever is given: a desired state or its own error', () => {
    const names = INPUTS.map(({ name }) => name)
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...names, 'other'), fc.string({ unit: 'binary' })),
        (given) => {
          try {
            return parse(given).repositories.length > 0
          } catch (error) {
            return error instanceof InvalidInputs && error.faults.length > 0
          }
        }
      ),
      { numRuns: 3_000 }
    )
  })
})

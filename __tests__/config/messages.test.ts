/** What a user reads about an input, word for word, and where exactly each form of name begins and ends. */
import { describe, expect, test } from '@jest/globals'
import { asInYaml, nameInputs } from '../../src/core/input-name.ts'
import { mapStrings } from '../../src/core/strings.ts'
import { InvalidInputs } from '../../src/config/inputs.ts'
import type { DesiredChain } from '../../src/config/desired.ts'
import { parseInputs } from '../../src/config/parse.ts'
import { camelCase, inputsFor } from '../../src/config/table.ts'

type Given = Readonly<Record<string, string>>

const URL_OF_APP = 'https://dev.azure.com/contoso/shop/_git/app'
const APP = { url: URL_OF_APP, organization: 'contoso', project: 'shop', repository: 'app' }
const LEAST = { cluster: 'aks-gitops', 'repository-url': URL_OF_APP }
const GUID = 'AAAAAAAA-2222-3333-4444-bbbbbbbbbbbb'
const OTHER = '99999999-2222-3333-4444-555555555555'
const idOf = (subscription: string, group: string, name: string): string =>
  `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.ContainerService/managedClusters/${name}`
const CLUSTER_ID = idOf(GUID, 'rg', 'aks')
const ISSUER = 'https://issuer.example/'
const FOREIGN = { ...LEAST, 'oidc-issuer-url': ISSUER }

const inYaml = (text: string): string => nameInputs(text, asInYaml)
const parse = (given: Given, environment: Given = {}) =>
  mapStrings(parseInputs(new Map(Object.entries(given)), environment) as DesiredChain, inYaml)

/** @returns what is told, one line per fault; the desired state must not come about then */
function told(given: Given, environment: Given = {}): string[] {
  try {
    parse(given, environment)
  } catch (error) {
    if (error instanceof InvalidInputs)
      return error.faults.map(({ input, problem, remedy }) => inYaml(`${input}: ${problem} ${remedy}`))
    throw error
  }
  return []
}

test('everything that is derived from the least that can be given', () => {
  expect(parse(LEAST)).toEqual({
    mode: 'apply',
    dryRun: false,
    failOnDrift: true,
    redact: true,
    remind: false,
    cluster: { kind: 'aks', name: 'aks-gitops', configure: false },
    identity: { name: 'id-argocd-aks-gitops', tags: {} },
    organizations: [{ name: 'contoso', of: undefined, repositories: [APP] }],
    repositories: [APP],
    registries: [],
    access: 'project-readers',
    configuration: 'auto',
    connection: 'repository',
    clusterAccess: 'auto',
    connects: true,
    verification: 'argocd',
    verificationTimeout: 300_000,
    allow: [],
    login: {},
    cloud: 'public',
    derived: [
      'organization contoso, project shop (from repository-url)',
      "identity-name id-argocd-aks-gitops (from the cluster's name)"
    ]
  })
})

test('everything that can be given, with blanks around it', () => {
  const given = {
    ...LEAST,
    mode: ' check ',
    registries: ' Contoso.azurecr.io/charts/app:1.2.3 \n\n',
    'dry-run': ' TRUE ',
    'fail-on-drift': 'False',
    'configure-cluster': 'true',
    'resource-group': 'rg',
    'subscription-id': GUID,
    'identity-name': 'reader',
    'identity-resource-group': 'rg-identities',
    location: 'West Europe',
    'devops-organization': 'Contoso',
    'devops-project': 'SHOP',
    access: 'repository',
    'argocd-namespace': 'gitops',
    'argocd-configuration': 'extension',
    connection: 'template',
    verification: 'none',
    'verification-timeout': '60',
    'client-id': GUID,
    'tenant-id': OTHER,
    cloud: 'public',
    'application-name': 'shop',
    'application-path': 'deploy/..prod',
    'application-revision': 'v1',
    'application-namespace': 'shop',
    tags: ' costCenter = 4711 \n\nteam=a=b'
  }
  expect(parse(given)).toEqual({
    mode: 'check',
    dryRun: true,
    failOnDrift: false,
    redact: true,
    remind: false,
    cluster: { kind: 'aks', name: 'aks-gitops', configure: true, resourceGroup: 'rg', subscriptionId: GUID },
    identity: {
      name: 'reader',
      tags: { costCenter: '4711', team: 'a=b' },
      resourceGroup: 'rg-identities',
      location: 'westeurope'
    },
    organizations: [{ name: 'contoso', of: undefined, repositories: [APP] }],
    repositories: [APP],
    registries: [
      {
        host: 'contoso.azurecr.io',
        url: 'contoso.azurecr.io/charts',
        chart: { path: 'charts/app', version: '1.2.3' }
      }
    ],
    access: 'repository',
    argocdNamespace: 'gitops',
    configuration: 'extension',
    connection: 'repo-creds',
    clusterAccess: 'auto',
    connects: true,
    verification: 'none',
    verificationTimeout: 60_000,
    allow: [],
    login: { clientId: GUID, tenantId: OTHER },
    cloud: 'public',
    application: { name: 'shop', path: 'deploy/..prod', revision: 'v1', destination: 'shop' },
    derived: ['organization contoso, project shop (from repository-url)']
  })
  expect(parse({ ...LEAST, 'application-name': 'shop' }).application).toEqual({
    name: 'shop',
    path: '.',
    revision: undefined,
    destination: 'default'
  })
})

describe('the subscription', () => {
  const from = (given: Given, environment: Given) => {
    const { cluster, derived } = parse({ ...LEAST, ...given }, environment)
    return [
      cluster.kind === 'aks' ? cluster.subscriptionId : 'not AKS',
      derived.filter((line) => line.startsWith('subscription'))
    ]
  }
  const ambient = `subscription-id ${OTHER} (from AZURE_SUBSCRIPTION_ID)`
  test.each<[string, Given, Given, unknown[]]>([
    ['of the environment, told', {}, { AZURE_SUBSCRIPTION_ID: ` ${OTHER} ` }, [OTHER, [ambient]]],
    [
      'as given, though the environment says the same',
      { 'subscription-id': OTHER },
      { AZURE_SUBSCRIPTION_ID: OTHER },
      [OTHER, []]
    ],
    [
      'of the id, before the environment',
      { cluster: CLUSTER_ID },
      { AZURE_SUBSCRIPTION_ID: OTHER },
      [GUID, []]
    ],
    ['not a name in the environment', {}, { AZURE_SUBSCRIPTION_ID: 'production' }, [undefined, []]],
    ['unknown', {}, {}, [undefined, []]]
  ])('%s', (_what, given, environment, expected) => {
    expect(from(given, environment)).toEqual(expected)
  })
})

test.each<[string, Given]>([
  ['in any case, with a slash at its end', { cluster: `${CLUSTER_ID.toUpperCase()}/` }],
  [
    'with its own parts given once more',
    { cluster: CLUSTER_ID, 'resource-group': 'RG', 'subscription-id': GUID.toLowerCase() }
  ]
])('a cluster id is taken %s', (_what, given) => {
  expect(told({ ...LEAST, ...given })).toEqual([])
})

const DERIVED = 'Correct it, or leave it out to have it derived.'
const NO_CLUSTER = `cluster: This is not the resource id of an AKS cluster. Expected ${idOf('<id>', '<group>', '<name>')}.`
const nothingFor = (name: string): string =>
  `${name}: For a cluster given by oidc-issuer-url it cannot be derived. Give ${name}.`

describe('reported, word for word:', () => {
  test.each<[string, Given, readonly string[]]>([
    [
      'nothing given',
      {},
      [
        'cluster: It is required. Give the name or the resource id of the AKS cluster.',
        'repository-url: It is required. Give https://dev.azure.com/<organization>/<project>/_git/<repository>.'
      ]
    ],
    [
      'a name that is none',
      { ...LEAST, cluster: '-x' },
      [
        'cluster: "-x" is not a valid name of an AKS cluster. Give the name or the resource id of the AKS cluster.'
      ]
    ],
    ['an id of a group', { ...LEAST, cluster: `/subscriptions/${GUID}/resourceGroups/rg` }, [NO_CLUSTER]],
    ['an id within another', { ...LEAST, cluster: `/x${CLUSTER_ID}` }, [NO_CLUSTER]],
    ['an id of a thing in the cluster', { ...LEAST, cluster: `${CLUSTER_ID}/agentPools/one` }, [NO_CLUSTER]],
    ['an id with a subscription by name', { ...LEAST, cluster: idOf('prod', 'rg', 'aks') }, [NO_CLUSTER]],
    ['an id with a group Azure refuses', { ...LEAST, cluster: idOf(GUID, 'rg.', 'aks') }, [NO_CLUSTER]],
    ['an id with a name Azure refuses', { ...LEAST, cluster: idOf(GUID, 'rg', 'aks-') }, [NO_CLUSTER]],
    [
      'another group than in the id',
      { ...LEAST, cluster: CLUSTER_ID, 'resource-group': 'rg2' },
      ['resource-group: It differs from the resource group in the cluster id. Leave it out.']
    ],
    [
      'another subscription than in the id',
      { ...LEAST, cluster: CLUSTER_ID, 'subscription-id': OTHER },
      ['subscription-id: It differs from the subscription in the cluster id. Leave it out.']
    ],
    [
      'another organization than in the URL',
      { ...LEAST, 'devops-organization': 'fabrikam' },
      [
        'devops-organization: It says "fabrikam", but repository-url says "contoso". Leave it out, or correct the URL.'
      ]
    ],
    [
      'another project than in the second URL',
      {
        ...LEAST,
        'devops-project': 'shop',
        'repository-url': `${URL_OF_APP}\r\nhttps://dev.azure.com/contoso/bank/_git/app`
      },
      ['devops-project: It says "shop", but repository-url says "bank". Leave it out, or correct the URL.']
    ],
    [
      'URLs of more organizations than one run reads',
      {
        ...LEAST,
        'repository-url': Array.from(
          { length: 21 },
          (_, index) => `https://dev.azure.com/contoso-${index}/shop/_git/app`
        ).join('\n')
      },
      ['repository-url: The URLs name 21 organizations; the limit is 20. Use several steps.']
    ],
    [
      'a region that is none',
      { ...LEAST, location: 'West [1]' },
      [
        'location: "West [1]" is not an Azure region. Write it as in `az account list-locations`, e.g. westeurope.'
      ]
    ],
    [
      'a timeout that is none',
      { ...LEAST, 'verification-timeout': 'long' },
      ['verification-timeout: "long" is not 1 to 3600 seconds. Write e.g. 300.']
    ],
    [
      'a client without its tenant',
      { ...LEAST, 'client-id': GUID },
      [
        'tenant-id: client-id is given, but this is empty. Give both (a variable that is not set is empty), or neither to use the az login.'
      ]
    ],
    [
      'a client with a tenant that is none: that alone',
      { ...LEAST, 'client-id': GUID, 'tenant-id': 'contoso' },
      [`tenant-id: "contoso" is not a tenant id (a GUID). ${DERIVED}`]
    ],
    ...['usgovernment', 'china'].map((cloud): [string, Given, string[]] => [
      `a cloud whose tokens Azure DevOps does not take: ${cloud}`,
      { ...LEAST, cloud },
      [
        `cloud: Azure DevOps accepts tokens of the public cloud only: an identity in ${cloud} cannot read anything. Leave it out and create the identity in the public cloud; describe the cluster with oidc-issuer-url and kubeconfig, and set AZURE_AUTHORITY_HOST=https://login.microsoftonline.com/ on the container of its repo-server.`
      ]
    ]),
    [
      'a flag that is none',
      { ...LEAST, 'dry-run': 'Maybe' },
      ['dry-run: "maybe" is not a boolean. Write true or false.']
    ],
    [
      'a choice that is none',
      { ...LEAST, mode: 'Destroy' },
      [
        'mode: "Destroy" is not one of the choices. Choose one of apply, check, remove, diagnose, audit, migrate, rollback, export, plan, summarize.'
      ]
    ],
    [
      'an issuer over http',
      { ...LEAST, 'oidc-issuer-url': 'http://issuer.example/' },
      [
        'oidc-issuer-url: "http://issuer.example/" is not an https issuer. Copy it from the iss claim of a token of the cluster.'
      ]
    ],
    [
      'an issuer alone',
      FOREIGN,
      ['kubeconfig', 'subscription-id', 'identity-resource-group', 'location'].map(nothingFor)
    ],
    [
      'an issuer, with a cluster by its id and the extension',
      {
        ...FOREIGN,
        cluster: CLUSTER_ID,
        kubeconfig: import.meta.filename,
        'subscription-id': GUID,
        'identity-resource-group': 'rg',
        location: 'westeurope',
        'argocd-configuration': 'extension'
      },
      [NO_CLUSTER, 'argocd-configuration: Only AKS clusters have extensions. Choose auto or manifests.']
    ],
    [
      'an Application with a path out of the repository',
      { ...LEAST, 'application-name': 'shop', 'application-path': '../other' },
      [
        'application-path: "../other" leads out of the repository. Write the path relative to the root of the repository, e.g. deploy.'
      ]
    ],
    [
      'a path from the root of a disk',
      { ...LEAST, 'application-name': 'shop', 'application-path': '/deploy' },
      [
        'application-path: "/deploy" leads out of the repository. Write the path relative to the root of the repository, e.g. deploy.'
      ]
    ],
    [
      'a revision without an Application',
      { ...LEAST, 'application-revision': 'main' },
      ['application-name: application-revision is given without it. Give the name of the Application.']
    ],
    [
      'a revision of an Application with a name that is none: that alone',
      { ...LEAST, 'application-revision': 'main', 'application-name': 'Shop' },
      [`application-name: "Shop" is not a valid name of a Kubernetes object. ${DERIVED}`]
    ],
    [
      'an input with another name',
      { ...LEAST, 'repository-urls': 'x' },
      ['repository-urls: There is no such input. Did you mean repository-url?']
    ],
    [
      'an input with an unknown name',
      { ...LEAST, colour: 'x' },
      [
        `colour: There is no such input. Known: ${inputsFor('elsewhere')
          .map(({ name }) => name)
          .join(', ')}.`
      ]
    ],
    [
      'a kubeconfig as text',
      { ...LEAST, kubeconfig: 'users:\n- token: t0k3n' },
      ['kubeconfig: It is a text of several lines, not a path. Give the path of a kubeconfig file.']
    ],
    [
      'a kubeconfig that is not there',
      { ...LEAST, kubeconfig: '/proc/none/config' },
      ['kubeconfig: The file /proc/none/config cannot be read (ENOENT). Give the path of a kubeconfig file.']
    ],
    [
      'a kubeconfig that never ends',
      { ...LEAST, kubeconfig: '/dev/zero' },
      ['kubeconfig: The file /dev/zero is not a regular file. Give the path of a kubeconfig file.']
    ]
  ])('%s', (_what, given, lines) => {
    expect(told(given)).toEqual(lines)
  })

  test('one fault, and several, in one message', () => {
    expect(() => parse({ ...LEAST, mode: 'x' })).toThrow(
      expect.objectContaining({
        name: 'InvalidInputs',
        message:
          'One input is invalid; nothing was read or written.\n  mode: "x" is not one of the choices. Choose one of apply, check, remove, diagnose, audit, migrate, rollback, export, plan, summarize.',
        facts: expect.objectContaining({ id: 'inputs/invalid', remedy: 'correct the inputs named above' })
      })
    )
    expect(() => parse({ ...LEAST, mode: 'x', cloud: 'moon' })).toThrow(
      /2 inputs are invalid; nothing was read or written\.\n {2}mode: .*\n {2}cloud: "moon" is not one of the choices/
    )
  })
})

describe('the form of', () => {
  const letters = (count: number): string => 'a'.repeat(count)
  const guids = {
    good: [GUID, GUID.toLowerCase()],
    bad: [`x${GUID}`, `${GUID}x`, GUID.replaceAll('-', '')]
  }
  test.each<[string, string, { good: readonly string[]; bad: readonly string[] }]>([
    [
      'cluster',
      'a valid name of an AKS cluster. Give the name or the resource id of the AKS cluster.',
      { good: ['a', 'a_b-c', 'AKS', letters(63)], bad: [letters(64), 'a-', '_a', 'a.b', 'aks!', '!aks'] }
    ],
    [
      'identity-name',
      `a valid name of a managed identity. ${DERIVED}`,
      { good: ['abc', 'A-_', letters(128)], bad: ['ab', letters(129), '_abc', '!abc', 'abc!', 'a b'] }
    ],
    [
      'resource-group',
      `a resource group name. ${DERIVED}`,
      { good: ['r', 'é(1)._-x', '(rg)', letters(90)], bad: [letters(91), 'rg.', '!rg', 'rg!', 'r!g'] }
    ],
    [
      'identity-resource-group',
      `a resource group name. ${DERIVED}`,
      { good: ['r', letters(90)], bad: ['rg.', letters(91)] }
    ],
    [
      'argocd-namespace',
      `a Kubernetes namespace name. ${DERIVED}`,
      { good: ['a', 'argo-cd', letters(63)], bad: [letters(64), 'a-', '-a', 'ArgoCD', 'a.b', '!a', 'a!'] }
    ],
    [
      'application-namespace',
      `a Kubernetes namespace name. ${DERIVED}`,
      { good: ['a', letters(63)], bad: [letters(64), 'a-'] }
    ],
    [
      'application-name',
      `a valid name of a Kubernetes object. ${DERIVED}`,
      { good: ['a', 'a.b-c', letters(253)], bad: [letters(254), 'a-', '.a', 'A', '!a', 'a!'] }
    ],
    ['subscription-id', `a subscription id (a GUID). ${DERIVED}`, guids],
    ['tenant-id', `a tenant id (a GUID). ${DERIVED}`, guids],
    ['client-id', `an application id (a GUID). ${DERIVED}`, { good: [GUID], bad: ['app'] }],
    [
      'verification-timeout',
      '1 to 3600 seconds. Write e.g. 300.',
      { good: ['1', '2.5', '3600'], bad: ['0', '0.9', '3601', '-3', 'Infinity', '5m'] }
    ],
    [
      'oidc-issuer-url',
      'an https issuer. Copy it from the iss claim of a token of the cluster.',
      { good: [], bad: [`${ISSUER}?x`, `${ISSUER}?x#`, `${ISSUER}#x`, 'issuer'] }
    ]
  ])('%s', (input, form, { good, bad }) => {
    const tenant = input === 'client-id' ? { 'tenant-id': OTHER } : {}
    for (const value of good) expect(told({ ...LEAST, ...tenant, [input]: value })).toEqual([])
    for (const value of bad)
      expect(told({ ...LEAST, ...tenant, [input]: value })).toEqual([`${input}: "${value}" is not ${form}`])
  })

  test.each(['west europe', 'WestEurope2'])('a region is its plain word: %s', (location) => {
    expect(told({ ...LEAST, location })).toEqual([])
  })

  test.each(['west-europe', '-west', 'west/'])('a region has no other signs: %s', (location) => {
    expect(told({ ...LEAST, location })).toHaveLength(1)
  })
})

describe('what was never expanded', () => {
  const texts = [
    '$(project)',
    'a$(A.b-c_d)z',
    '$[variables.x]',
    '${{ inputs.x }}',
    '${NAME}',
    '$(',
    '$[',
    '${{'
  ]
  const names = inputsFor('elsewhere').map(({ name }) => name)
  test.each(texts)('%s is refused in every input, by its name, and nothing else is', (text) => {
    for (const name of names) {
      const lines = told({ ...LEAST, [name]: text })
      expect([name, lines.length]).toEqual([name, 1])
      expect(lines[0]).toMatch(new RegExp(`^${name}: It still contains \\$.*, which was never expanded\\. `))
    }
    const all = told(Object.fromEntries(names.map((name) => [name, text])))
    expect(all.map((line) => line.split(':', 1)[0])).toEqual(names)
  })

  test.each([
    ['$(project)', '$(project), which was never expanded. Define the variable before this step'],
    ['$[ x ]', '$[ x ], which was never expanded. Only variables and conditions are evaluated'],
    ['${{ inputs.x }}', '${{ inputs.x }}, which was never expanded. Only a workflow or pipeline file'],
    ['${X}', '${X}, which was never expanded. No shell reads an input'],
    ['$(cat token s3cr3t)', '$(…), which was never expanded'],
    ["$[ format('s3cr3t') ]", '$[…], which was never expanded'],
    ['a ${X} $(y)', '${X}, which']
  ])('%s: shown as far as it is a name, with what to do', (text, said) => {
    const [line] = told({ ...LEAST, 'application-path': text })
    expect(line).toContain(said)
    expect(line).not.toContain('s3cr3t')
  })

  test('in one line of many, and with blanks around it', () => {
    expect(told({ ...LEAST, 'repository-url': `${URL_OF_APP}\n  $(other)  ` })).toHaveLength(1)
  })

  test.each(['costs $5', 'a$', '$', '(x)', '{x}', '$x', '%PATH%'])('%s is no such text', (path) => {
    expect(told({ ...LEAST, 'application-path': path })).toEqual([])
  })
})

test('names on Azure Pipelines come about by one rule', () => {
  expect(camelCase('repository-url')).toBe('repositoryUrl')
  expect(camelCase('oidc-issuer-url')).toBe('oidcIssuerUrl')
})

test('a service connection is an input of Azure Pipelines, a login of the others', () => {
  const of = (place: Parameters<typeof inputsFor>[0]): string[] => inputsFor(place).map(({ name }) => name)
  expect(of('azure-pipelines').filter((name) => !of('elsewhere').includes(name))).toEqual([
    'azure-subscription',
    'identity-service-connection'
  ])
  expect(of('elsewhere').filter((name) => !of('azure-pipelines').includes(name))).toEqual([
    'client-id',
    'tenant-id',
    'identity-login-client-id'
  ])
})

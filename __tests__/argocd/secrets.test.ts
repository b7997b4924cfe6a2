/** Argo CD's rules as this tool computes them, held against the twin's Argo CD, which was written apart from it. */
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Repositories } from '../../sandbox/argocd/credentials.ts'
import { normalized as twinNormalized } from '../../sandbox/argocd/git-url.ts'
import { templatesFor } from '../../src/argocd/places.ts'
import { entryOf, resolved, type Entry } from '../../src/argocd/secrets.ts'
import { hasPrefix, normalized, sameRepository } from '../../src/argocd/urls.ts'

type Secret = Parameters<typeof entryOf>[0] & ConstructorParameters<typeof Repositories>[0][number]

const URLS = [
  'https://dev.azure.com/contoso/shop/_git/app',
  'https://contoso@dev.azure.com/contoso/shop/_git/app',
  'https://dev.azure.com/contoso/shop/_git/app/'
]
const PREFIXES = [
  'https://',
  'https://dev.azure.com/cont',
  'https://dev.azure.com/contoso/',
  'https://dev.azure.com/contoso/shop/',
  ...URLS
]

const secretArbitrary = (type: string, urls: readonly string[]) =>
  fc
    .record(
      {
        url: fc.constantFrom(...urls),
        username: fc.constantFrom('', 'someone'),
        password: fc.constantFrom('', 'x'),
        project: fc.constantFrom('', 'team-a'),
        useAzureWorkloadIdentity: fc.constantFrom('true', 'True', '1', 'false', 'yes', ''),
        insecure: fc.constantFrom('false', 'no'),
        depth: fc.constantFrom('0', '1', 'one'),
        githubAppID: fc.constantFrom('0', '12', 'n/a', ''),
        githubAppPrivateKey: fc.constantFrom('', 'x'),
        gcpServiceAccountKey: fc.constantFrom('', 'x'),
        tlsClientCertData: fc.constantFrom('', 'x'),
        azureServicePrincipalClientId: fc.constantFrom('', 'x'),
        azureServicePrincipalTenantId: fc.constantFrom('', 'x'),
        azureServicePrincipalClientSecret: fc.constantFrom('', 'x'),
        azureServicePrincipalClientID: fc.constantFrom('', 'x'),
        azureServicePrincipalTenantID: fc.constantFrom('', 'x')
      },
      { requiredKeys: ['url'] }
    )
    .map((fields): Secret => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: JSON.stringify(fields), labels: { 'argocd.argoproj.io/secret-type': type } },
      data: Object.fromEntries(
        Object.entries(fields).map(([key, value]) => [key, Buffer.from(value).toString('base64')])
      )
    }))
const secretsArbitrary = fc
  .tuple(
    fc.array(secretArbitrary('repository', URLS), { maxLength: 4 }),
    fc.array(secretArbitrary('repo-creds', PREFIXES), { maxLength: 4 })
  )
  .map((all) => all.flat())

function twinSays(secrets: readonly Secret[], url: string, project: string, version: string): string {
  try {
    const { kind } = new Repositories(secrets, version).credentialsFor(url, project)
    return kind === 'workload identity' ? kind : kind === 'none' ? 'nothing' : 'other credentials'
  } catch {
    return 'unreadable'
  }
}

describe('which login Argo CD takes', () => {
  test('is what the twin says, for any Secrets, wherever it is defined', () => {
    fc.assert(
      fc.property(
        secretsArbitrary,
        fc.constantFrom(...URLS),
        fc.constantFrom('', 'team-a', 'team-b'),
        fc.constantFrom('3.0.13', '3.2.0', '3.3.0', '3.5.1', '3.6.0'),
        (secrets, url, project, version) => {
          const entries = secrets.flatMap((one): Entry[] => {
            const entry = entryOf(one, version)
            return entry ? [entry] : []
          })
          const { login, rivals } = resolved(url, project, entries)
          fc.pre(rivals.length === 0)
          expect(login).toBe(twinSays(secrets, url, project, version))
        }
      ),
      { numRuns: 2_000 }
    )
  })
})

describe('URLs', () => {
  test('are normalized as the twin does it, for every URL of Azure Repos', () => {
    const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9 _.-]{0,20}[A-Za-z0-9]$/)
    fc.assert(
      fc.property(
        name,
        name,
        fc.constantFrom('', 'contoso@'),
        fc.constantFrom('', '.git', '/'),
        (project, repository, user, end) => {
          const url = `https://${user}dev.azure.com/contoso/${project}/_git/${repository}${end}`
          expect(normalized(url)).toBe(twinNormalized(url))
        }
      )
    )
  })

  test.each([
    'https://contoso@dev.azure.com/contoso/shop/_git/app',
    'https://dev.azure.com/Contoso/Shop/_git/App/',
    'https://dev.azure.com/contoso/shop/_git/app.git',
    'https://contoso.visualstudio.com/shop/_git/app',
    'https://contoso.visualstudio.com/DefaultCollection/shop/_git/_optimized/app',
    'git@ssh.dev.azure.com:v3/contoso/shop/app'
  ])('%s is the same repository in another spelling', (url) => {
    expect(sameRepository(url, 'https://dev.azure.com/contoso/shop/_git/app')).toBe(true)
  })

  test.each([
    'https://dev.azure.com/contoso/shop/_git/other',
    'https://github.com/contoso/app',
    'https://tfs.contoso.example/contoso/shop/_git/app',
    'nonsense',
    ''
  ])('%s is another one', (url) => {
    expect(sameRepository(url, 'https://dev.azure.com/contoso/shop/_git/app')).toBe(false)
  })
})

describe('credential templates', () => {
  test.each([
    [
      'https://dev.azure.com/contoso/shop/_git/app',
      ['https://dev.azure.com/contoso/shop/', 'https://contoso@dev.azure.com/contoso/shop/']
    ],
    [
      'https://me@dev.azure.com/contoso/my%20shop/_git/app',
      [
        'https://dev.azure.com/contoso/my%20shop/',
        'https://contoso@dev.azure.com/contoso/my%20shop/',
        'https://me@dev.azure.com/contoso/my%20shop/'
      ]
    ],
    [
      'https://Contoso@dev.azure.com/contoso/shop/_git/app',
      ['https://dev.azure.com/contoso/shop/', 'https://contoso@dev.azure.com/contoso/shop/']
    ],
    ['https://contoso.visualstudio.com/shop/_git/app', ['https://contoso.visualstudio.com/shop/']],
    [
      'https://contoso@contoso.visualstudio.com/shop/_git/app',
      ['https://contoso.visualstudio.com/shop/', 'https://contoso@contoso.visualstudio.com/shop/']
    ],
    [
      'https://dev.azure.com/contoso/_git/app',
      ['https://dev.azure.com/contoso/_git/app', 'https://contoso@dev.azure.com/contoso/_git/app']
    ]
  ])('%s', (url, prefixes) => {
    expect(templatesFor(url)).toEqual(prefixes)
  })

  test('cover the project in both spellings, and no other project, whatever it is called', () => {
    const name = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,10}$/)
    fc.assert(
      fc.property(name, name, name, (project, other, repository) => {
        fc.pre(project !== other)
        const of = (owner: string, user = '') =>
          `https://${user}dev.azure.com/contoso/${owner}/_git/${repository}`
        const prefixes = templatesFor(of(project))
        const covered = (url: string) => prefixes.some((prefix) => hasPrefix(url, prefix))
        expect([covered(of(project)), covered(of(project, 'contoso@'))]).toEqual([true, true])
        expect([covered(of(other)), covered(of(other, 'contoso@'))]).toEqual([false, false])
      })
    )
  })
})

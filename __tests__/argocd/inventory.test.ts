/** The inventory of stored credentials: what counts as one, what it serves, and what decides whether it can go. */
import { describe, expect, test } from '@jest/globals'
import type { V1ObjectMeta, V1Secret } from '@kubernetes/client-node'
import { inspect } from 'node:util'
import { storedCredentials, type ClusterObjects } from '../../src/argocd/inventory/inventory.ts'
import type { StoredCredential } from '../../src/argocd/inventory/credential.ts'
import { Redaction } from '../../src/core/redaction.ts'
import { Sealed } from '../../src/core/sealed.ts'
import type { Application, ApplicationSet } from '../../src/services/kubernetes/argocd-objects.ts'
import { tokensIn } from '../../src/services/kubernetes/generators.ts'
import { marksOf } from '../../src/services/kubernetes/marks.ts'
import { secretsIn } from '../../src/services/kubernetes/secrets.ts'

const ORG = 'https://dev.azure.com/contoso'
const APP = `${ORG}/shop/_git/app`
const TOKEN = 'tokentokentokentokentokentokentokentokentokentoken12'
const HOME = { namespace: 'argocd', version: '3.2.0' }

function secret(
  name: string,
  type: string | undefined,
  data: Readonly<Record<string, string>>,
  metadata: V1ObjectMeta = {}
): V1Secret {
  const labels = { ...(type !== undefined && { 'argocd.argoproj.io/secret-type': type }), ...metadata.labels }
  return {
    metadata: { namespace: 'argocd', uid: name, resourceVersion: '1', ...metadata, name, labels },
    data: Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')])
    )
  }
}

function application(name: string, url: string, more: Partial<Application> = {}): Application {
  const metadata = { namespace: 'argocd', name, ...(more.marks && { annotations: more.marks.annotations }) }
  return {
    namespace: 'argocd',
    name,
    spec: undefined,
    project: 'default',
    sources: url === '' ? [] : [{ url, path: undefined, revision: undefined }],
    hydrated: undefined,
    multiple: false,
    automated: undefined,
    destination: { namespace: undefined },
    refreshing: false,
    reconciledAt: undefined,
    compared: [],
    controllerNamespace: undefined,
    sync: undefined,
    health: undefined,
    skipped: false,
    conditions: [],
    ...more,
    marks: marksOf(metadata)
  }
}

function set(name: string, generators: unknown, namespace = 'argocd'): ApplicationSet {
  return { namespace, name, marks: marksOf({ namespace, name }), urls: [], tokens: tokensIn({ generators }) }
}

const found = (objects: Partial<ClusterObjects>, version = HOME.version): StoredCredential[] =>
  storedCredentials([{ ...HOME, version }], {
    cluster: 'aks',
    host: 'dev.azure.com',
    secrets: [],
    applications: [],
    sets: [],
    ...objects
  })
const wordsOf = ({ ref, verdict, reasons }: StoredCredential): string =>
  [ref.name, verdict, ...reasons.map(({ id }) => id)].join(' ')

describe('what counts', () => {
  test.each([
    ['a password', { url: APP, password: TOKEN }, ['password']],
    ['a user name alone', { url: APP, username: 'somebody' }, ['username']],
    ['a bearer token', { url: APP, bearerToken: TOKEN }, ['bearerToken']],
    [
      'an SSH key',
      { url: 'git@ssh.dev.azure.com:v3/contoso/shop/app', sshPrivateKey: 'x' },
      ['sshPrivateKey']
    ],
    [
      'a service principal',
      { url: APP, azureServicePrincipalClientSecret: 'x' },
      ['azureServicePrincipalClientSecret']
    ],
    ['a GitHub App', { url: APP, githubAppPrivateKey: 'x' }, ['githubAppPrivateKey']],
    ['a token in the URL', { url: `https://${TOKEN}@dev.azure.com/contoso/shop/_git/app` }, ['url']],
    [
      'the legacy host',
      { url: 'https://contoso.visualstudio.com/shop/_git/app', password: 'x' },
      ['password']
    ],
    ['an empty value', { url: APP, password: '' }, undefined],
    ['workload identity', { url: APP, useAzureWorkloadIdentity: 'true' }, undefined],
    ['another host', { url: 'https://github.com/contoso/app', password: TOKEN }, undefined],
    [
      'a host that only begins alike',
      { url: 'https://dev.azure.com.evil.example/x', password: TOKEN },
      undefined
    ],
    [
      'a user that only looks like the host',
      { url: 'https://dev.azure.com@evil.example/x', password: 'x' },
      undefined
    ]
  ])('%s', (_what, data, keys) => {
    const [one] = found({ secrets: [secret('s', 'repository', data)] })
    expect(one?.keys).toEqual(keys)
  })

  test.each(['https://', 'https://dev', 'https://dev.azure.com', ORG])(
    'a template for %s reaches Azure Repos',
    (url) => {
      expect(found({ secrets: [secret('s', 'repo-creds', { url, password: TOKEN })] })).toHaveLength(1)
    }
  )

  test('the organization in a URL is no credential', () => {
    expect(
      found({ applications: [application('a', 'https://contoso@dev.azure.com/contoso/shop/_git/app')] })
    ).toEqual([])
  })
})

describe('what it serves, and whether it can go', () => {
  test('a longer template beats a shorter one with workload identity, for its own repositories only', () => {
    const [one] = found({
      secrets: [
        secret('pat', 'repo-creds', { url: `${ORG}/shop/`, password: TOKEN }),
        secret('identity', 'repo-creds', { url: `${ORG}/`, useAzureWorkloadIdentity: 'true' })
      ],
      applications: [application('a', APP), application('b', `${ORG}/other/_git/b`)]
    })
    expect(one).toMatchObject({
      serves: { repositories: [APP], applications: [{ name: 'a' }] },
      shadows: [{ namespace: 'argocd', name: 'identity' }],
      verdict: 'can-go'
    })
  })

  test('a password beats the flag beside it', () => {
    const data = { url: APP, password: TOKEN, useAzureWorkloadIdentity: 'true' }
    const [one] = found({ secrets: [secret('s', 'repository', data)], applications: [application('a', APP)] })
    expect(one?.shadows).toEqual([{ namespace: 'argocd', name: 's' }])
  })

  test('a Secret of an Argo CD project serves that project only', () => {
    const scoped = secret('s', 'repository', { url: APP, project: 'team', password: TOKEN })
    const users = [application('a', APP, { project: 'team' }), application('b', APP)]
    const [one] = found({ secrets: [scoped], applications: users })
    expect(one?.serves.applications).toEqual([{ namespace: 'argocd', name: 'a' }])
  })

  test.each([
    ['plain', secret('s', 'repository', { url: APP, password: TOKEN }), {}, 's can-go'],
    ['no user', secret('s', 'repository', { url: APP, password: TOKEN }), { applications: [] }, 's unused'],
    [
      'users unknown',
      secret('s', 'repository', { url: APP, password: TOKEN }),
      { applications: undefined },
      's can-go'
    ],
    [
      'immutable',
      { ...secret('s', 'repository', { url: APP, password: TOKEN }), immutable: true },
      {},
      's must-wait immutable'
    ],
    [
      'too wide',
      secret('s', 'repo-creds', { url: 'https://', password: TOKEN }),
      {},
      's must-wait elsewhere'
    ],
    [
      'sealed-secrets',
      secret(
        's',
        'repository',
        { url: APP, password: TOKEN },
        { annotations: { 'sealedsecrets.bitnami.com/managed': 'true' } }
      ),
      {},
      's must-wait owner'
    ],
    [
      'Terraform',
      secret(
        's',
        'repository',
        { url: APP, password: TOKEN },
        { managedFields: [{ manager: 'HashiCorp', operation: 'Update' }] }
      ),
      {},
      's must-wait owner'
    ],
    [
      'a key that does not parse',
      secret('s', 'repository', { url: APP, password: TOKEN, insecure: 'maybe' }),
      {},
      's must-wait unreadable'
    ]
  ] as const)('%s', (_what, one, more, words) => {
    const objects = {
      secrets: [one],
      applications: [application('a', APP)],
      ...more
    } as Partial<ClusterObjects>
    expect(found(objects).map(wordsOf)).toEqual([words])
  })

  test('an Argo CD without workload identity', () => {
    const objects = {
      secrets: [secret('s', 'repository', { url: APP, password: TOKEN })],
      applications: [application('a', APP)]
    }
    expect(found(objects, '2.14.0').map(wordsOf)).toEqual(['s must-wait version'])
  })

  test('the hydrator pushes with write Secrets, and reads with the others', () => {
    const objects = {
      secrets: [
        secret('read', 'repository', { url: APP, password: TOKEN }),
        secret('write', 'repository-write', { url: APP, password: TOKEN }),
        secret('idle', 'repository-write', { url: `${APP}-2`, password: TOKEN })
      ],
      applications: [application('a', '', { hydrated: APP })]
    }
    expect(found(objects).map(wordsOf)).toEqual(['read can-go', 'idle unused write', 'write must-wait write'])
  })

  test('a Secret that a generator names as well must wait, whatever its label', () => {
    const generators = [
      {
        merge: {
          generators: [
            {
              pullRequest: {
                azuredevops: { organization: 'contoso', tokenRef: { secretName: 's', key: 'password' } }
              }
            }
          ]
        }
      },
      { scmProvider: { github: { tokenRef: { secretName: 'of-github', key: 'token' } } } }
    ]
    const objects = {
      secrets: [
        secret('s', 'repository', { url: APP, password: TOKEN }),
        secret('of-github', undefined, { token: TOKEN })
      ],
      applications: [application('a', APP)],
      sets: [set('previews', generators)]
    }
    expect(found(objects).map(wordsOf)).toEqual(['s must-wait generator'])
  })

  test('a token that cannot be read is reported by what names it', () => {
    const generators = [
      {
        scmProvider: {
          azureDevOps: { organization: 'contoso', accessTokenRef: { secretName: 't', key: 'k' } }
        }
      }
    ]
    const [one] = found({ sets: [set('scm', generators, 'team')] })
    expect(one).toMatchObject({
      kind: 'generator',
      ref: { namespace: 'team', name: 't', uid: '' },
      keys: ['k']
    })
  })

  test('Image Updater, Kargo, and a label that was lost', () => {
    const annotations = (method: string): Application['marks'] =>
      marksOf({ annotations: { 'argocd-image-updater.argoproj.io/write-back-method': method } })
    const objects = {
      secrets: [
        secret('read', 'repository', { url: APP, password: TOKEN }),
        secret('updater', undefined, { username: 'bot', password: 'another-token-of-somebody' }),
        secret(
          'kargo',
          undefined,
          { repoURL: APP, password: 'x' },
          { labels: { 'kargo.akuity.io/cred-type': 'git' } }
        ),
        secret('lost', undefined, { url: APP, password: 'x' }),
        secret('unrelated', undefined, { password: 'x' })
      ],
      applications: [
        application('a', APP, { marks: annotations('git:secret:argocd/updater') }),
        application('b', APP, { marks: annotations('git:repocreds') })
      ]
    }
    expect(found(objects).map(wordsOf)).toEqual([
      'read must-wait other-reader',
      'kargo must-wait other-reader',
      'lost unused',
      'updater must-wait other-reader'
    ])
  })

  test('two Argo CDs: each has its own Secrets and Applications', () => {
    const [one, other] = storedCredentials([HOME, { namespace: 'second', version: '3.2.0' }], {
      cluster: 'aks',
      host: 'dev.azure.com',
      secrets: [
        secret('s', 'repository', { url: APP, password: TOKEN }),
        secret('s', 'repository', { url: APP, password: TOKEN }, { namespace: 'second' })
      ],
      applications: [application('a', APP)],
      sets: []
    })
    expect([one?.argocd, one?.verdict, other?.argocd, other?.verdict]).toEqual([
      'argocd',
      'can-go',
      'second',
      'unused'
    ])
    expect(one?.fingerprint).not.toBe(other?.fingerprint)
    expect(one?.group).toBe(other?.group)
  })
})

describe('values', () => {
  test('equal ones are a group, whatever the key, and line feeds do not count', () => {
    const all = found({
      secrets: [
        secret('a', 'repository', { url: APP, password: TOKEN }),
        secret('b', 'repo-creds', { url: `${ORG}/`, bearerToken: `${TOKEN}\n` }),
        secret('c', 'repository', { url: `${APP}2`, password: 'another', username: 'same' }),
        secret('d', 'repository', { url: `${APP}3`, password: 'yet another', username: 'same' })
      ]
    })
    expect(all.map(({ ref, group }) => [ref.name, group])).toEqual([
      ['a', 1],
      ['c', undefined],
      ['d', undefined],
      ['b', 1]
    ])
  })

  test('nothing shows one: no text, no JSON, no inspection', () => {
    const sealed = new Sealed(TOKEN)
    for (const shown of [
      String(sealed),
      sealed.toString(),
      JSON.stringify({ sealed }),
      inspect(sealed, { depth: 9, showHidden: true })
    ])
      expect(shown).not.toContain(TOKEN)
  })

  test('a fingerprint depends on place, kind and keys, and not on the value', () => {
    const print = (data: Readonly<Record<string, string>>, name = 's'): string | undefined =>
      found({ secrets: [secret(name, 'repository', { url: APP, ...data })] })[0]?.fingerprint
    const first = print({ password: TOKEN })
    expect(print({ password: 'changed' })).toBe(first)
    const others = [
      print({ bearerToken: TOKEN }),
      print({ password: TOKEN, username: 'x' }),
      print({ password: TOKEN }, 't')
    ]
    expect(new Set([first, ...others]).size).toBe(4)
  })

  test('a token in the place of the user, or of the URL, is neither shown nor unmasked', () => {
    for (const data of [
      { url: APP, username: TOKEN },
      { url: TOKEN, password: 'x' },
      { url: `${APP}?token=${TOKEN}`, password: 'x' }
    ]) {
      const one = secret('s', 'repository', data)
      const shown = found({ secrets: [one], applications: [application('a', data.url)] })
      expect(JSON.stringify(shown)).not.toContain(TOKEN)
    }
    expect(secretsIn(secret('s', 'repository', { url: APP, username: TOKEN }))).toEqual([TOKEN])
  })

  test('a thousand secrets are redacted as few are', () => {
    const [few, many] = [new Redaction(), new Redaction()]
    const secrets = Array.from({ length: 1_000 }, (_none, at) => `secret-number-${at}-of-all`)
    for (const one of secrets) many.add(one)
    for (const one of secrets.slice(0, 20)) few.add(one)
    for (const text of [
      'nothing',
      secrets[3] ?? '',
      `x${secrets[7] ?? ''}y${secrets[3] ?? ''}`,
      'secret-number-1…',
      'secret-n',
      ''
    ])
      expect(many.of(text)).toBe(few.of(text))
    expect(many.of(`at ${secrets[999] ?? ''}.`)).toBe('at ***.')
  })
})

test('hostile names and URLs neither stop nor steer', () => {
  const nasty = '\u001b[2J\n::error::x\u202e<img>'
  const one = secret(
    's',
    'repository',
    { url: `${APP}${nasty}`, password: TOKEN, project: nasty },
    { ownerReferences: [{ apiVersion: '', kind: nasty, name: nasty, uid: '', controller: true }] }
  )
  const [shown] = found({
    secrets: [one],
    applications: [application(nasty, `${APP}${nasty}`, { project: nasty })]
  })
  expect(shown?.url).not.toContain('\u001b')
  expect(shown?.manager?.name).not.toContain('\u001b')
})

test('linear: ten times the objects take no more than some thirty times as long', () => {
  const build = (size: number): Partial<ClusterObjects> => ({
    secrets: Array.from({ length: size }, (_none, at) =>
      secret(`s${at}`, at % 10 === 0 ? 'repo-creds' : 'repository', {
        url: `${ORG}/p${at}/_git/r`,
        password: `token-${at % 97}`
      })
    ),
    applications: Array.from({ length: size * 5 }, (_none, at) =>
      application(`a${at}`, `${ORG}/p${at % size}/_git/r`)
    )
  })
  const time = (objects: Partial<ClusterObjects>): number => {
    const started = process.cpuUsage()
    expect(found(objects).length).toBeGreaterThan(0)
    const { user, system } = process.cpuUsage(started)
    return user + system
  }
  const [small, large] = [build(150), build(1_500)]
  time(small)
  expect(time(large) / Math.max(time(small), 1)).toBeLessThan(30)
})

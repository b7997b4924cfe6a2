/** An object is ours when nothing of it differs from what Patless writes; any one difference makes it somebody else's. */
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { whyForeign } from '../../src/chain/federated-credential.ts'
import { whoseIdentity } from '../../src/chain/identity.ts'
import {
  whyForeignApplication,
  whyForeignProbe,
  whyForeignSecret,
  whyNotMadeFor
} from '../../src/argocd/ownership.ts'
import { nameOf } from '../../src/argocd/places.ts'
import { probeMetadata, probeSpec } from '../../src/argocd/probe.ts'
import { entryOf, type Entry, type SecretKind } from '../../src/argocd/secrets.ts'
import { ArgocdObjects, type Application } from '../../src/services/kubernetes/argocd-objects.ts'
import type { Kubernetes } from '../../src/services/kubernetes/api.ts'

const URLS = fc
  .tuple(
    fc.stringMatching(/^[a-z0-9]{1,12}$/),
    fc.stringMatching(/^[\w.-]{1,12}$/),
    fc.stringMatching(/^[\w.-]{1,12}$/)
  )
  .map(([organization, project, name]) => `https://dev.azure.com/${organization}/${project}/_git/${name}`)
const KEY = fc.stringMatching(/^[a-z]{1,8}\.(?:io|dev)\/[a-z-]{1,12}$/)
const base64 = (text: string): string => Buffer.from(text).toString('base64')

type Fields = Record<string, unknown>
interface Made {
  metadata: Fields & { labels: Record<string, string>; annotations: Record<string, string> }
  [field: string]: unknown
}

/** Marks that somebody else may have set, or taken away, on an object of any kind. */
const STRANGE_MARKS: fc.Arbitrary<(made: Made) => void> = fc.oneof(
  fc.constant(({ metadata }: Made) => {
    metadata['namespace'] = 'team-a'
  }),
  fc.constant(({ metadata }: Made) => {
    delete metadata.labels['app.kubernetes.io/managed-by']
  }),
  fc.constantFrom('Helm', 'Patless', '', 'argocd').map((value) => ({ metadata }: Made) => {
    metadata.labels['app.kubernetes.io/managed-by'] = value
  }),
  KEY.map((key) => ({ metadata }: Made) => {
    metadata.labels[key] = 'x'
  }),
  KEY.map((key) => ({ metadata }: Made) => {
    metadata.annotations[key] = 'x'
  }),
  fc
    .constantFrom<unknown>(['resources-finalizer.argocd.argoproj.io'], ['a.example/held', 'b'], 'no list')
    .map((finalizers) => ({ metadata }: Made) => {
      metadata['finalizers'] = finalizers
    }),
  fc
    .constantFrom<unknown>(
      [{ apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', name: 'repo', uid: '1' }],
      [{ kind: 'ApplicationSet', name: 'apps' }],
      'no list'
    )
    .map((ownerReferences) => ({ metadata }: Made) => {
      metadata['ownerReferences'] = ownerReferences
    }),
  fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/).map((name) => ({ metadata }: Made) => {
    metadata['name'] = name
  })
)

describe('a Secret', () => {
  const made = (kind: SecretKind, url: string): Made => ({
    metadata: {
      name: nameOf({ kind, url, project: '' }),
      namespace: 'argocd',
      labels: { 'argocd.argoproj.io/secret-type': kind, 'app.kubernetes.io/managed-by': 'patless' },
      annotations: { 'patless/verified-with': 'ab12cd34' }
    },
    type: 'Opaque',
    data: { type: base64('git'), url: base64(url), useAzureWorkloadIdentity: base64('true') }
  })
  const read = (secret: Made): Entry => {
    const entry = entryOf(secret)
    if (!entry) throw new Error('Argo CD does not read it')
    return entry
  }
  const KINDS = fc.constantFrom<SecretKind>('repository', 'repo-creds')
  const data = (secret: Made): Record<string, string> => secret['data'] as Record<string, string>
  const STRANGE_CONTENT: fc.Arbitrary<(secret: Made) => void> = fc.oneof(
    fc
      .tuple(
        fc.oneof(
          fc.constantFrom('password', 'username', 'bearerToken', 'sshPrivateKey', 'project', 'insecure'),
          fc.constantFrom('githubAppPrivateKey', 'gcpServiceAccountKey', 'azureServicePrincipalClientSecret'),
          fc.stringMatching(/^[a-zA-Z]{1,12}$/).filter((key) => !['type', 'url'].includes(key))
        ),
        fc.string({ maxLength: 5 })
      )
      .map(([key, value]) => (secret: Made) => {
        data(secret)[key] = base64(value)
      }),
    fc.constant((secret: Made) => {
      secret['immutable'] = true
    }),
    fc.constantFrom('kubernetes.io/basic-auth', 'helm.sh/release.v1').map((type) => (secret: Made) => {
      secret['type'] = type
    })
  )
  const DRIFT: fc.Arbitrary<(secret: Made) => void> = fc.oneof(
    fc.constantFrom('false', 'yes', '', '0').map((value) => (secret: Made) => {
      data(secret)['useAzureWorkloadIdentity'] = base64(value)
    }),
    fc.constantFrom('type', 'useAzureWorkloadIdentity').map((key) => (secret: Made) => {
      Reflect.deleteProperty(data(secret), key)
    }),
    fc.constantFrom('helm', 'oci', '').map((value) => (secret: Made) => {
      data(secret)['type'] = base64(value)
    })
  )

  test('that Patless wrote is ours', () => {
    fc.assert(
      fc.property(KINDS, URLS, (kind, url) => whyForeignSecret(read(made(kind, url)), 'argocd') === undefined)
    )
  })

  test('that differs in any one thing is neither ours to delete nor to overwrite', () => {
    fc.assert(
      fc.property(KINDS, URLS, fc.oneof(STRANGE_MARKS, STRANGE_CONTENT), (kind, url, change) => {
        const secret = made(kind, url)
        change(secret)
        const entry = read(secret)
        expect(whyForeignSecret(entry, 'argocd')).toMatch(/^its? /)
        expect(whyNotMadeFor({ kind, url, project: '' }, entry, 'argocd')).toMatch(/^its? /)
      })
    )
  })

  test('whose own keys have drifted is ours to correct, and not to delete', () => {
    fc.assert(
      fc.property(KINDS, URLS, DRIFT, (kind, url, change) => {
        const secret = made(kind, url)
        change(secret)
        const entry = read(secret)
        expect(whyForeignSecret(entry, 'argocd')).toMatch(/^its key /)
        expect(whyNotMadeFor({ kind, url, project: '' }, entry, 'argocd')).toBeUndefined()
      })
    )
  })

  test('that names another repository is not ours: its name says what it was made for', () => {
    fc.assert(
      fc.property(KINDS, URLS, URLS, (kind, url, other) => {
        fc.pre(nameOf({ kind, url, project: '' }) !== nameOf({ kind, url: other, project: '' }))
        const secret = made(kind, url)
        data(secret)['url'] = base64(other)
        expect(whyForeignSecret(read(secret), 'argocd')).toMatch(/^its name is not /)
        expect(whyNotMadeFor({ kind, url: other, project: '' }, read(secret), 'argocd')).toMatch(
          /^its name is not /
        )
      })
    )
  })
})

/** As it comes over the wire. */
function wired(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown
}

/** As the service gives it. */
async function applicationOf(item: object): Promise<Application> {
  const found = await new ArgocdObjects({
    object: () => Promise.resolve(item)
  } as unknown as Kubernetes).application('argocd', 'x')
  if (!found) throw new Error('there is none')
  return found
}

/** Paths of all fields of an object, innermost ones too. */
function pathsOf(value: unknown): string[][] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [
    [key],
    ...pathsOf(inner).map((path) => [key, ...path])
  ])
}

function parentOf(value: Fields, path: readonly string[]): Fields {
  return path.slice(0, -1).reduce<Fields>((inner, key) => inner[key] as Fields, value)
}

/** Fields that are somebody else's wherever they are. */
const MORE_FIELDS: fc.Arbitrary<(spec: Fields) => void> = fc
  .constantFrom<[path: string[], value: unknown]>(
    [['syncPolicy'], { automated: {} }],
    [['syncPolicy'], { automated: { prune: true, selfHeal: true } }],
    [['syncPolicy'], { automated: { enabled: false, prune: true } }],
    [['syncPolicy'], { syncOptions: ['CreateNamespace=true'] }],
    [['ignoreDifferences'], []],
    [['revisionHistoryLimit'], 3],
    [['sources'], [{ repoURL: 'https://x', path: 'a' }]],
    [['source', 'chart'], 'redis'],
    [['source', 'helm'], { values: 'a: 1' }],
    [['source', 'directory', 'recurse'], true],
    [['source', '__proto__'], 'x'],
    [['destination', 'name'], 'other'],
    [['project'], 'team'],
    [['destination', 'server'], 'https://other']
  )
  .map(([path, value]) => (spec: Fields) => {
    for (const [index, key] of path.slice(0, -1).entries())
      parentOf(spec, path.slice(0, index + 1))[key] ??= {}
    Object.defineProperty(parentOf(spec, path), path.at(-1) ?? '', {
      value,
      enumerable: true,
      configurable: true,
      writable: true
    })
  })

describe('a probe', () => {
  const NONCE = fc.stringMatching(/^[0-9a-f]{6}$/)
  const made = (url: string, nonce: string): Made => ({
    metadata: {
      ...(wired(probeMetadata(url, nonce)) as Made['metadata']),
      namespace: 'argocd'
    },
    spec: wired(probeSpec(url, 'argocd', 'default'))
  })
  const why = async (item: Made): Promise<string | undefined> =>
    whyForeignProbe(await applicationOf(item), 'argocd')

  test('that Patless made is one, also after the controllers have seen it', async () => {
    await fc.assert(
      fc.asyncProperty(URLS, NONCE, async (url, nonce) => {
        const seen = made(url, nonce)
        seen.metadata.annotations = { 'notified.notifications.argoproj.io': '{}' }
        const { source } = seen['spec'] as { source: { directory: Fields } }
        source.directory['jsonnet'] = {}
        expect([await why(made(url, nonce)), await why(seen)]).toEqual([undefined, undefined])
      })
    )
  })

  test('that differs in any mark is none', async () => {
    await fc.assert(
      fc.asyncProperty(URLS, NONCE, STRANGE_MARKS, async (url, nonce, change) => {
        const item = made(url, nonce)
        change(item)
        expect(await why(item)).toMatch(/^its? /)
      })
    )
  })

  test('that differs in any field is none: another value, one less, one more', async () => {
    await fc.assert(
      fc.asyncProperty(URLS, NONCE, fc.nat(), fc.boolean(), async (url, nonce, at, gone) => {
        const item = made(url, nonce)
        const spec = item['spec'] as Fields
        const paths = pathsOf(spec)
        const path = paths[at % paths.length] ?? []
        const parent = parentOf(spec, path)
        const key = path.at(-1) ?? ''
        if (gone) Reflect.deleteProperty(parent, key)
        else parent[key] = typeof parent[key] === 'string' ? `${parent[key]}x` : 'x'
        expect(await why(item)).toMatch(/^its? /)
      })
    )
    await fc.assert(
      fc.asyncProperty(URLS, NONCE, MORE_FIELDS, async (url, nonce, change) => {
        const item = made(url, nonce)
        change(item['spec'] as Fields)
        expect(await why(item)).toMatch(/^its? /)
      })
    )
  })

  test.each([
    ['only the label', { name: 'patless-probe-00000000-aaaaaa', labels: { 'patless/probe': 'true' } }],
    ['any value of the label', { name: 'app', labels: { 'patless/probe': '' } }]
  ])('is nothing that has %s', async (_case, metadata) => {
    const item = { metadata: { namespace: 'argocd', annotations: {}, ...metadata }, spec: {} }
    expect(await why(item as unknown as Made)).toMatch(/^it has no label/)
  })
})

describe('an Application', () => {
  const made = (url: string): Made => ({
    metadata: {
      name: 'app',
      namespace: 'argocd',
      labels: { 'app.kubernetes.io/managed-by': 'patless' },
      annotations: {}
    },
    spec: {
      project: 'default',
      source: { repoURL: url, path: 'deploy', targetRevision: 'HEAD' },
      destination: { server: 'https://kubernetes.default.svc', namespace: 'shop' }
    }
  })
  const why = async (item: Made): Promise<string | undefined> =>
    whyForeignApplication(await applicationOf(item), { namespace: 'argocd', project: 'default' })

  test('that Patless made is ours, whatever its inputs were', async () => {
    await fc.assert(
      fc.asyncProperty(URLS, async (url) => {
        expect(await why(made(url))).toBeUndefined()
      })
    )
  })

  test('that differs in any one thing is not', async () => {
    const marks = STRANGE_MARKS.map((change) => (item: Made) => {
      change(item)
      // Its name is an input.
      item.metadata['name'] = 'app'
    }).filter((change) => {
      const [before, after] = [made('https://x'), made('https://x')]
      change(after)
      return JSON.stringify(before) !== JSON.stringify(after)
    })
    const fields = MORE_FIELDS.map((change) => (item: Made) => {
      change(item['spec'] as Fields)
    })
    await fc.assert(
      fc.asyncProperty(URLS, fc.oneof(marks, fields), async (url, change) => {
        const item = made(url)
        change(item)
        expect(await why(item)).toMatch(/^its? /)
      })
    )
  })

  test('that syncs by itself says so first', async () => {
    const item = made('https://x')
    Object.assign(item['spec'] as Fields, { syncPolicy: { automated: { prune: true } } })
    expect(await why(item)).toBe('it syncs by itself, and prunes')
    Object.assign(item['spec'] as Fields, { syncPolicy: { automated: 'something new' } })
    expect(await why(item)).toBe('it syncs by itself, and prunes')
    Object.assign(item['spec'] as Fields, { syncPolicy: { automated: {} } })
    expect(await why(item)).toBe('it syncs by itself')
  })
})

describe('in Azure', () => {
  const want = {
    identity: { subscriptionId: 's', resourceGroup: 'rg', name: 'id' },
    cluster: { id: '/subscriptions/s/aks', name: 'aks' },
    issuer: 'https://issuer/',
    subject: 'system:serviceaccount:argocd:argocd-repo-server',
    audience: 'api://AzureADTokenExchange',
    known: undefined
  }
  const { issuer, subject, audience } = want
  const named = whyForeign(want, { name: 'x', issuer, subject, audiences: [audience] })
  const ours = { name: named?.replace('its name is not ', '') ?? '', issuer, subject, audiences: [audience] }

  test('a federated credential is ours by its name and all that it says', () => {
    expect(whyForeign(want, ours)).toBeUndefined()
    expect(named).toMatch(/^its name is not argocd-aks-argocd-argocd-repo-server-[0-9a-f]{8}$/)
    fc.assert(
      fc.property(fc.constantFrom('name', 'issuer', 'subject'), fc.string(), (field, more) => {
        fc.pre(more !== '')
        expect(whyForeign(want, { ...ours, [field]: `${ours[field as 'name']}${more}` })).toMatch(/^its /)
      })
    )
    for (const audiences of [[], ['x'], [audience, 'x']])
      expect(whyForeign(want, { ...ours, audiences })).toMatch(/^its audiences is /)
  })

  test('an identity is ours by its tag', () => {
    expect([undefined, { marked: false }, { marked: true }].map(whoseIdentity)).toEqual([
      'absent',
      'foreign',
      'ours'
    ])
  })
})

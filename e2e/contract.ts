/**
 * What a client may expect of a Kubernetes API with the workload identity webhook. The same cases run against the real
 * one (`npm run test:e2e`) and against the twin (`npm test`), so that both stay equal. Each case was once a difference.
 */
import { describe, expect, test } from '@jest/globals'
import type { V1Pod } from '@kubernetes/client-node'
import { MERGE, type Kube, type Reply } from './kube.ts'

const NAMESPACE = '/api/v1/namespaces/argocd'
const SECRETS = `${NAMESPACE}/secrets`
const PODS = `${NAMESPACE}/pods`
const DEPLOYMENT = '/apis/apps/v1/namespaces/argocd/deployments/argocd-repo-server'
const TOKEN = `${NAMESPACE}/serviceaccounts/argocd-repo-server/token`
const PREFIX = 'azure.workload.identity/'
const EXPIRATION = `${PREFIX}service-account-token-expiration`

/** @param as the same API with another token */
export function contractCases(here: () => { readonly kube: Kube; as(token: string): Kube }): void {
  const ask = (method: string, path: string, body?: unknown, type?: string): Promise<Reply> =>
    here().kube.request(method, path, body, type)
  const failure = (code: number, reason: string, message: RegExp, details?: object): object => ({
    status: code,
    body: {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: expect.stringMatching(message) as unknown,
      ...(reason === '' ? {} : { reason }),
      ...(details === undefined ? {} : { details }),
      code
    }
  })
  /** Runs with a Secret that is deleted afterwards. */
  const withSecret = async (name: string, work: (path: string) => Promise<void>): Promise<void> => {
    await ask('DELETE', `${SECRETS}/${name}`)
    const made = await ask('POST', SECRETS, secret(name, { stringData: { url: 'https://x' } }))
    expect(made).toMatchObject({ status: 201, body: { type: 'Opaque', data: { url: 'aHR0cHM6Ly94' } } })
    expect(made.body).not.toHaveProperty('stringData')
    try {
      await work(`${SECRETS}/${name}`)
    } finally {
      await ask('DELETE', `${SECRETS}/${name}`)
    }
  }
  const podNamed = async (name: string, annotations: Record<string, string> = {}): Promise<Reply> => {
    await ask('DELETE', `${PODS}/${name}`)
    const made = await ask('POST', PODS, pod(name, annotations))
    await ask('DELETE', `${PODS}/${name}`)
    return made
  }

  describe('the API server', () => {
    test('what is absent is named, without blanks', async () => {
      const details = { name: 'nope', kind: 'secrets' }
      expect(await ask('GET', `${SECRETS}/nope`)).toEqual(
        failure(404, 'NotFound', /^secrets "nope" not found$/, details)
      )
    })

    test('a path nobody serves is no Status, an unknown resource is', async () => {
      expect(await ask('GET', '/apis/nope.example/v1/things')).toEqual({
        status: 404,
        body: '404 page not found\n'
      })
      expect(await ask('GET', `${NAMESPACE}/things`)).toEqual(
        failure(404, 'NotFound', /^the server could not find the requested resource$/, {})
      )
    })

    test('deleting answers with a word, and again with an absence', async () => {
      await withSecret('contract-deleted', async (path) => {
        expect(await ask('DELETE', path)).toMatchObject({
          status: 200,
          body: { kind: 'Status', status: 'Success', details: { name: 'contract-deleted', kind: 'secrets' } }
        })
        expect(await ask('DELETE', path)).toMatchObject({ status: 404 })
      })
    })

    test('deleting with a condition leaves what was replaced or changed', async () => {
      await withSecret('contract-guarded', async (path) => {
        const before = (await ask('GET', path)).body as { metadata: { uid: string; resourceVersion: string } }
        await ask('PATCH', path, { metadata: { annotations: { seen: 'later' } } }, MERGE)
        const { uid, resourceVersion } = before.metadata
        const details = { name: 'contract-guarded', kind: 'Secret' }
        const other = '00000000-0000-4000-8000-000000000000'
        expect(await ask('DELETE', path, { preconditions: { uid: other } })).toEqual(
          failure(409, 'Conflict', /the UID in the precondition \(0{8}-/, details)
        )
        expect(await ask('DELETE', path, { preconditions: { uid, resourceVersion } })).toEqual(
          failure(409, 'Conflict', /the ResourceVersion in the precondition \(\d+\) does not match/, details)
        )
        expect(await ask('DELETE', path, { preconditions: { uid } })).toMatchObject({ status: 200 })
      })
    })

    test('what has a finalizer is still there after it was deleted', async () => {
      await withSecret('contract-finalized', async (path) => {
        const finalizers = (names: readonly string[] | null) =>
          ask('PATCH', path, { metadata: { finalizers: names } }, MERGE)
        await finalizers(['example.com/held'])
        expect(await ask('DELETE', path)).toMatchObject({ status: 200 })
        const deletionTimestamp = expect.any(String) as unknown
        expect(await ask('GET', path)).toMatchObject({
          status: 200,
          body: { metadata: { deletionTimestamp } }
        })
        await finalizers(null)
        expect(await ask('GET', path)).toMatchObject({ status: 404 })
      })
    })

    test('who wrote which field, and when, is recorded apart for each field manager', async () => {
      await withSecret('contract-managed', async (path) => {
        const before = (await ask('GET', path)).body as { metadata: { managedFields: Written[] } }
        const noted = { metadata: { annotations: { note: 'x' } } }
        await ask('PATCH', `${path}?fieldManager=scribe`, noted, MERGE)
        const { body } = await ask('GET', path)
        const { managedFields } = (body as typeof before).metadata
        expect(managedFields).toHaveLength(2)
        // Sorted by time, then by manager.
        const by = (manager: string) => managedFields.filter((one) => one.manager === manager)
        expect(managedFields.filter(({ manager }) => manager !== 'scribe')).toEqual(
          before.metadata.managedFields
        )
        expect(managedFields.toSorted(byTimeAndManager)).toEqual(managedFields)
        expect(by('scribe')[0]).toMatchObject({
          manager: 'scribe',
          operation: 'Update',
          apiVersion: 'v1',
          fieldsType: 'FieldsV1',
          fieldsV1: { 'f:metadata': { 'f:annotations': { 'f:note': {} } } },
          time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as unknown
        })
        // The same once more is no change, and so no later time.
        await ask('PATCH', `${path}?fieldManager=scribe`, noted, MERGE)
        expect((await ask('GET', path)).body).toEqual(body)
      })
    })

    test('the data of an immutable Secret stay, its annotations need not', async () => {
      await withSecret('contract-immutable', async (path) => {
        await ask('PATCH', path, { immutable: true }, MERGE)
        const refused = failure(422, 'Invalid', /field is immutable when `immutable` is set/)
        const { body: before } = await ask('GET', path)
        for (const patch of [{ stringData: { url: 'https://y' } }, { immutable: false }]) {
          const { status, body } = await ask('PATCH', path, patch, MERGE)
          expect({ status, body: { ...(body as object), details: undefined } }).toEqual({
            ...refused,
            body: { ...(refused as { body: object }).body, details: undefined }
          })
        }
        const seen = await ask('PATCH', path, { metadata: { annotations: { seen: 'yes' } } }, MERGE)
        expect(seen).toMatchObject({ status: 200, body: { data: (before as { data: object }).data } })
      })
    })

    test('objects in a list do not say what they are', async () => {
      await withSecret('contract-listed', async () => {
        const { body } = await ask('GET', SECRETS)
        const { kind, apiVersion, items } = body as { kind: string; apiVersion: string; items: object[] }
        expect([kind, apiVersion]).toEqual(['SecretList', 'v1'])
        expect(items.length).toBeGreaterThan(0)
        for (const item of items) expect(Object.keys(item)).not.toContain('kind')
      })
    })

    test('a merge patch adds by stringData and takes away by null', async () => {
      await withSecret('contract-merged', async (path) => {
        const { status, body } = await ask(
          'PATCH',
          path,
          { data: { url: null }, stringData: { project: 'p' } },
          MERGE
        )
        expect({ status, data: (body as { data: unknown }).data }).toEqual({
          status: 200,
          data: { project: 'cA==' }
        })
      })
    })

    test('a dry run returns what would be stored, and stores nothing', async () => {
      const dry = await ask(
        'POST',
        `${SECRETS}?dryRun=All`,
        secret('contract-dry', { stringData: { a: '1' } })
      )
      expect(dry).toMatchObject({ status: 201, body: { type: 'Opaque', data: { a: 'MQ==' } } })
      expect(await ask('GET', `${SECRETS}/contract-dry`)).toMatchObject({ status: 404 })
    })

    test('a patch of a kind it does not know', async () => {
      await withSecret('contract-media', async (path) => {
        expect(await ask('PATCH', path, {}, 'text/plain')).toEqual(
          failure(415, 'UnsupportedMediaType', /^415: Unsupported Media Type$/, {})
        )
      })
    })

    test('server-side apply without a manager', async () => {
      await withSecret('contract-apply', async (path) => {
        expect(
          await ask('PATCH', path, secret('contract-apply'), 'application/apply-patch+yaml')
        ).toMatchObject(
          failure(422, 'Invalid', /^PatchOptions\.meta\.k8s\.io "" is invalid: fieldManager: Required value/)
        )
      })
    })

    test.each([
      [
        'a name',
        secret('Contract_1'),
        422,
        /^Secret "Contract_1" is invalid: metadata\.name: .* regex used for validation/
      ],
      [
        'a label',
        secret('contract-1', {}, { labels: { a: 'b c' } }),
        422,
        /metadata\.labels: Invalid value: "b c"/
      ],
      [
        'a flag for text',
        secret('contract-1', {}, { labels: { a: true } }),
        400,
        /cannot unmarshal bool into Go struct field .*labels of type string/
      ],
      [
        'another namespace',
        secret('contract-1', {}, { namespace: 'default' }),
        400,
        /^the namespace of the provided object does not match/
      ],
      [
        'another kind',
        { ...secret('contract-1'), kind: 'ConfigMap' },
        400,
        /^ConfigMap in version "v1" cannot be handled as a Secret/
      ],
      ['no base64', secret('contract-1', { data: { a: '***' } }), 400, /illegal base64 data at input byte 0$/]
    ])('refuses %s', async (_what, body, status, message) => {
      const reason = status === 422 ? 'Invalid' : 'BadRequest'
      expect(await ask('POST', SECRETS, body)).toMatchObject(failure(status, reason, message))
    })

    test('a label has to be text, also in a patch of a template', async () => {
      const labels = { [`${PREFIX}use`]: true }
      expect(
        await ask('PATCH', DEPLOYMENT, { spec: { template: { metadata: { labels } } } }, MERGE)
      ).toMatchObject(
        failure(422, 'Invalid', /cannot unmarshal bool into Go struct field .*labels of type string/)
      )
    })

    test('what a Deployment selects is fixed', async () => {
      const selector = { matchLabels: { other: 'label' } }
      expect(await ask('PATCH', DEPLOYMENT, { spec: { selector } }, MERGE)).toMatchObject(
        failure(422, 'Invalid', /spec\.selector: Invalid value: .*field is immutable/)
      )
    })

    test('a Deployment at rest says so', async () => {
      const { status } = await here().kube.get<{ status: { conditions: unknown } }>({
        apiVersion: 'apps/v1',
        resource: 'deployments',
        namespace: 'argocd',
        name: 'argocd-repo-server'
      })
      expect(status.conditions).toEqual(
        expect.arrayContaining([
          expect.objectContaining({
            type: 'Available',
            status: 'True',
            reason: 'MinimumReplicasAvailable',
            message: 'Deployment has minimum availability.'
          }),
          expect.objectContaining({
            type: 'Progressing',
            status: 'True',
            reason: 'NewReplicaSetAvailable',
            message: expect.stringMatching(/^ReplicaSet "\S+" has successfully progressed\.$/) as unknown
          })
        ])
      )
    })

    test('a selector that does not end', async () => {
      const selector = encodeURIComponent('a in (b')
      expect(await ask('GET', `${SECRETS}?labelSelector=${selector}`)).toMatchObject(
        failure(400, 'BadRequest', /^unable to parse requirement: found '', expected: ',' or '\)'$/)
      )
    })
  })

  describe('tokens of service accounts', () => {
    test.each([
      [60, /Invalid value: 60: may not specify a duration less than 10 minutes$/],
      [9_999_999_999, /Invalid value: 9999999999: may not specify a duration larger than 2\^32 seconds$/]
    ])('for %i seconds: refused', async (expirationSeconds, message) => {
      expect(await ask('POST', TOKEN, { spec: { audiences: ['a'], expirationSeconds } })).toMatchObject(
        failure(422, 'Invalid', message, { kind: 'TokenRequest', group: 'authentication.k8s.io' })
      )
    })

    test('carry issuer, subject and audience as Entra looks at them', async () => {
      const token = await here().kube.token('argocd', 'argocd-repo-server', ['api://AzureADTokenExchange'])
      const [header, claims] = token
        .split('.')
        .slice(0, 2)
        .map((part) => JSON.parse(decoded(part)) as Record<string, unknown>)
      expect(header).toMatchObject({ alg: 'RS256', kid: expect.any(String) as unknown })
      expect(claims).toMatchObject({
        aud: ['api://AzureADTokenExchange'],
        iss: expect.stringMatching(/^https:\/\/localhost:\d+\/(?:.*\/)?$/) as unknown,
        sub: 'system:serviceaccount:argocd:argocd-repo-server',
        'kubernetes.io': { namespace: 'argocd', serviceaccount: { name: 'argocd-repo-server' } }
      })
    })

    test('without a Role they may nothing, and hear what', async () => {
      const user = here().as(await here().kube.token('argocd', 'argocd-redis'))
      expect(await user.request('GET', `${SECRETS}/x`)).toEqual(
        failure(
          403,
          'Forbidden',
          /^secrets "x" is forbidden: User "system:serviceaccount:argocd:argocd-redis" cannot get resource "secrets" in API group "" in the namespace "argocd"$/,
          {
            name: 'x',
            kind: 'secrets'
          }
        )
      )
      const review = {
        spec: { resourceAttributes: { verb: 'list', resource: 'secrets', namespace: 'argocd' } }
      }
      const { body } = await user.request(
        'POST',
        '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
        review
      )
      expect((body as { status: unknown }).status).toEqual({ allowed: false })
    })
  })

  describe('the webhook', () => {
    test('gives the identity to each container, where the name is not taken', async () => {
      const { status, body } = await podNamed('contract-pod')
      const { spec } = body as V1Pod
      expect(status).toBe(201)
      const [first, second] = (spec?.containers ?? []).map(({ env }) =>
        Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]))
      )
      expect(first?.['AZURE_TENANT_ID']).toBe('mine')
      expect(second?.['AZURE_TENANT_ID']).toMatch(/^[0-9a-f-]{36}$/)
      for (const env of [first, second]) {
        expect(env?.['AZURE_FEDERATED_TOKEN_FILE']).toBe(
          '/var/run/secrets/azure/wi/token/azure-identity-token'
        )
        expect(env?.['AZURE_AUTHORITY_HOST']).toMatch(/^https:\/\/.*\/$/)
      }
    })

    test('mounts the token under a name that is a hash of the pod', async () => {
      const { body } = await podNamed('contract-pod')
      const { spec } = body as V1Pod
      const volume = spec?.volumes?.find((one) =>
        /^azure-workload-identity-reserved-[0-9a-f]{30}$/.test(one.name)
      )
      expect(volume?.projected).toEqual({
        defaultMode: 420,
        sources: [
          {
            serviceAccountToken: {
              audience: 'api://AzureADTokenExchange',
              expirationSeconds: 3600,
              path: 'token/azure-identity-token'
            }
          }
        ]
      })
      expect(spec?.containers[0]?.volumeMounts).toEqual([
        { name: volume?.name, mountPath: '/var/run/secrets/azure/wi', readOnly: true }
      ])
    })

    test('leaves out the containers that are to be skipped', async () => {
      const { body } = await podNamed('contract-skip', { [`${PREFIX}skip-containers`]: 'two' })
      const [one, two] = (body as V1Pod).spec?.containers ?? []
      expect(one?.env?.length).toBeGreaterThan(1)
      expect(two?.env).toBeUndefined()
    })

    test.each([
      [
        '60',
        /denied the request: token expiration 60 not valid\. Expected value to be between 3600 and 86400$/
      ],
      ['soon', /denied the request: strconv\.ParseInt: parsing "soon": invalid syntax$/]
    ])('denies an expiration of %s', async (expiration, message) => {
      expect(await podNamed('contract-expires', { [EXPIRATION]: expiration })).toEqual(
        failure(400, '', message)
      )
    })

    test('a pod needs its service account', async () => {
      const body = pod('contract-alone')
      expect(
        await ask('POST', PODS, { ...body, spec: { ...body.spec, serviceAccountName: 'nope' } })
      ).toEqual(
        failure(
          403,
          'Forbidden',
          /^pods "contract-alone" is forbidden: error looking up service account argocd\/nope: serviceaccount "nope" not found$/,
          {
            name: 'contract-alone',
            kind: 'pods'
          }
        )
      )
    })
  })
}

function secret(name: string, more: object = {}, metadata: object = {}) {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, ...metadata }, ...more }
}

/** A pod with the repo-server's account, which never runs. */
function pod(name: string, annotations: Record<string, string> = {}) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, annotations, labels: { [`${PREFIX}use`]: 'true' } },
    spec: {
      serviceAccountName: 'argocd-repo-server',
      automountServiceAccountToken: false,
      schedulerName: 'nobody',
      containers: [
        { name: 'one', image: 'example/one:1', env: [{ name: 'AZURE_TENANT_ID', value: 'mine' }] },
        { name: 'two', image: 'example/two:1' }
      ]
    }
  }
}

/** As the API server sorts them (apimachinery, managedfields). */
function byTimeAndManager(one: Written, other: Written): number {
  return one.time.localeCompare(other.time) || one.manager.localeCompare(other.manager)
}

interface Written {
  readonly time: string
  readonly manager: string
}

function decoded(part: string): string {
  return Buffer.from(part, 'base64url').toString('utf8')
}

/** For kubectl only, which first requests versions, groups, resources and some OpenAPI. */
import type { Answer, Route } from '../wire.ts'
import { apiVersionOf, KINDS, type Kind } from './objects.ts'

const VERBS = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch']

export function discoveryRoutes(kinds: () => readonly Kind[]): Route[] {
  const ok = (body: unknown) => (): Answer => ({ status: 200, body })
  const groupVersions = [...new Set(KINDS.map(apiVersionOf)), ...Object.keys(REVIEWS)]
  const described = () => {
    const served = new Set([...kinds().map(apiVersionOf), ...Object.keys(REVIEWS)])
    const split = groupVersions.filter((one) => served.has(one)).map((one) => one.split('/'))
    return [...new Set(split.flatMap(([group = '', version]) => (version === undefined ? [] : [group])))].map(
      (name) => {
        const versions = split.flatMap(([group = '', version = '']) =>
          group === name ? [{ groupVersion: `${name}/${version}`, version }] : []
        )
        return { name, versions, preferredVersion: versions[0] }
      }
    )
  }
  const place = (groupVersion: string): string => (groupVersion === 'v1' ? 'api/v1' : `apis/${groupVersion}`)
  return [
    [
      'GET',
      '/version',
      ok({
        major: '1',
        minor: '34',
        gitVersion: 'v1.34.2',
        gitCommit: '',
        gitTreeState: 'clean',
        buildDate: '2026-01-01T00:00:00Z',
        goVersion: 'go1.24',
        compiler: 'gc',
        platform: 'linux/amd64'
      })
    ],
    ['GET', '/healthz', ok('ok')],
    ['GET', '/readyz', ok('ok')],
    ['GET', '/livez', ok('ok')],
    ['GET', '/api', ok({ kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] })],
    [
      'GET',
      '/apis',
      () => ({ status: 200, body: { kind: 'APIGroupList', apiVersion: 'v1', groups: described() } })
    ],
    ...groupVersions.map((groupVersion): Route => [
      'GET',
      `/${place(groupVersion)}`,
      () => resourcesOf(groupVersion, kinds())
    ]),
    [
      'GET',
      '/openapi/v2',
      () => ({
        status: 404,
        body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404 }
      })
    ],
    [
      'GET',
      '/openapi/v3',
      ok({
        paths: Object.fromEntries(
          groupVersions.map((one) => [place(one), { serverRelativeURL: `/openapi/v3/${place(one)}` }])
        )
      })
    ],
    ...groupVersions.map((groupVersion): Route => [
      'GET',
      `/openapi/v3/${place(groupVersion)}`,
      ok(openApiOf(groupVersion))
    ])
  ]
}

function resourcesOf(groupVersion: string, served: readonly Kind[]): Answer {
  const kinds = served.filter((kind) => apiVersionOf(kind) === groupVersion)
  const resources = kinds.flatMap((kind) => [
    {
      name: kind.resource,
      singularName: kind.kind.toLowerCase(),
      namespaced: kind.namespaced,
      kind: kind.kind,
      verbs: VERBS,
      shortNames: kind.shortNames
    },
    ...kind.subresources.map((sub) => ({
      name: `${kind.resource}/${sub}`,
      singularName: '',
      namespaced: kind.namespaced,
      kind: sub === 'token' ? 'TokenRequest' : kind.kind,
      ...(sub === 'token' ? { group: 'authentication.k8s.io', version: 'v1' } : {}),
      verbs: sub === 'token' ? ['create'] : ['get', 'patch', 'update']
    }))
  ])
  const all = [...resources, ...(REVIEWS[groupVersion] ?? [])]
  if (all.length === 0) return { status: 404, body: '404 page not found' }
  return { status: 200, body: { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources: all } }
}

const review = (name: string, kind: string) => ({
  name,
  singularName: kind.toLowerCase(),
  namespaced: false,
  kind,
  verbs: ['create']
})
const REVIEWS: Readonly<Record<string, readonly unknown[]>> = {
  'authorization.k8s.io/v1': [review('selfsubjectaccessreviews', 'SelfSubjectAccessReview')],
  'authentication.k8s.io/v1': [review('selfsubjectreviews', 'SelfSubjectReview')]
}

/** Before it creates or applies, kubectl looks for the parameter fieldValidation in the kind's PATCH. */
function openApiOf(groupVersion: string): unknown {
  const parameters = ['fieldValidation', 'dryRun', 'fieldManager'].map((name) => ({
    name,
    in: 'query',
    schema: { type: 'string' }
  }))
  const path = (kind: Kind): [string, unknown] => {
    const base = groupVersion === 'v1' ? '/api/v1' : `/apis/${groupVersion}`
    const { group, version, kind: name } = kind
    const operation = {
      parameters,
      responses: {},
      'x-kubernetes-group-version-kind': { group, version, kind: name }
    }
    return [
      `${base}${kind.namespaced ? '/namespaces/{namespace}' : ''}/${kind.resource}/{name}`,
      { get: operation, patch: operation, put: operation }
    ]
  }
  const kinds = KINDS.filter((kind) => apiVersionOf(kind) === groupVersion)
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.34.2' },
    paths: Object.fromEntries(kinds.map(path))
  }
}

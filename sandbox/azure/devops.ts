/** Azure DevOps: core, git and security on one host, graph and entitlements on hosts of their own. */
import type { Journal } from '../journal.ts'
import { listen, type Listening, type Tls } from '../server.ts'
import type { Answer, Call, Handler, Route } from '../wire.ts'
import { AUDIENCES, type Authenticate, type Directory, type Lag } from '../world.ts'
import { entitlementRoutes } from './entitlements.ts'
import { historyRoutes } from './history.ts'
import { gitRoute, isGit } from './git.ts'
import { graphRoutes } from './graph.ts'
import { devopsError, type DevOpsContext } from './devops-context.ts'
import { IDS, type AzureState, type Project, type Repository } from './state.ts'

const GIT_NAMESPACE = '2e9eb7ed-3c0a-47d4-87c1-0ffdd275fd87'

export async function startDevOps(options: {
  journal: Journal
  tls: Tls
  lag: Lag
  state: () => AzureState
  directory: Directory
  authenticate: Authenticate
}): Promise<{ core: Listening; graph: Listening; entitlements: Listening; close(): Promise<void> }> {
  const { journal, tls, state, authenticate } = options
  const urls = { core: '', graph: '', entitlements: '' }
  const guarded =
    (handler: Handler): Handler =>
    async (call) => {
      if (call.params['org']?.toLowerCase() !== IDS.organization)
        return { status: 404, body: 'The resource cannot be found.' }
      const caller = await authenticate(call.headers.authorization)
      const member = caller && state().member(caller.principalId)
      if (caller?.audience !== AUDIENCES.azureDevOps || !member) return signIn(call)
      return handler(call)
    }
  const context: DevOpsContext = { ...options, guarded, urls }
  const server = (plane: 'devops' | 'graph' | 'entitlements', routes: Route[]): Promise<Listening> =>
    listen({
      journal,
      tls,
      ignoreCase: true,
      plane: (url) => (plane === 'devops' && isGit(url) ? 'git' : plane),
      routes: [...areaRoutes(context), ...routes],
      otherwise: guarded(({ url }) => ({
        status: 404,
        body: devopsError(
          'VssResourceNotFoundException',
          `The controller for path '${url.pathname}' was not found.`
        )
      })),
      errorBody: (status) => devopsError('VssServiceException', `The service answered ${status}.`)
    })
  const [core, graph, entitlements] = await Promise.all([
    server('devops', coreRoutes(context)),
    server('graph', graphRoutes(context)),
    server('entitlements', entitlementRoutes(context))
  ])
  Object.assign(urls, { core: core.url, graph: graph.url, entitlements: entitlements.url })
  return {
    core,
    graph,
    entitlements,
    close: async () => {
      await Promise.all([core.close(), graph.close(), entitlements.close()])
    }
  }
}

/** What azure-devops-node-api asks before its first call; an empty list keeps the base url. */
function areaRoutes({ urls, guarded }: DevOpsContext): Route[] {
  const areas = () => [
    {
      id: 'bb1e7ec9-e901-4b68-999a-de7012b920f8',
      name: 'graph',
      locationUrl: `${urls.graph}/${IDS.organization}/`
    },
    {
      id: '68ddce18-2501-45f1-a17b-7931a9922690',
      name: 'MEMBERENTITLEMENTMANAGEMENT',
      locationUrl: `${urls.entitlements}/${IDS.organization}/`
    },
    {
      id: '79134c72-4a58-4b42-976c-04e7115f32bf',
      name: 'core',
      locationUrl: `${urls.core}/${IDS.organization}/`
    },
    {
      id: '4e080c62-fa21-4fbc-8fef-2a10a2b38049',
      name: 'git',
      locationUrl: `${urls.core}/${IDS.organization}/`
    }
  ]
  return [
    [
      'GET',
      '/:org/_apis/resourceAreas',
      guarded(() => ({ status: 200, body: { count: 4, value: areas() } }))
    ],
    [
      'GET',
      '/:org/_apis/resourceAreas/:id',
      guarded(({ params }) => {
        const area = areas().find(({ id }) => id === params['id']?.toLowerCase())
        return area
          ? { status: 200, body: area }
          : { status: 404, body: devopsError('ResourceAreaNotFoundException', 'No such area.') }
      })
    ],
    [
      'OPTIONS',
      '/:org/_apis/:area',
      ({ params }) => ({
        status: 200,
        body: {
          count: LOCATIONS.length,
          value: LOCATIONS.filter(({ area }) => area.toLowerCase() === params['area']?.toLowerCase())
        }
      })
    ]
  ]
}

const location = (id: string, area: string, resourceName: string, routeTemplate: string) => ({
  id,
  area,
  resourceName,
  routeTemplate,
  resourceVersion: 1,
  minVersion: '1.0',
  maxVersion: '7.2',
  releasedVersion: '7.1'
})
const LOCATIONS = [
  location('603fe2ac-9723-48b9-88ad-09305aa6c6e1', 'core', 'projects', '_apis/{resource}/{*projectId}'),
  location(
    '225f7195-f9c7-4d14-ab28-a83f7ff77e1f',
    'git',
    'repositories',
    '{project}/_apis/{area}/{resource}/{repositoryId}'
  ),
  location(
    'c2570c3b-5b3f-41b8-98bf-5407bfde8d58',
    'git',
    'commits',
    '{project}/_apis/{area}/repositories/{repositoryId}/{resource}/{commitId}'
  ),
  location(
    '2d874a60-a811-4f62-9c9f-963a6ea0a55b',
    'git',
    'refs',
    '{project}/_apis/{area}/repositories/{repositoryId}/{resource}'
  ),
  location('e81700f7-3be2-46de-8624-2eb35882fcaa', 'Location', 'ResourceAreas', '_apis/{resource}/{areaId}')
]

function coreRoutes(context: DevOpsContext): Route[] {
  const { guarded, state } = context
  const tenant = (): Answer => {
    const id = state().organizationTenant
    return {
      status: 401,
      headers: {
        'www-authenticate': `Bearer authorization_uri=https://login.microsoftonline.com/${id}, Basic realm="https://localhost/", TFS-Federated`,
        'x-vss-resourcetenant': id
      }
    }
  }
  const project = ({ params }: Call): Project | undefined => state().project(params['project'] ?? '')
  const git = (handler: (project: Project, repository: Repository) => Answer): Handler =>
    guarded((call) => {
      const owner = project(call)
      if (!owner) return noProject(call.params['project'] ?? '')
      const wanted = call.params['repository']?.toLowerCase()
      const found = owner.repositories.find(({ id, name }) => id === wanted || name.toLowerCase() === wanted)
      return found
        ? handler(owner, found)
        : {
            status: 404,
            body: devopsError(
              'GitRepositoryNotFoundException',
              `TF401019: The Git repository with name or identifier ${wanted ?? ''} does not exist or you do not have permissions for the operation you are attempting.`
            )
          }
    })
  const resource = (owner: Project, { id, name, disabled }: Repository) => ({
    id,
    name,
    url: `${context.urls.core}/${IDS.organization}/${owner.id}/_apis/git/repositories/${id}`,
    project: { id: owner.id, name: owner.name, state: 'wellFormed', visibility: 'private' },
    defaultBranch: 'refs/heads/main',
    size: 728,
    remoteUrl: `${context.urls.core}/${IDS.organization}/${encodeURIComponent(owner.name)}/_git/${encodeURIComponent(name)}`,
    isDisabled: disabled,
    isInMaintenance: false
  })
  const described = ({ id, name }: Project) => ({
    id,
    name,
    url: `${context.urls.core}/${IDS.organization}/_apis/projects/${id}`,
    state: 'wellFormed',
    revision: 11,
    visibility: 'private',
    lastUpdateTime: '2026-01-01T00:00:00Z'
  })
  return [
    ['HEAD', '/:org', tenant],
    ['GET', '/:org', tenant],
    [
      'GET',
      '/:org/_apis/projects',
      guarded(() => ({
        status: 200,
        body: { count: state().projects.length, value: state().projects.map(described) }
      }))
    ],
    [
      'GET',
      '/:org/_apis/projects/:project',
      guarded((call) => {
        const found = project(call)
        return found ? { status: 200, body: described(found) } : noProject(call.params['project'] ?? '')
      })
    ],
    [
      'GET',
      '/:org/:project/_apis/git/repositories',
      guarded((call) => {
        const owner = project(call)
        if (!owner) return noProject(call.params['project'] ?? '')
        const value = owner.repositories.map((one) => resource(owner, one))
        return { status: 200, body: { count: value.length, value } }
      })
    ],
    [
      'GET',
      '/:org/:project/_apis/git/repositories/:repository',
      git((owner, found) => ({ status: 200, body: resource(owner, found) }))
    ],
    ...historyRoutes(context),
    [
      'GET',
      '/:org/_apis/permissions/:namespace/:bits',
      guarded(() => ({ status: 200, body: { count: 1, value: [state().collectionAdministrator] } }))
    ],
    ['GET', '/:org/_apis/accesscontrollists/:namespace', guarded((call) => accessControlList(call, context))],
    ['POST', '/:org/_apis/accesscontrolentries/:namespace', guarded((call) => writeEntries(call, context))],
    [
      'DELETE',
      '/:org/_apis/accesscontrolentries/:namespace',
      guarded(({ url }) => removeEntries(url.searchParams, context))
    ],
    ['*', '/:org/:project/_git/:repository/*', gitRoute(context)],
    ['*', '/:org/_git/:repository/*', gitRoute(context)]
  ]
}

function accessControlList({ url, params }: Call, { state }: DevOpsContext): Answer {
  if (params['namespace'] !== GIT_NAMESPACE) return { status: 200, body: { count: 0, value: [] } }
  const token = url.searchParams.get('token') ?? ''
  const wanted = url.searchParams.get('descriptors')?.split(',') ?? []
  const entries = [...(state().entries.get(token.toLowerCase()) ?? [])].filter(
    ([descriptor]) => wanted.length === 0 || wanted.includes(descriptor)
  )
  if (entries.length === 0) return { status: 200, body: { count: 0, value: [] } }
  const acesDictionary = Object.fromEntries(
    entries.map(([descriptor, bits]) => [
      descriptor,
      {
        descriptor,
        ...bits,
        extendedInfo: { effectiveAllow: bits.allow & ~bits.deny, effectiveDeny: bits.deny }
      }
    ])
  )
  return {
    status: 200,
    body: {
      count: 1,
      value: [{ inheritPermissions: true, token, acesDictionary, includeExtendedInfo: true }]
    }
  }
}

async function writeEntries(call: Call, { state }: DevOpsContext): Promise<Answer> {
  if (!state().collectionAdministrator)
    return {
      status: 403,
      body: devopsError(
        'AccessCheckException',
        'Access Denied: the identity needs the following permission(s) to perform this action: Manage permissions'
      )
    }
  const body = (await call.json()) as {
    token: string
    merge?: boolean
    accessControlEntries: { descriptor: string; allow: number; deny: number }[]
  }
  const token = body.token.toLowerCase()
  const list = state().entries.get(token) ?? new Map<string, { allow: number; deny: number }>()
  state().entries.set(token, list)
  for (const { descriptor, allow, deny } of body.accessControlEntries) {
    const before = list.get(descriptor)
    // merge only adds bits: a deny that was there stays.
    list.set(
      descriptor,
      body.merge === true && before
        ? { allow: before.allow | allow, deny: before.deny | deny }
        : { allow, deny }
    )
  }
  return { status: 200, body: { count: body.accessControlEntries.length, value: body.accessControlEntries } }
}

function removeEntries(query: URLSearchParams, { state }: DevOpsContext): Answer {
  if (!state().collectionAdministrator)
    return { status: 403, body: devopsError('AccessCheckException', 'Access Denied: Manage permissions') }
  const entries = state().entries.get((query.get('token') ?? '').toLowerCase())
  const removed = (query.get('descriptors') ?? '').split(',').map((one) => entries?.delete(one) ?? false)
  return { status: 200, body: removed.some(Boolean) }
}

function noProject(name: string): Answer {
  return {
    status: 404,
    body: devopsError(
      'ProjectDoesNotExistWithNameException',
      `TF200016: The following project does not exist: ${name}. Verify that the name of the project is correct and that the project exists on the specified Azure DevOps Server.`
    )
  }
}

/** Browsers and careless clients get a page; who asks for no redirect gets a 401. */
function signIn({ headers, method }: Call): Answer {
  if (headers['x-tfs-fedauthredirect'] === 'Suppress' || method === 'PATCH') {
    return {
      status: 401,
      headers: {
        'www-authenticate': `Bearer authorization_uri=https://login.microsoftonline.com/${IDS.tenantId}`
      },
      body: devopsError(
        'UnauthorizedRequestException',
        "TF400813: The user '' is not authorized to access this resource."
      )
    }
  }
  return {
    status: 203,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: '<!DOCTYPE html><html><head><title>Azure DevOps Services | Sign In</title></head><body></body></html>'
  }
}

/** Azure DevOps: core, git and security on one host, graph and entitlements on hosts of their own. */
import type { Journal } from '../journal.ts'
import { listen, type Listening, type Tls } from '../server.ts'
import type { Answer, Call, Handler, Route } from '../wire.ts'
import { AUDIENCES, type Authenticate, type Directory, type Lag } from '../world.ts'
import { entitlementRoutes } from './entitlements.ts'
import { historyRoutes } from './history.ts'
import { gitRoute, isGit } from './git.ts'
import { graphRoutes } from './graph.ts'
import { discoveryRoutes, versionRefused, type DevOpsHost } from './locations.ts'
import type { Limits } from './limits.ts'
import { securityRoutes } from './security.ts'
import { serviceEndpointRoutes } from './service-endpoints.ts'
import { devopsError, mayRead, maySee, type DevOpsContext } from './devops-context.ts'
import type { Organization, Project, Repository } from './organization.ts'
import type { AzureState } from './state.ts'

export async function startDevOps(options: {
  journal: Journal
  tls: Tls
  lag: Lag
  limits: Limits
  state: () => AzureState
  directory: Directory
  authenticate: Authenticate
  /** Of the tokens of service connections. */
  issuer: string
}): Promise<{ core: Listening; graph: Listening; entitlements: Listening; close(): Promise<void> }> {
  const { journal, tls, state, authenticate } = options
  const urls = { core: '', graph: '', entitlements: '' }
  const organizations = () => state().organizations
  // Also for paths that no route matches.
  const named = ({ url }: Pick<Call, 'url'>): Organization | undefined =>
    organizations().find(({ name }) => name === url.pathname.split('/')[1]?.toLowerCase())
  const organization = (call: Pick<Call, 'url'>): Organization => {
    const found = named(call)
    if (!found) throw new RangeError(`no such organization: ${call.url.pathname}`)
    return found
  }
  const guarded =
    (handler: Handler): Handler =>
    async (call) => {
      const here = named(call)
      if (!here) return UNKNOWN
      const caller = await authenticate(call.headers.authorization)
      const member = caller && here.member(caller.principalId)
      // A token of another tenant is none, also that of a member from before the organization was moved.
      if (caller?.audience !== AUDIENCES.azureDevOps || !member || here.tenant !== caller.tenantId)
        return signIn(call, here.tenant)
      const version = versionOf(call)
      const refusal = versionRefused(call.method, call.url.pathname, version)
      return options.limits.through(caller.principalId, () =>
        refusal === undefined ? handler(call) : { status: 400, body: refusal }
      )
    }
  const callerOf: DevOpsContext['callerOf'] = async ({ headers }) =>
    (await authenticate(headers.authorization))?.principalId ?? ''
  const context: DevOpsContext = { ...options, organizations, organization, guarded, urls, callerOf }
  const server = (service: DevOpsHost, routes: Route[]): Promise<Listening> =>
    listen({
      journal,
      tls,
      ignoreCase: true,
      service: (url) => (service === 'devops' && isGit(url) ? 'git' : service),
      routes: [...discoveryRoutes(context, service), ...routes],
      otherwise: guarded(noRoute(routes)),
      errorBody: (status) => devopsError('VssServiceException', `The service answered ${status}.`)
    })
  const [core, graph, entitlements] = await Promise.all([
    server('devops', [
      ...coreRoutes(context),
      ...serviceEndpointRoutes({ ...context, issuer: options.issuer })
    ]),
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

function coreRoutes(context: DevOpsContext): Route[] {
  const { guarded, organizations, organization, callerOf } = context
  const tenant = ({ params }: Call): Answer => {
    const here = organizations().find(({ name }) => name === params['org']?.toLowerCase())
    if (!here) return UNKNOWN
    const id = here.tenant
    return {
      status: 401,
      headers: {
        'www-authenticate': `Bearer authorization_uri=https://login.microsoftonline.com/${id}, Basic realm="https://localhost/", TFS-Federated`,
        'x-vss-resourcetenant': id
      }
    }
  }
  /** Projects that the caller sees; of others nothing says that they exist. */
  const shown = async (call: Call): Promise<Project[]> => {
    const caller = await callerOf(call)
    const here = organization(call)
    return here.projects.filter((one) => maySee(here, caller, one))
  }
  const seen = async (call: Call, found: Project | undefined): Promise<Project | undefined> =>
    found && (await shown(call)).includes(found) ? found : undefined
  /** By a former name only where it is asked for. */
  const project = (call: Call): Promise<Project | undefined> => {
    const here = organization(call)
    const name = call.params['project'] ?? ''
    const ever = call.url.searchParams.get('includeHistory')?.toLowerCase() === 'true'
    return seen(call, ever ? here.projectEver(name) : here.project(name))
  }
  const projectInUrl = (call: Call): Promise<Project | undefined> =>
    seen(call, organization(call).projectInUrl(call.params['project'] ?? ''))
  const readable = async (call: Call, owner: Project): Promise<Repository[]> => {
    const caller = await callerOf(call)
    return owner.repositories.filter((one) => mayRead(organization(call), caller, owner, one))
  }
  const git = (handler: (call: Call, project: Project, repository: Repository) => Answer): Handler =>
    guarded(async (call) => {
      const owner = await projectInUrl(call)
      if (!owner) return noProject(call.params['project'] ?? '')
      const wanted = call.params['repository']?.toLowerCase()
      const all = await readable(call, owner)
      const found = all.find(({ id, name }) => id === wanted || name.toLowerCase() === wanted)
      return found ? handler(call, owner, found) : noRepository(wanted ?? '')
    })
  const resource = (
    call: Call,
    owner: Project,
    { id, name, disabled, defaultBranch = 'refs/heads/main' }: Repository
  ) => ({
    id,
    name,
    url: `${context.urls.core}/${organization(call).name}/${owner.id}/_apis/git/repositories/${id}`,
    project: { id: owner.id, name: owner.name, state: 'wellFormed', visibility: 'private' },
    defaultBranch,
    size: 728,
    remoteUrl: `${context.urls.core}/${organization(call).name}/${encodeURIComponent(owner.name)}/_git/${encodeURIComponent(name)}`,
    isDisabled: disabled,
    isInMaintenance: false
  })
  const described = (call: Call, { id, name }: Project) => ({
    id,
    name,
    url: `${context.urls.core}/${organization(call).name}/_apis/projects/${id}`,
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
      guarded(async (call) => {
        const value = (await shown(call)).map((one) => described(call, one))
        return { status: 200, body: { count: value.length, value } }
      })
    ],
    [
      'GET',
      '/:org/_apis/projects/:project',
      guarded(async (call) => {
        const found = await project(call)
        if (!found) return noProject(call.params['project'] ?? '')
        const more = call.url.searchParams.get('includeCapabilities')?.toLowerCase() === 'true'
        return {
          status: 200,
          body: { ...described(call, found), ...(more ? { capabilities: CAPABILITIES } : {}) }
        }
      })
    ],
    [
      'GET',
      '/:org/_apis/git/repositories',
      guarded(async (call) => {
        const owners = await shown(call)
        const lists = owners.map(async (owner) =>
          (await readable(call, owner)).map((one) => resource(call, owner, one))
        )
        const value = (await Promise.all(lists)).flat()
        return { status: 200, body: { count: value.length, value } }
      })
    ],
    // By id alone: names are unique within a project only.
    [
      'GET',
      '/:org/_apis/git/repositories/:repository',
      guarded(async (call) => {
        const id = call.params['repository']?.toLowerCase() ?? ''
        const owner = organization(call).projects.find(({ repositories }) =>
          repositories.some((one) => one.id === id)
        )
        const found = owner && (await readable(call, owner)).find((one) => one.id === id)
        return owner && found ? { status: 200, body: resource(call, owner, found) } : noRepository(id)
      })
    ],
    [
      'GET',
      '/:org/:project/_apis/git/repositories',
      guarded(async (call) => {
        const owner = await projectInUrl(call)
        if (!owner) return noProject(call.params['project'] ?? '')
        const value = (await readable(call, owner)).map((one) => resource(call, owner, one))
        return { status: 200, body: { count: value.length, value } }
      })
    ],
    [
      'GET',
      '/:org/:project/_apis/git/repositories/:repository',
      git((call, owner, found) => ({ status: 200, body: resource(call, owner, found) }))
    ],
    ...historyRoutes(context),
    ...securityRoutes(context),
    ['*', '/:org/:project/_git/:repository/*', gitRoute(context)],
    ['*', '/:org/_git/:repository/*', gitRoute(context)]
  ]
}

const UNKNOWN: Answer = { status: 404, body: 'The resource cannot be found.' }

function noRepository(name: string): Answer {
  return {
    status: 404,
    body: devopsError(
      'GitRepositoryNotFoundException',
      `TF401019: The Git repository with name or identifier ${name} does not exist or you do not have permissions for the operation you are attempting.`
    )
  }
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

const CAPABILITIES = {
  processTemplate: { templateName: 'Agile', templateTypeId: 'adcc42ab-9882-485e-a3ed-7678f01f66bc' },
  versioncontrol: { sourceControlType: 'Git', gitEnabled: 'True', tfvcEnabled: 'False' }
}

/** The api-version from the query or from the media type, where azure-devops-go-api and similar clients put it. */
function versionOf({ url, headers }: Call): string | undefined {
  const types = `${headers.accept ?? ''};${headers['content-type'] ?? ''}`
  return url.searchParams.get('api-version') ?? /api-version=([\w.-]+)/.exec(types)?.[1]
}

/** An unknown path gives 404, an unknown method of a path 405; each has its own error shape. */
function noRoute(routes: readonly Route[]): (call: Call) => Answer {
  const patterns = routes.map(([, pathname]) => new URLPattern({ pathname }, { ignoreCase: true }))
  return ({ method, url: { pathname } }) => {
    if (patterns.some((pattern) => pattern.test({ pathname }))) {
      const Message = `The requested resource does not support http method '${method}'.`
      return { status: 405, body: { count: 1, value: { Message } } }
    }
    return {
      status: 404,
      body: {
        $id: '1',
        innerException: null,
        message: `The controller for path '${pathname}' was not found or does not implement IController.`,
        typeName: 'System.Web.HttpException, System.Web',
        typeKey: 'HttpException',
        errorCode: 0,
        eventId: 0
      }
    }
  }
}

/** Browsers and careless clients get a sign-in page; a client that refuses redirects gets a 401. */
function signIn({ headers, method }: Call, tenant: string): Answer {
  if (headers['x-tfs-fedauthredirect'] === 'Suppress' || method === 'PATCH') {
    return {
      status: 401,
      headers: {
        'www-authenticate': `Bearer authorization_uri=https://login.microsoftonline.com/${tenant}`
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

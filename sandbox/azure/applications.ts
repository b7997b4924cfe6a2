/**
 * Microsoft Graph, as far as it has applications, service principals and federated credentials, with the refusals of the
 * service (learn.microsoft.com/graph/api; Azure/azure-workload-identity, pkg/cloud/errors.go and #434).
 */
import { randomUUID } from 'node:crypto'
import type { Journal } from '../journal.ts'
import { listen, type Listening, type Tls } from '../server.ts'
import type { Answer, Call } from '../wire.ts'
import { AUDIENCES, type Authenticate, type Caller, type Lag } from '../world.ts'
import { IDS, type Application, type AzureState, type FederatedCredential } from './state.ts'

const LIMIT = 20
const CREDENTIALS = '/v1.0/applications/:id/federatedIdentityCredentials'
const INSUFFICIENT = 'Insufficient privileges to complete the operation.'

export interface DirectoryRights {
  /** A role such as Application Administrator: all applications; or only one's own; or none. */
  readonly applications: 'all' | 'owned' | 'none'
}

export function startMicrosoftGraph({
  journal,
  tls,
  lag,
  state,
  authenticate
}: {
  journal: Journal
  tls: Tls
  lag: Lag
  state: () => AzureState
  authenticate: Authenticate
}): Promise<Listening> {
  /** Of the tenant of whoever asks. */
  const seen = ({ tenantId }: Caller): Application[] =>
    state().applications.filter((one) => one.tenantId === tenantId)
  /** A person may read all applications of the tenant; the identities of pipelines may not. */
  const guarded =
    (handler: (call: Call, caller: Caller) => Answer | Promise<Answer>) =>
    async (call: Call): Promise<Answer> => {
      const caller = await authenticate(call.headers.authorization)
      if (caller?.audience !== AUDIENCES.graph)
        return refusal(
          401,
          'InvalidAuthenticationToken',
          'Access token validation failure. Invalid audience.'
        )
      if (![IDS.deployerPrincipalId, IDS.otherLoginPrincipalId].some((one) => one === caller.principalId))
        return refusal(403, 'Authorization_RequestDenied', INSUFFICIENT)
      return handler(call, caller)
    }
  const mayChange = ({ owners }: Application, { principalId }: Caller): boolean => {
    const { applications } = state().directoryRights
    return applications === 'all' || (applications === 'owned' && owners.includes(principalId))
  }
  const withOwn = (handler: (application: Application, call: Call) => Answer | Promise<Answer>) =>
    guarded((call, caller) => {
      const found = seen(caller).find(({ id }) => id === call.params['id'])
      if (!found) return missing(call.params['id'])
      if (call.method !== 'GET' && !mayChange(found, caller))
        return refusal(403, 'Authorization_RequestDenied', INSUFFICIENT)
      return handler(found, call)
    })
  const create = guarded(async (call, { principalId, tenantId }) => {
    if (state().directoryRights.applications === 'none')
      return refusal(403, 'Authorization_RequestDenied', INSUFFICIENT)
    const { displayName, tags = [] } = ((await call.json()) ?? {}) as Partial<Application>
    if (typeof displayName !== 'string' || displayName === '' || displayName.length > 120)
      return refusal(400, 'Request_BadRequest', "Invalid value specified for property 'displayName'.")
    const made: Application = {
      ...{ id: randomUUID(), appId: randomUUID(), displayName, tags, owners: [principalId], tenantId },
      ...{ createdAt: Date.now(), servicePrincipal: undefined, credentials: new Map() }
    }
    state().applications.push(made)
    return { status: 201, body: shown(made) }
  })
  const createPrincipal = guarded(async (call, caller) => {
    const { appId = '' } = ((await call.json()) ?? {}) as { appId?: string }
    const found = seen(caller).find((one) => one.appId === appId)
    if (!found || Date.now() < found.createdAt + lag.directory) {
      const text = `The appId '${appId}' of the service principal does not reference a valid application object.`
      const details = [{ code: 'NoBackingApplicationObject', message: text, target: 'appId' }]
      return refusal(400, 'Request_BadRequest', text, details)
    }
    if (!mayChange(found, caller)) return refusal(403, 'Authorization_RequestDenied', INSUFFICIENT)
    if (found.servicePrincipal) {
      const text = `The service principal cannot be created, updated, or restored because the service principal name ${appId} is already in use.`
      return refusal(409, 'Request_MultipleObjectsWithSameKeyValue', text)
    }
    found.servicePrincipal = { id: randomUUID(), createdAt: Date.now() }
    return { status: 201, body: { id: found.servicePrincipal.id, appId } }
  })
  /** Its secrets, as the application itself asks for them. */
  const secrets = (call: Call): Answer => {
    const { clientSecrets } = state()
    if (!clientSecrets) return refusal(403, 'Authorization_RequestDenied', INSUFFICIENT)
    const own = {
      id: IDS.deployerPrincipalId,
      appId: IDS.deployerClientId,
      passwordCredentials: clientSecrets
    }
    return listed(call, 'appId', [[IDS.deployerClientId, own]])
  }
  return listen({
    journal,
    tls,
    service: 'msgraph',
    routes: [
      [
        'GET',
        '/v1.0/applications',
        guarded((call, caller) =>
          call.url.searchParams.get('$filter')?.startsWith('appId ') === true
            ? secrets(call)
            : listed(
                call,
                'displayName',
                seen(caller).map((one) => [one.displayName, shown(one)])
              )
        )
      ],
      ['POST', '/v1.0/applications', create],
      [
        'DELETE',
        '/v1.0/applications/:id',
        withOwn((application) => {
          const { applications } = state()
          applications.splice(applications.indexOf(application), 1)
          return { status: 204 }
        })
      ],
      [
        'GET',
        '/v1.0/servicePrincipals',
        guarded((call, caller) =>
          listed(
            call,
            'appId',
            seen(caller).flatMap(({ appId, servicePrincipal }) =>
              servicePrincipal ? [[appId, { id: servicePrincipal.id, appId }] as const] : []
            )
          )
        )
      ],
      ['POST', '/v1.0/servicePrincipals', createPrincipal],
      [
        'GET',
        CREDENTIALS,
        withOwn(({ credentials }) => ({
          status: 200,
          body: { value: [...credentials].map(([id, one]) => credentialOf(id, one)) }
        }))
      ],
      ['POST', CREDENTIALS, withOwn(putCredential)],
      ['PATCH', `${CREDENTIALS}/:credential`, withOwn(putCredential)],
      [
        'DELETE',
        `${CREDENTIALS}/:credential`,
        withOwn(({ credentials }, { params }) =>
          credentials.delete(params['credential'] ?? '') ? { status: 204 } : missing(params['credential'])
        )
      ]
    ],
    otherwise: ({ url }) =>
      refusal(400, 'BadRequest', `Resource not found for the segment '${url.pathname}'.`),
    errorBody: (status) => ({ error: { code: 'UnknownError', message: `The service answered ${status}.` } })
  })
}

async function putCredential({ credentials }: Application, call: Call): Promise<Answer> {
  const { credential: id } = call.params
  const before = id === undefined ? undefined : credentials.get(id)
  if (id !== undefined && !before) return missing(id)
  const body = ((await call.json()) ?? {}) as Record<string, unknown>
  const { name = before?.name, issuer = before?.issuer, subject = before?.subject } = body
  const { audiences = before && [before.audience] } = body
  const [audience] = Array.isArray(audiences) ? (audiences as unknown[]) : []
  const invalid = (parameter: string): Answer =>
    refusal(400, 'InvalidFederatedIdentityCredentialValue', `The value is invalid. paramName: ${parameter}`)
  if (typeof name !== 'string' || !/^[a-z0-9][\w-]{2,119}$/i.test(name)) return invalid('Name')
  if (before && name !== before.name)
    return refusal(400, 'Request_BadRequest', 'Name is immutable and cannot be changed after creation.')
  if (typeof issuer !== 'string' || !/^https:\/\/.{1,590}$/.test(issuer)) return invalid('Issuer')
  if (typeof subject !== 'string' || subject === '' || subject.length > 600) return invalid('Subject')
  if (typeof audience !== 'string' || (audiences as unknown[]).length !== 1) return invalid('Audiences')
  const others = [...credentials].filter(([key]) => key !== id).map(([, one]) => one)
  if (others.some((one) => one.name === name)) {
    const text = `FederatedIdentityCredential with name ${name} already exists.`
    return refusal(409, 'Request_MultipleObjectsWithSameKeyValue', text)
  }
  if (others.some((one) => one.issuer === issuer && one.subject === subject)) {
    const text = `The combination of issuer and subject must be unique for the application. Issuer ${issuer} and Subject: ${subject} already exist.`
    return refusal(400, 'InvalidFederatedIdentityCredentialValue', text)
  }
  if (others.length >= LIMIT)
    return refusal(
      400,
      'Request_BadRequest',
      `The limit of ${LIMIT} federated identity credentials is reached.`
    )
  const key = id ?? randomUUID()
  const made = { name, issuer, subject, audience, writtenAt: Date.now() }
  credentials.set(key, made)
  return before ? { status: 204 } : { status: 201, body: credentialOf(key, made) }
}

/** Only the filter that has an index: equality with one property. */
function listed(
  { url }: Call,
  property: string,
  all: readonly (readonly [value: string, entry: object])[]
): Answer {
  const filter = url.searchParams.get('$filter')
  const [, wanted] = new RegExp(`^${property} eq '((?:[^']|'')*)'$`).exec(filter ?? '') ?? []
  if (filter !== null && wanted === undefined)
    return refusal(400, 'Request_UnsupportedQuery', `Unsupported query: ${filter}`)
  const same = (value: string): boolean =>
    wanted === undefined || value.toLowerCase() === wanted.replaceAll("''", "'").toLowerCase()
  return { status: 200, body: { value: all.filter(([value]) => same(value)).map(([, entry]) => entry) } }
}

function shown({ id, appId, displayName, tags, createdAt }: Application): object {
  const createdDateTime = new Date(createdAt).toISOString()
  return { id, appId, displayName, tags, createdDateTime, signInAudience: 'AzureADMyOrg' }
}

function credentialOf(id: string, { name, issuer, subject, audience }: FederatedCredential): object {
  return { id, name, issuer, subject, audiences: [audience], description: null }
}

function missing(id = ''): Answer {
  const text = `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`
  return refusal(404, 'Request_ResourceNotFound', text)
}

function refusal(status: number, code: string, message: string, details?: unknown): Answer {
  return { status, body: { error: { code, message, ...(details !== undefined && { details }) } } }
}

/**
 * The registries themselves, each under the name of its login server: challenge, exchange of a token of Entra, tokens of a
 * scope, manifests (Azure/acr, docs/AAD-OAuth.md; opencontainers/distribution-spec; learn.microsoft.com, container-registry
 * firewall and troubleshooting).
 */
import { randomBytes } from 'node:crypto'
import type { Journal } from '../journal.ts'
import { listen, type Listening, type Tls } from '../server.ts'
import { STREAMED, type Answer, type Call, type Handler } from '../wire.ts'
import { AUDIENCES, type Authenticate, type Lag } from '../world.ts'
import { builtIn } from './built-in-roles.ts'
import { registryId, type Registry } from './registry.ts'
import { allows, covers, within } from './rights.ts'
import type { AzureState } from './state.ts'
import { tenantOfSubscription } from './tenants.ts'

const ACTIONS = 'Microsoft.ContainerRegistry/registries'

interface Granted {
  readonly loginServer: string
  readonly principalId: string
  /** Of an access token: `repository:charts/app:pull`. */
  readonly access?: string
}

export function startRegistries({
  journal,
  tls,
  lag,
  issued,
  state,
  authenticate
}: {
  journal: Journal
  tls: Tls
  lag: Lag
  issued: string[]
  state: () => AzureState
  authenticate: Authenticate
}): Promise<Listening> {
  const tokens = new Map<string, Granted>()
  const issue = (granted: Granted): string => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const claims = { iss: 'Azure Container Registry', aud: granted.loginServer, sub: granted.principalId }
    const token = `${part({ alg: 'RS256' })}.${part(claims)}.${randomBytes(64).toString('base64url')}`
    issued.push(token)
    tokens.set(token, granted)
    return token
  }
  /** Behind the firewall, if there is one. */
  const inRegistry =
    (handler: (call: Call, registry: Registry) => Answer | Promise<Answer>): Handler =>
    (call) => {
      const found = state().registries.find(({ loginServer }) => loginServer === call.params['server'])
      // Without an address that the network knows, nobody answers.
      if (!found || found.network === 'private endpoints') {
        call.request.socket.destroy()
        return STREAMED
      }
      if (found.network === 'some addresses')
        return refusal(
          403,
          'DENIED',
          "client with IP '127.0.0.1' is not allowed access. Refer https://aka.ms/acr/firewall to grant access."
        )
      return handler(call, found)
    }
  const formOf = async (call: Call): Promise<URLSearchParams> =>
    new URLSearchParams((await call.bytes()).toString('utf8'))

  const exchange = async (call: Call, registry: Registry): Promise<Answer> => {
    const form = await formOf(call)
    if (form.get('grant_type') !== 'access_token' || form.get('service') !== registry.loginServer)
      return refusal(400, 'UNSUPPORTED', 'grant_type or service is not supported')
    const caller = await authenticate(`Bearer ${form.get('access_token') ?? ''}`)
    const accepted = [AUDIENCES.registries, ...(registry.acceptsArmTokens ? [AUDIENCES.arm] : [])]
    const inTenant = caller?.tenantId === tenantOfSubscription(state(), registry.subscriptionId)
    if (!caller || !inTenant || !accepted.some((one) => one === caller.audience))
      return unauthorized(registry)
    const { principalId } = caller
    if (!mayPull(state(), registry, principalId, lag)) return unauthorized(registry)
    const refresh = issue({ loginServer: registry.loginServer, principalId })
    return { status: 200, body: { refresh_token: refresh } }
  }

  const token = async (call: Call, registry: Registry): Promise<Answer> => {
    const form = await formOf(call)
    const { loginServer, principalId } = tokens.get(form.get('refresh_token') ?? '') ?? {}
    const isOwn = loginServer === registry.loginServer && form.get('service') === loginServer
    if (form.get('grant_type') !== 'refresh_token' || !isOwn || principalId === undefined)
      return unauthorized(registry)
    const scope = form.get('scope') ?? ''
    const [, path] = /^repository:([^:]+):pull$/.exec(scope) ?? []
    const granted =
      path === undefined
        ? scope === 'registry:catalog:*' && !registry.byRepository
        : mayPull(state(), registry, principalId, lag, path)
    return {
      status: 200,
      body: { access_token: issue({ loginServer, principalId, ...(granted && { access: scope }) }) }
    }
  }

  const withAccess = ({ headers }: Call, registry: Registry, scope: string, answer: () => Answer): Answer => {
    const [, bearer = ''] = /^Bearer (\S+)$/i.exec(headers.authorization ?? '') ?? []
    const { loginServer, access } = tokens.get(bearer) ?? {}
    return loginServer === registry.loginServer && access === scope ? answer() : unauthorized(registry, scope)
  }

  const manifest = (call: Call, registry: Registry): Answer => {
    const [, path = '', tag = ''] = /\/v2\/(.+)\/manifests\/([^/]+)$/.exec(call.url.pathname) ?? []
    return withAccess(call, registry, `repository:${path}:pull`, () => {
      const digest = registry.charts.get(`${path}:${tag}`)
      if (digest === undefined || registry.quarantines)
        return refusal(404, 'MANIFEST_UNKNOWN', `manifest tagged by "${tag}" is not found`)
      return {
        status: 200,
        headers: {
          'content-type': 'application/vnd.oci.image.manifest.v1+json',
          'docker-content-digest': digest
        },
        ...(call.method !== 'HEAD' && { body: { schemaVersion: 2 } })
      }
    })
  }

  return listen({
    journal,
    tls,
    service: 'registry',
    routes: [
      ['GET', '/:server/v2/', inRegistry((_call, registry) => unauthorized(registry))],
      ['POST', '/:server/oauth2/exchange', inRegistry(exchange)],
      ['POST', '/:server/oauth2/token', inRegistry(token)],
      [
        'GET',
        '/:server/v2/_catalog',
        inRegistry((call, registry) =>
          withAccess(call, registry, 'registry:catalog:*', () => ({
            status: 200,
            body: { repositories: [...registry.charts.keys()].map((one) => one.split(':')[0]) }
          }))
        )
      ],
      ['*', '/:server/v2/*/manifests/:tag', inRegistry(manifest)]
    ],
    otherwise: () => refusal(404, 'NAME_UNKNOWN', 'not found'),
    errorBody: (status) => ({ errors: [{ code: 'UNKNOWN', message: `The service answered ${status}.` }] })
  })
}

/** @param path of a repository; absent: any */
function mayPull(
  state: AzureState,
  registry: Registry,
  principalId: string,
  { membership }: Lag,
  path?: string
): boolean {
  const id = registryId(registry)
  const own = state.roleAssignments.filter(
    (one) =>
      one.principalId === principalId && within(id, one.scope) && Date.now() >= one.createdAt + membership
  )
  if (!registry.byRepository)
    return own.some(({ roleDefinitionId, scope }) =>
      allows([{ scope, actions: builtIn(roleDefinitionId)?.actions ?? [] }], `${ACTIONS}/pull/read`, id)
    )
  return own.some(
    ({ roleDefinitionId, condition }) =>
      covers(builtIn(roleDefinitionId)?.dataActions ?? [], `${ACTIONS}/repositories/content/read`) &&
      (path === undefined || path.startsWith(prefixIn(condition)))
  )
}

/** The only form of condition that the twin knows: names that start with a text. */
function prefixIn(condition = ''): string {
  return /StringStartsWithIgnoreCase '([^']*)'/.exec(condition)?.[1] ?? ''
}

function unauthorized({ loginServer, realm }: Registry, scope?: string): Answer {
  const challenge = `Bearer realm="${realm ?? `https://${loginServer}/oauth2/token`}",service="${loginServer}"`
  const text = 'authentication required, visit https://aka.ms/acr/authorization for more information.'
  return {
    ...refusal(401, 'UNAUTHORIZED', text),
    headers: { 'www-authenticate': scope === undefined ? challenge : `${challenge},scope="${scope}"` }
  }
}

function refusal(status: number, code: string, message: string): Answer {
  return { status, body: { errors: [{ code, message, detail: null }] } }
}

/**
 * Entra ID's token endpoint. It validates assertions: signature against the issuer's published keys, issuer,
 * subject and audience byte for byte against the federated credentials, lifetime. Errors carry Entra's own codes.
 */
import { Agent, get as httpsGet } from 'node:https'
import { randomUUID } from 'node:crypto'
import { createSecureContext, rootCertificates } from 'node:tls'
import {
  createLocalJWKSet,
  decodeJwt,
  jwtVerify,
  SignJWT,
  errors,
  type CryptoKey,
  type JSONWebKeySet,
  type JWTPayload
} from 'jose'
import { signingKey, verifiedOnce } from '../keys.ts'
import { listen, type Listening, type Tls } from '../server.ts'
import type { Answer, Call } from '../wire.ts'
import type { Journal } from '../journal.ts'
import { type Authenticate, type Lag, type Principal } from '../world.ts'
import { LOGIN_REFUSALS } from './login-refusals.ts'
import { EXCHANGE_REFUSALS } from './exchange-refusals.ts'
import { IDS, type AzureState } from './state.ts'

/** The issuer in tokens of version 1.0, which managed identities and daemons get. */
function issuerOf(tenantId: string): string {
  return `https://sts.windows.net/${tenantId}/`
}
/** The hosts of the public cloud, all of them the same Entra. */
export const PUBLIC_AUTHORITIES = [
  'login.microsoftonline.com',
  'login.windows.net',
  'login.microsoft.com',
  'sts.windows.net'
]
/** Those that the instance discovery of the public cloud knows; it refuses all others. */
const AUTHORITIES = [
  ...PUBLIC_AUTHORITIES,
  'login.microsoftonline.us',
  'login.partner.microsoftonline.cn',
  'login.chinacloudapi.cn'
]
const ARM_HOSTS = /management\.(?:azure|core\.windows|usgovcloudapi)\./

export interface Entra extends Listening {
  readonly authenticate: Authenticate
  /** A token of the deployer, as the MSI endpoint issues it to az. */
  tokenFor(principal: Principal, audience: string): Promise<string>
}

export async function startEntra(options: {
  journal: Journal
  tls: Tls
  lag: Lag
  issued: string[]
  /** The secret of the deployer's application, for old service connections. */
  secret: string
  /** PEM: certificates that it trusts when it fetches the keys of issuers. */
  authorities: () => string
  /** Whether the documents of the issuer are published. */
  serves: (issuer: string) => boolean
  state: () => AzureState
}): Promise<Entra> {
  const { journal, tls, lag, issued, secret, authorities, serves, state } = options
  const { kid, privateKey, jwks } = await signingKey(0)
  const publicKeys = createLocalJWKSet(jwks)
  const claimsOf = verifiedOnce(
    async (token) =>
      (await jwtVerify(token, publicKeys, { issuer: [IDS.tenantId, IDS.otherTenantId].map(issuerOf) }))
        .payload
  )
  let base = ''

  const tokenFor = async (principal: Principal, audience: string): Promise<string> => {
    const token = await sign(privateKey, kid, base, principal, audience)
    issued.push(token)
    return token
  }

  const token = async (call: Call): Promise<Answer> => {
    if (state().entraDown)
      return {
        status: 503,
        body: refusal('temporarily_unavailable', 90033, 'A transient error has occurred.')
      }
    const form = new URLSearchParams((await call.bytes()).toString('utf8'))
    const principal = state().principal('clientId', form.get('client_id'))
    const { exchangeRefusal: code } = state()
    if (code !== undefined && principal && !LOGINS.includes(principal.clientId))
      return { status: 400, body: refusal('invalid_request', code, EXCHANGE_REFUSALS[code] ?? '') }
    if (form.get('grant_type') !== 'client_credentials') {
      return {
        status: 400,
        body: refusal('unsupported_grant_type', 70003, 'The app requested an unsupported grant type.')
      }
    }
    const directory = directoryOf(call)
    if (principal?.tenantId !== directory || Date.now() < principal.createdAt + lag.credential / 2) {
      const text = `Application with identifier '${form.get('client_id') ?? ''}' was not found in the directory '${directory}'.`
      return { status: 400, body: refusal('unauthorized_client', 700016, text) }
    }
    const refused = form.has('client_secret')
      ? secretRefused(principal, form.get('client_secret'), secret)
      : await judge(form.get('client_assertion') ?? '', principal, lag, { ca: authorities(), serves })
    if (refused) return { status: refused.status, body: refusal(refused.error, refused.code, refused.text) }
    const { loginRefusal } = state()
    if (loginRefusal !== undefined && principal.clientId === IDS.deployerClientId) {
      const [text, error, status] = LOGIN_REFUSALS[loginRefusal]
      return { status, body: refusal(error, loginRefusal, text) }
    }
    const resource = audienceOf(form.get('scope') ?? form.get('resource') ?? '')
    const accessToken = await tokenFor(principal, resource)
    return {
      status: 200,
      headers: { 'cache-control': 'no-store' },
      body: { token_type: 'Bearer', expires_in: 3599, ext_expires_in: 3599, access_token: accessToken }
    }
  }
  const configuration =
    (path: string, issuer?: string) =>
    (call: Call): Answer => {
      const name = nameOf(call)
      return {
        status: 200,
        body: {
          issuer: issuer ?? `${name}/${directoryOf(call)}/v2.0`,
          authorization_endpoint: `${name}/${path}/authorize`,
          token_endpoint: `${name}/${path}/token`,
          device_authorization_endpoint: `${name}/${path}/devicecode`,
          jwks_uri: `${name}/${directoryOf(call)}/discovery/v2.0/keys`,
          token_endpoint_auth_methods_supported: ['client_secret_post', 'private_key_jwt'],
          response_types_supported: ['code', 'id_token'],
          subject_types_supported: ['pairwise'],
          id_token_signing_alg_values_supported: ['RS256']
        }
      }
    }
  const listening = await listen({
    journal,
    tls,
    service: 'entra',
    routes: [
      [
        'GET',
        '/:tenant/v2.0/.well-known/openid-configuration',
        ofTenant((call) => configuration(`${directoryOf(call)}/oauth2/v2.0`)(call))
      ],
      // Before the next route, which would read it as a tenant. Version 1.0, as the API server of AKS requests it.
      ['GET', '/adfs/.well-known/openid-configuration', configuration('adfs/oauth2')],
      [
        'GET',
        '/:tenant/.well-known/openid-configuration',
        ofTenant((call) => {
          const directory = directoryOf(call)
          return configuration(`${directory}/oauth2`, issuerOf(directory))(call)
        })
      ],
      ['GET', '/:tenant/discovery/v2.0/keys', () => ({ status: 200, body: jwks })],
      [
        'GET',
        '/common/discovery/instance',
        (call) => {
          const own = nameOf(call)
          const asked = URL.parse(call.url.searchParams.get('authorization_endpoint') ?? '') ?? new URL(own)
          const { host } = asked
          if (host !== new URL(own).host && !AUTHORITIES.includes(host))
            return { status: 400, body: refusal('invalid_instance', 50049, 'Unknown or invalid instance.') }
          return {
            status: 200,
            body: {
              tenant_discovery_endpoint: `${asked.origin}/${IDS.tenantId}/v2.0/.well-known/openid-configuration`,
              metadata: [{ preferred_network: host, preferred_cache: host, aliases: [host] }]
            }
          }
        }
      ],
      ['POST', '/:tenant/oauth2/v2.0/token', ofTenant(token)],
      ['POST', '/adfs/oauth2/token', token]
    ],
    otherwise: () => ({ status: 404, body: refusal('invalid_request', 900144, 'Not found.') }),
    errorBody: (status) =>
      refusal('temporarily_unavailable', 90033, `A transient error has occurred (${status}).`)
  })
  base = listening.url

  const authenticate: Authenticate = async (authorization) => {
    const bearer = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1]
    const claims = bearer === undefined ? undefined : await claimsOf(bearer)
    if (!claims) return undefined
    const { appid, oid, tid, aud } = claims
    const known = state().principal('principalId', oid)
    if (!known || known.tenantId !== tid) return undefined
    const caller = { clientId: String(appid), principalId: String(oid), tenantId: tid }
    return { ...caller, audience: String(aud) }
  }
  return { ...listening, authenticate, tokenFor }
}

/** The applications that the job logs in as; every other principal is an identity. */
const LOGINS: readonly string[] = [IDS.deployerClientId, IDS.otherLoginClientId]

/** The tenant that a path names; `common` and the like stand for the first. */
function directoryOf({ params }: Call): string {
  return params['tenant'] === IDS.otherTenantId ? IDS.otherTenantId : IDS.tenantId
}

/** Names that Entra accepts instead of a tenant, and the existing tenants. */
const TENANTS: ReadonlySet<string | undefined> = new Set([
  'common',
  'organizations',
  IDS.tenantId,
  IDS.otherTenantId
])

function ofTenant(
  handler: (call: Call) => Answer | Promise<Answer>
): (call: Call) => Answer | Promise<Answer> {
  return (call) => {
    const { tenant } = call.params
    if (TENANTS.has(tenant)) return handler(call)
    const text = `Tenant '${tenant ?? ''}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.`
    return { status: 400, body: refusal('invalid_request', 90002, text) }
  }
}

/** Answers with the host name of the request, as all of Entra's names do. */
function nameOf({ headers }: Call): string {
  return `https://${headers.host ?? ''}`
}

async function sign(
  key: CryptoKey,
  kid: string,
  base: string,
  { clientId, principalId, tenantId }: Principal,
  audience: string
): Promise<string> {
  return new SignJWT({ appid: clientId, oid: principalId, tid: tenantId, ver: '1.0', idp: base })
    .setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' })
    .setIssuer(issuerOf(tenantId))
    .setSubject(principalId)
    .setAudience(audience)
    .setIssuedAt()
    .setNotBefore('-5m')
    .setExpirationTime('1h')
    .setJti(randomUUID())
    .sign(key)
}

function audienceOf(scope: string): string {
  const resource = scope.split(' ')[0]?.replace(/\/?\.default$/, '') ?? ''
  return ARM_HOSTS.test(resource) || /localhost|127\.0\.0\.1/.test(resource)
    ? 'https://management.azure.com'
    : resource
}

interface Refusal {
  readonly status: number
  readonly error: string
  readonly code: number
  readonly text: string
}

function secretRefused({ clientId }: Principal, given: string | null, secret: string): Refusal | undefined {
  if (clientId === IDS.deployerClientId && given === secret) return undefined
  const text = `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${clientId}'.`
  return { status: 401, error: 'invalid_client', code: 7000215, text }
}

/** The first mismatch, in Entra's order: issuer, subject, audience; then key, then time. */
async function judge(
  assertion: string,
  { clientId, trusts }: Principal,
  lag: Lag,
  { ca, serves }: { readonly ca: string; readonly serves: (issuer: string) => boolean }
): Promise<Refusal | undefined> {
  const no = (code: number, text: string, error = 'invalid_client', status = 401): Refusal => ({
    status,
    error,
    code,
    text
  })
  let claims: JWTPayload
  try {
    claims = decodeJwt(assertion)
  } catch {
    return no(50027, 'JWT token is invalid or malformed.', 'invalid_request', 400)
  }
  const issuer = claims.iss ?? ''
  const subject = claims.sub ?? ''
  const audience = [claims.aud ?? ''].flat()[0] ?? ''
  const known = trusts.filter(({ writtenAt }) => Date.now() >= writtenAt + lag.credential)
  if (known.length === 0)
    return no(70025, `The client '${clientId}' has no configured federated identity credentials.`)
  const please =
    'Please check your federated identity credential Subject, Audience and Issuer against the presented assertion.'
  const record = 'No matching federated identity record found for presented assertion'
  const ofIssuer = known.filter((trust) => trust.issuer === issuer)
  if (ofIssuer.length === 0) return no(700211, `${record} issuer '${issuer}'. ${please}`)
  const ofSubject = ofIssuer.filter((trust) => trust.subject === subject)
  if (ofSubject.length === 0) {
    const near = ofIssuer.some((trust) => trust.subject.toLowerCase() === subject.toLowerCase())
    const text = `${record} subject '${subject}'.`
    return near
      ? no(
          7002138,
          `${text} The subject matches with case-insensitive comparison, but not with case-sensitive comparison.`
        )
      : no(700213, `${text} ${please}`)
  }
  if (!ofSubject.some((trust) => trust.audience === audience))
    return no(700212, `${record} audience '${audience}'. ${please}`)
  if (!serves(issuer)) return no(50166, 'Request to External OIDC endpoint failed.', 'invalid_request', 400)
  try {
    const { jwks_uri: place } = (await kept(
      `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
      ca
    )) as {
      jwks_uri: string
    }
    const keys = createLocalJWKSet((await kept(place, ca)) as JSONWebKeySet)
    await jwtVerify(assertion, keys, { algorithms: ['RS256'] })
    return undefined
  } catch (error) {
    if (error instanceof errors.JWTExpired || error instanceof errors.JWTClaimValidationFailed) {
      return no(700024, 'Client assertion is not within its valid time range.')
    }
    if (error instanceof errors.JWKSNoMatchingKey) {
      return no(
        7000272,
        'The certificate used to sign the federated credential could not be found in the metadata of the identity provider.'
      )
    }
    if (error instanceof errors.JOSEError)
      return no(50027, 'JWT token is invalid or malformed.', 'invalid_request', 400)
    return no(50166, 'Request to External OIDC endpoint failed.', 'invalid_request', 400)
  }
}

/** How long Entra caches the documents of an issuer, in ms. */
const KEPT = 5_000

function kept(url: string, ca: string): Promise<unknown> {
  const known = published.get(url)
  if (known && Date.now() - known.at < KEPT) return known.document
  const document = fetched(url, ca)
  published.set(url, { at: Date.now(), document })
  document.catch(() => published.delete(url))
  return document
}

/** Cached, because reading all root certificates takes longer than the request. */
const trusting = new Map<string, Agent>()
const published = new Map<string, { at: number; document: Promise<unknown> }>()

/** Fetches JSON over https and also trusts the cluster's own certificate, with which this process was not started. */
function fetched(url: string, ca: string): Promise<unknown> {
  const agent =
    trusting.get(ca) ?? new Agent({ secureContext: createSecureContext({ ca: [...rootCertificates, ca] }) })
  trusting.set(ca, agent)
  return new Promise((resolve, reject) => {
    const request = httpsGet(url, { agent, timeout: 5_000 }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('end', () => {
        try {
          if (response.statusCode !== 200) throw new Error(`status ${response.statusCode ?? 0}`)
          resolve(JSON.parse(text))
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)))
        }
      })
    })
    request.on('error', reject).on('timeout', () => request.destroy(new Error('timeout')))
  })
}

function refusal(error: string, code: number, text: string): unknown {
  const timestamp = `${new Date().toISOString().slice(0, 19).replace('T', ' ')}Z`
  const [trace, correlation] = [randomUUID(), randomUUID()]
  return {
    error,
    error_description: `AADSTS${code}: ${text} Trace ID: ${trace} Correlation ID: ${correlation} Timestamp: ${timestamp}`,
    error_codes: [code],
    timestamp,
    trace_id: trace,
    correlation_id: correlation,
    error_uri: `https://login.microsoftonline.com/error?code=${code}`
  }
}

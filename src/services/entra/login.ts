/**
 * As whom the run calls Azure: an explicit choice, in this order. 1. the host's own OIDC token, when `client-id` is
 * given; 2. the az login; 3. what the environment holds. DefaultAzureCredential would guess, slowly and silently.
 */
import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/identity'
import { Problem } from '../../core/problem.ts'
import { readSmallFile, UnusableFile } from '../../core/small-file.ts'
import { hostFault, unusable, type Endpoints } from '../endpoints.ts'
import { accountOfAz, credentialOfAz } from './az.ts'
import { jsonOf, recordOf, timeLimit, type Wire } from '../../http/request.ts'
import { isTransient, renewed } from './msal.ts'
import { refusedLogin, type Origin } from './refusal.ts'
import { patiently } from '../../http/retry.ts'
import { safe, TOKEN, UnexpectedReply, Unreachable } from '../../http/errors.ts'

export interface Login {
  readonly credential: TokenCredential
  /** For the log: which login, as whom. */
  readonly description: string
  /** What is not as it should be about this login. */
  readonly warning?: string
  /** The subscription the login has selected, if any. */
  readonly subscriptionId?: string
  /** Host that gives the tokens, for messages. */
  readonly authority: string
  readonly origin: Origin
}

type Found = Omit<Login, 'authority'> & {
  /** What asks for the tokens keeps to the time limit by itself. */
  readonly timely?: true
}

/** A service connection of Azure Pipelines, as it is set up. */
export type Connection = { readonly id: string; readonly subscriptionId?: string } & (
  | { readonly scheme: 'federated'; readonly tenantId: string; readonly clientId: string }
  | { readonly scheme: 'managed-identity' }
  | {
      readonly scheme: 'secret'
      readonly tenantId: string
      readonly clientId: string
      readonly secret: string
    }
)

export interface LoginSources {
  readonly environment: NodeJS.ProcessEnv
  /** Given: this is the login, and nothing else is tried. */
  readonly connection?: Connection | undefined
  /** The host's OIDC token, asked for anew at each need; absent where the host has none. */
  readonly identityToken?: ((audience: string) => Promise<string>) | undefined
  /** Told each token before anything else can see it. */
  readonly mask: (secret: string) => void
}

/** The application to log in as, where one is given. */
export interface WantedLogin {
  readonly clientId?: string
  readonly tenantId?: string
}

/** @throws {Problem} when there is no login. */
export async function logIn(
  wanted: WantedLogin,
  endpoints: Endpoints,
  sources: LoginSources,
  wire: Wire
): Promise<Login> {
  const { identityToken: ask } = sources
  const identityToken =
    ask &&
    (async (audience: string): Promise<string> => {
      const late = (): Error =>
        new Unreachable('host', 'the OIDC token', 'this job', new Error('no answer in time'))
      const token = await patiently(wire.patience, () => timely(ask(audience), timeLimit(wire), late))
      sources.mask(token)
      return token
    })
  const patient = { ...sources, identityToken }
  const login = sources.connection
    ? await byConnection(sources.connection, endpoints, patient, wire)
    : wanted.clientId !== undefined && wanted.tenantId !== undefined
      ? await byHost(wanted.tenantId, wanted.clientId, endpoints, patient, wire)
      : ((await byAz(wanted.tenantId, sources, wire)) ?? (await byEnvironment(sources, endpoints, wire)))
  const authority = new URL(endpoints.authority).host
  const inner = login.timely ? login.credential : timed(login.credential, wire)
  return { ...login, authority, credential: masking(inner, sources.mask) }
}

/** @throws {Problem} with the AADSTS code where there is one. */
export function tokenFor(
  login: Pick<Login, 'credential' | 'authority' | 'origin'>,
  scope: string,
  wire: Wire
): Promise<string> {
  return patiently(wire.patience, () => tokenOnce(login, scope))
}

async function tokenOnce(
  { credential, authority, origin }: Pick<Login, 'credential' | 'authority' | 'origin'>,
  scope: string
): Promise<string> {
  try {
    const token = await credential.getToken(scope)
    if (token) return token.token
    throw new Error('no token')
  } catch (error) {
    if (error instanceof Problem) throw error
    if (isTransient(error)) throw new Unreachable('Entra', 'the login', authority, error)
    const said = error instanceof Error ? error.message : String(error)
    throw refusedLogin(`The login gave no token for ${scope}`, said, { cause: error, origin })
  }
}

/** The SDK gives its token requests no timeout, and takes no signal for them. */
function timed(inner: TokenCredential, wire: Wire): TokenCredential {
  return {
    getToken: (scopes, options) => timely(inner.getToken(scopes, options), timeLimit(wire))
  }
}

function timely<T>(
  answer: Promise<T>,
  limit: AbortSignal,
  late = (): Error => new Error('no answer in time')
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    limit.addEventListener('abort', () => {
      reject(late())
    })
    answer.then(resolve, reject)
  })
}

/** Assertions live some minutes; one asked for within this time, in ms, is still fresh. */
const ONE_NEED = 10_000

async function byHost(
  tenantId: string,
  clientId: string,
  endpoints: Endpoints,
  { identityToken }: LoginSources,
  wire: Wire,
  origin: Origin = 'inputs'
): Promise<Found & { readonly assertion: string }> {
  if (!identityToken) {
    throw new Problem({
      what: 'client-id is given, but this place has no OIDC token of its own.',
      remedy:
        "leave client-id and tenant-id out to use the az login, or use the action itself, which has the job's token (permissions: id-token: write)"
    })
  }
  const { ClientAssertionCredential } = await import('@azure/identity')
  // The SDK asks for the assertion twice per token, and the planes ask for tokens at the same moment: that is one need.
  let asked = { at: 0, token: Promise.resolve('') }
  const assertion = (): Promise<string> => {
    if (Date.now() - asked.at > ONE_NEED)
      asked = { at: Date.now(), token: identityToken(endpoints.exchangeAudience) }
    return asked.token
  }
  // Asked for before the SDK does: it would hide the reason when there is none.
  const first = await assertion()
  const credential = renewed(
    endpoints,
    wire,
    (options) => new ClientAssertionCredential(tenantId, clientId, assertion, options),
    origin
  )
  const description = `the host's OIDC token, as application ${clientId}`
  return { credential, origin, description, assertion: first }
}

async function byConnection(
  connection: Connection,
  endpoints: Endpoints,
  sources: LoginSources,
  wire: Wire
): Promise<Found> {
  const subscription =
    connection.subscriptionId === undefined ? {} : { subscriptionId: connection.subscriptionId }
  if (connection.scheme === 'federated') {
    const { tenantId, clientId } = connection
    const { assertion, ...login } = await byHost(tenantId, clientId, endpoints, sources, wire, 'connection')
    const description = `service connection ${nameIn(assertion) ?? connection.id}, as application ${clientId}`
    return { ...login, ...subscription, description }
  }
  const identity = await import('@azure/identity')
  if (connection.scheme === 'managed-identity') {
    assertOwnEndpoints(sources.environment)
    const description = `service connection ${connection.id}, as the managed identity of the agent`
    return {
      ...subscription,
      credential: new identity.ManagedIdentityCredential(),
      origin: 'connection',
      description
    }
  }
  const { tenantId, clientId, secret } = connection
  sources.mask(secret)
  return {
    ...subscription,
    credential: renewed(
      endpoints,
      wire,
      (options) => new identity.ClientSecretCredential(tenantId, clientId, secret, options),
      'connection'
    ),
    origin: 'connection',
    description: `service connection ${connection.id}, as application ${clientId} with a stored secret`,
    warning: `The service connection ${connection.id} stores a secret. Convert it to workload identity federation: Project settings > Service connections > Convert.`
  }
}

/** Its own name, which only the subject `sc://organization/project/name` of Azure DevOps' own issuer says. */
function nameIn(assertion: string): string | undefined {
  const payload = Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString('utf8')
  const { sub } = recordOf(jsonOf(payload))
  const name = typeof sub === 'string' ? /^sc:\/\/[^/]+\/[^/]+\/(.+)$/.exec(sub)?.[1] : undefined
  return name === undefined ? undefined : safe(name, 100)
}

async function byAz(
  tenantId: string | undefined,
  { environment }: LoginSources,
  wire: Wire
): Promise<Found | undefined> {
  const account = await accountOfAz(environment, wire)
  if (!account) return undefined
  const { user = 'its account', ...subscription } = account
  return {
    ...subscription,
    credential: credentialOfAz(tenantId, environment, wire),
    timely: true,
    origin: 'az',
    description: `the az login, as ${user}`
  }
}

async function byEnvironment(
  { environment }: LoginSources,
  endpoints: Endpoints,
  wire: Wire
): Promise<Found> {
  const has = (...names: string[]): boolean => names.every((name) => (environment[name] ?? '') !== '')
  const identity = await import('@azure/identity')
  // The SDK would read a device to its end.
  for (const name of ['AZURE_FEDERATED_TOKEN_FILE', 'AZURE_CLIENT_CERTIFICATE_PATH'])
    assertUsable(name, environment[name] ?? '')
  if (has('AZURE_CLIENT_ID', 'AZURE_TENANT_ID', 'AZURE_FEDERATED_TOKEN_FILE')) {
    return {
      credential: renewed(
        endpoints,
        wire,
        (options) => new identity.WorkloadIdentityCredential(options),
        'environment'
      ),
      origin: 'environment',
      description: 'workload identity of this pod'
    }
  }
  if (
    has('AZURE_CLIENT_ID', 'AZURE_TENANT_ID', 'AZURE_CLIENT_SECRET') ||
    has('AZURE_CLIENT_ID', 'AZURE_TENANT_ID', 'AZURE_CLIENT_CERTIFICATE_PATH')
  ) {
    const description =
      'AZURE_CLIENT_ID with its secret or certificate from the environment (a stored secret)'
    const credential = renewed(
      endpoints,
      wire,
      (options) => new identity.EnvironmentCredential(options),
      'environment'
    )
    return { credential, origin: 'environment', description }
  }
  if (has('IDENTITY_ENDPOINT') || has('MSI_ENDPOINT')) {
    assertOwnEndpoints(environment)
    const clientId = environment['AZURE_CLIENT_ID']
    const credential =
      clientId === undefined
        ? new identity.ManagedIdentityCredential()
        : new identity.ManagedIdentityCredential({ clientId })
    return { credential, origin: 'machine', description: 'the managed identity of this machine' }
  }
  throw new Problem({
    what: 'There is no Azure login.',
    expected: "client-id and tenant-id with the host's OIDC token, or an az login, or AZURE_* variables",
    found: 'none of them',
    remedy:
      'add the inputs client-id and tenant-id (and permissions: id-token: write), or run azure/login or az login first'
  })
}

/** @throws {Problem} for what is no regular file of bounded size. */
function assertUsable(name: string, path: string): void {
  if (path === '') return
  try {
    readSmallFile(path)
  } catch (error) {
    if (!(error instanceof UnusableFile)) throw error
    throw new Problem(
      { what: `${name} cannot be used: the file ${path} ${error.message}.`, remedy: `correct ${name}` },
      { cause: error }
    )
  }
}

/** Where the SDK asks for the token of a managed identity, with a secret of the machine in a header. */
const MACHINES = ['IDENTITY_ENDPOINT', 'MSI_ENDPOINT', 'IMDS_ENDPOINT', 'AZURE_POD_IDENTITY_AUTHORITY_HOST']

/** @throws {Problem} for the ones in the clear that somebody else could listen at. */
function assertOwnEndpoints(environment: NodeJS.ProcessEnv): void {
  const faults = MACHINES.flatMap((name) => {
    const text = environment[name]?.trim() ?? ''
    const fault = hostFault(text === '' ? undefined : text)
    return fault === undefined ? [] : [`${name} ${fault}`]
  })
  if (faults.length > 0) throw unusable(faults)
}

/** A token is used until this long before its end, in ms: Argo CD and the SDKs do the same. */
const RENEW_BEFORE = 5 * 60_000

/**
 * A credential whose tokens are masked before anybody can print them, and kept until shortly before they end:
 * ClientAssertionCredential asks the host for a new assertion at each call, even when it then has a token at hand.
 */
function masking(inner: TokenCredential, mask: (secret: string) => void): TokenCredential {
  const known = new Map<string, Promise<AccessToken | null>>()
  const ask = async (scopes: string | string[], options?: GetTokenOptions): Promise<AccessToken | null> => {
    const token = await inner.getToken(scopes, options)
    if (token && !TOKEN.test(token.token)) throw new UnexpectedReply('Entra', 'the login', 'no token')
    if (token) mask(token.token)
    return token
  }
  return {
    async getToken(scopes, options) {
      if (options?.claims !== undefined) return ask(scopes, options)
      const key = [scopes].flat().join(' ')
      const before = known.get(key)
      const kept = await before?.catch(() => null)
      if (kept && kept.expiresOnTimestamp - Date.now() > RENEW_BEFORE) return kept
      // Whoever comes first renews; the others wait for the same answer.
      const renewed = known.get(key)
      if (renewed !== undefined && renewed !== before) return renewed
      const asked = ask(scopes)
      known.set(key, asked)
      return asked
    }
  }
}

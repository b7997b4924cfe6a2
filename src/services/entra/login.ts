/**
 * Chooses the login for Azure, in a fixed order: 1. the host's own OIDC token, when `client-id` is set; 2. the az
 * login; 3. the environment. DefaultAzureCredential would guess, slowly and silently.
 */
import { Problem } from '../../core/finding.ts'
import { word } from '../../core/shell.ts'
import { input } from '../../core/input-name.ts'
import { Unreachable } from '../../http/errors.ts'
import { timeLimit, type Wire } from '../../http/request.ts'
import { retry } from '../../http/retry.ts'
import type { Endpoints } from '../endpoints.ts'
import { maskAndCache, withTimeLimit, within } from './credential.ts'
import type { Found, Login, LoginSources, WantedLogin } from './sources.ts'

/** @throws {Problem} when there is no login. */
export async function logIn(
  wanted: WantedLogin,
  endpoints: Endpoints,
  sources: LoginSources,
  wire: Wire
): Promise<Login> {
  const { identityToken: request } = sources
  const identityToken =
    request &&
    (async (audience: string): Promise<string> => {
      const late = (): Error =>
        new Unreachable('host', 'the OIDC token', 'this job', new Error('no answer in time'))
      const token = await retry(wire.policy, () => within(request(audience), timeLimit(wire), late))
      sources.mask(token)
      return token
    })
  const login = await found(wanted, endpoints, { ...sources, identityToken }, wire)
  const authority = new URL(endpoints.authority).host
  const inner = login.limited ? login.credential : withTimeLimit(login.credential, wire)
  return { ...login, authority, credential: maskAndCache(inner, sources.mask) }
}

/** Each way is loaded only where it is gone. */
async function found(
  { tenantId, clientId }: WantedLogin,
  endpoints: Endpoints,
  sources: LoginSources,
  wire: Wire
): Promise<Found> {
  if (sources.serviceConnection) {
    const { byConnection } = await import('./by-connection.ts')
    return byConnection(sources.serviceConnection, endpoints, sources, wire)
  }
  if (clientId !== undefined && tenantId !== undefined) {
    const { byHost } = await import('./by-host.ts')
    const origin = sources.second ? 'identity inputs' : 'inputs'
    return byHost({ origin, tenantId, clientId }, endpoints, sources, wire)
  }
  const { byAz } = await import('./by-az.ts')
  const az = await byAz(tenantId, sources, wire)
  if (az) return az
  if (sources.second) throw noLoginFor(tenantId)
  const { byEnvironment } = await import('./by-environment.ts')
  return byEnvironment(tenantId, sources, endpoints, wire)
}

/** What the environment has is for one tenant, and that is the cluster's. */
function noLoginFor(tenantId = ''): Problem {
  return new Problem({
    id: 'login/none',
    summary: `There is no Azure login for tenant ${tenantId}, which ${input('identity-tenant-id')} names.`,
    expected: `${input('identity-login-client-id')} with the host's OIDC token, a service connection, or an az login`,
    actual: 'none of these',
    remedy: `add ${input('identity-login-client-id')}, or log in to this tenant`,
    command: `az login --tenant ${word(tenantId)}`
  })
}

/** @throws {Problem} with the AADSTS code, if there is one. */
export function tokenFor(
  login: Pick<Login, 'credential' | 'authority' | 'caller'>,
  scope: string,
  wire: Wire
): Promise<string> {
  return retry(wire.policy, () => tokenOnce(login, scope))
}

async function tokenOnce(
  { credential, authority, caller }: Pick<Login, 'credential' | 'authority' | 'caller'>,
  scope: string
): Promise<string> {
  try {
    const token = await credential.getToken(scope)
    if (token) return token.token
    throw new Error('no token')
  } catch (error) {
    if (error instanceof Problem) throw error
    const [{ isTransient }, { refusedLogin }] = await Promise.all([
      import('./msal.ts'),
      import('./refusal.ts')
    ])
    const said = error instanceof Error ? error.message : String(error)
    const refused = refusedLogin(`The login gave no token for ${scope}`, said, { cause: error, caller })
    if (!isTransient(error)) throw refused
    // Entra did answer when it says that the issuer did not answer it.
    const known = refused.facts.id === 'login/issuer-unreadable' ? refused.facts : undefined
    throw new Unreachable('Entra', 'the login', authority, error, known)
  }
}

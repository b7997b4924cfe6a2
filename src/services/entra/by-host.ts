/** The login with the host's own OIDC token, as an application that trusts it. */
import { Problem } from '../../core/finding.ts'
import type { Wire } from '../../http/request.ts'
import type { Endpoints } from '../endpoints.ts'
import type { Caller } from './caller.ts'
import { claimsOf } from './claims.ts'
import { renewable } from './msal.ts'
import type { Found, LoginSources } from './sources.ts'
import { input } from '../../core/input-name.ts'

/** Assertions live for some minutes; for this long, in ms, one is reused. */
const REUSE = 10_000

/** @param wanted the application to log in as */
export async function byHost(
  wanted: Caller & { readonly tenantId: string; readonly clientId: string },
  endpoints: Endpoints,
  { identityToken }: LoginSources,
  wire: Wire
): Promise<Found> {
  const { tenantId, clientId } = wanted
  if (!identityToken) {
    throw new Problem({
      id: 'login/no-host-token',
      summary: `${input('client-id')} is set, but this host has no OIDC token.`,
      remedy: `leave ${input('client-id')} and ${input('tenant-id')} out to use the az login, or use the action itself, which has the job's token (permissions: id-token: write)`
    })
  }
  const { ClientAssertionCredential } = await import('@azure/identity')
  // The SDK requests the assertion twice per token, and all services request tokens at the same time.
  let asked = { at: 0, token: Promise.resolve('') }
  const assertion = (): Promise<string> => {
    if (Date.now() - asked.at > REUSE)
      asked = { at: Date.now(), token: identityToken(endpoints.exchangeAudience) }
    return asked.token
  }
  // Requested here first, because the SDK would hide the reason of a failure.
  const caller = { ...wanted, claims: claimsOf(await assertion()) }
  const credential = renewable(
    endpoints,
    wire,
    (options) => new ClientAssertionCredential(tenantId, clientId, assertion, options),
    caller
  )
  const description = `the host's OIDC token, as application ${clientId}`
  return { credential, caller, description }
}

/** The login with the host's own OIDC token, as an application that trusts it. */
import { Problem } from '../../core/finding.ts'
import type { Wire } from '../../http/request.ts'
import type { Endpoints } from '../endpoints.ts'
import { renewable } from './msal.ts'
import type { Origin } from './refusal.ts'
import type { Found, LoginSources } from './sources.ts'
import { input } from '../../core/input-name.ts'

/** Assertions live for some minutes; for this long, in ms, one is reused. */
const REUSE = 10_000

export async function byHost(
  tenantId: string,
  clientId: string,
  endpoints: Endpoints,
  { identityToken }: LoginSources,
  wire: Wire,
  origin: Origin = 'inputs'
): Promise<Found & { readonly assertion: string }> {
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
  const first = await assertion()
  const credential = renewable(
    endpoints,
    wire,
    (options) => new ClientAssertionCredential(tenantId, clientId, assertion, options),
    origin
  )
  const description = `the host's OIDC token, as application ${clientId}`
  return { credential, origin, description, assertion: first }
}

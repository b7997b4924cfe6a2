/** The login by the host's own OIDC token, as an application that trusts it. */
import { Problem } from '../../core/finding.ts'
import type { Wire } from '../../http/request.ts'
import type { Endpoints } from '../endpoints.ts'
import { renewed } from './msal.ts'
import type { Origin } from './refusal.ts'
import type { Found, LoginSources } from './sources.ts'
import { input } from '../../core/input-name.ts'

/** Assertions live some minutes; one asked for within this time, in ms, is still fresh. */
const ONE_NEED = 10_000

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
      summary: `${input('client-id')} is given, but this place has no OIDC token of its own.`,
      remedy: `leave ${input('client-id')} and ${input('tenant-id')} out to use the az login, or use the action itself, which has the job's token (permissions: id-token: write)`
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

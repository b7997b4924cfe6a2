/** The login of the Azure CLI, if there is one. */
import type { Wire } from '../../http/request.ts'
import { accountOfAz, credentialOfAz } from './az.ts'
import type { Found, LoginSources } from './sources.ts'

export async function byAz(
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
    limited: true,
    caller: { origin: 'az', tenantId },
    description: `the az login, as ${user}`
  }
}

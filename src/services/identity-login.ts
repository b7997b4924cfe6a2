/**
 * The second login, in the tenant of identity and organization, where that is not the tenant of the cluster. Loaded only
 * by runs that have one.
 */
import { Problem } from '../core/finding.ts'
import { input } from '../core/input-name.ts'
import { HttpProblem, Unreachable } from '../http/errors.ts'
import type { Wire } from '../http/request.ts'
import type { Members } from './azure-devops/members.ts'
import type { Endpoints } from './endpoints.ts'
import { logIn } from './entra/login.ts'
import type { Login, LoginSources } from './entra/sources.ts'

/** The tenant of the identity, and the application to log in as; without one: a service connection, or az. */
export interface IdentityLogin {
  readonly tenantId: string
  readonly clientId?: string
}

/** @throws {Problem} when there is no login for this tenant. */
export function logInForIdentity(
  wanted: IdentityLogin,
  endpoints: Endpoints,
  { environment, mask, identityToken, forIdentity = { identityToken } }: LoginSources,
  wire: Wire
): Promise<Login> {
  return logIn(wanted, endpoints, { environment, mask, ...forIdentity, second: true }, wire)
}

/**
 * Compares the tenant of each organization with that of the identity before anything is asked: with the ids swapped,
 * every login would fail for a reason that hides this one. An organization that does not say its tenant is compared
 * later, by the chain.
 *
 * @param ofCluster tenant of the first login, if the inputs name it
 * @throws {Problem} for the first organization of another tenant.
 */
export async function assertTenant(
  { tenantId }: IdentityLogin,
  ofCluster: string | undefined,
  organizations: readonly { readonly name: string; readonly members: Members }[]
): Promise<void> {
  await Promise.all(
    organizations.map(async ({ name, members }) => {
      const found = await members.tenant().catch((error: unknown) => {
        if (error instanceof HttpProblem || error instanceof Unreachable) return undefined
        throw error
      })
      if (found === undefined || found.toLowerCase() === tenantId.toLowerCase()) return
      const swapped = found.toLowerCase() === ofCluster?.toLowerCase()
      throw new Problem({
        id: swapped ? 'login/tenants-swapped' : 'entitlement/other-tenant',
        summary: swapped
          ? `The tenants of cluster and identity are swapped: the organization ${name} is connected to the tenant that ${input('tenant-id')} names. Nothing was read or written.`
          : `The organization ${name} is connected to another Entra tenant than ${input('identity-tenant-id')} names. Nothing was read or written.`,
        expected: tenantId,
        actual: found,
        remedy: swapped
          ? `swap them: ${input('tenant-id', tenantId)} with the application for the cluster in ${input('client-id')}, ${input('identity-tenant-id', found)} with the application for identity and organization in ${input('identity-login-client-id')}; if all is in one tenant, leave ${input('identity-tenant-id')} out`
          : `set ${input('identity-tenant-id', found)}, with a subscription and a login of that tenant; or connect the organization to tenant ${tenantId}`,
        link: 'https://learn.microsoft.com/azure/devops/organizations/accounts/connect-organization-to-azure-ad'
      })
    })
  )
}

/** Which client ids on the workload belong to an identity that exists or may exist. */
import { foreignClient, type Holder } from '../argocd/adoption.ts'
import { annotationsOf, TENANT_ID, type Identified, type Workload } from '../argocd/identity.ts'
import { installOf } from '../argocd/installs/install.ts'
import { HttpProblem } from '../http/errors.ts'
import { AZURE_DEVOPS_SCOPE } from '../services/endpoints.ts'
import type { Services } from '../services/services.ts'

/** No federated credential has this audience, so a token for it can query Entra, and Entra issues nothing for it. */
const AUDIENCE = 'patless:only-asking'

export async function holdersOf(
  spec: Identified,
  workload: Workload,
  settings: unknown,
  services: Services
): Promise<Holder[]> {
  const set = installOf(spec.instance).clientIdIn(spec.instance, settings)
  const foreign = [foreignClient(spec, workload), set].filter(
    (one) => one !== undefined && one !== '' && one !== spec.clientId
  )
  const found = await Promise.all(
    [...new Set(foreign)].map(async (clientId = '') => {
      const place = await ifKnown(services.identities.withClientId(spec.identity, clientId))
      return place === undefined && (await isGone(clientId, spec, workload, services))
        ? []
        : [{ clientId, place }]
    })
  )
  return found.flat()
}

/** ARM shows only what the login may see; only Entra can confirm that nothing in the tenant has the client id. */
async function isGone(
  clientId: string,
  { instance, tenantId, otherTenant }: Identified,
  workload: Workload,
  services: Services
): Promise<boolean> {
  const tenant = annotationsOf(workload)[TENANT_ID] ?? (otherTenant ? undefined : tenantId)
  // The tenant to query is unknown until our own tenant is known, and Entra is not queried about another tenant.
  if (tenantId === '' || tenant !== tenantId) return false
  // No token is asked for through commands: then it may exist.
  if (services.kubernetes(instance.clusterId).reach.commandsBecause !== undefined) return false
  const asked = async (): Promise<boolean> => {
    const { namespace, account, clusterId } = instance
    const token = await services.kubernetes(clusterId).token(namespace, account, AUDIENCE)
    services.mask(token)
    return services.entra.knows(tenantId, clientId, token, AZURE_DEVOPS_SCOPE)
  }
  return (await ifKnown(asked())) === false
}

/** If the request fails, the answer is unknown. */
async function ifKnown<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof HttpProblem) return undefined
    throw error
  }
}

/** Which of the client ids found at the workload belong to an identity that still exists, or may. */
import { foreignClient, type Holder } from '../argocd/adoption.ts'
import { annotationsOf, TENANT_ID, type Identified, type Workload } from '../argocd/identity.ts'
import { installOf } from '../argocd/installs/install.ts'
import { HttpProblem } from '../http/errors.ts'
import { AZURE_DEVOPS_SCOPE } from '../services/endpoints.ts'
import type { Services } from '../services/services.ts'

/** No federated credential has it: with a token for it Entra can be asked, but gives none. */
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

/** ARM shows only what the login may see; that nobody in the tenant has the id is for Entra to say. */
async function isGone(
  clientId: string,
  { instance, tenantId }: Identified,
  workload: Workload,
  services: Services
): Promise<boolean> {
  const tenant = annotationsOf(workload)[TENANT_ID] ?? tenantId
  // In which tenant it would be is not known before ours is, and of another one nothing is asked.
  if (tenantId === '' || tenant !== tenantId) return false
  const asked = async (): Promise<boolean> => {
    const { namespace, account, clusterId } = instance
    const token = await services.kubernetes(clusterId).token(namespace, account, AUDIENCE)
    services.mask(token)
    return services.entra.knows(tenantId, clientId, token, AZURE_DEVOPS_SCOPE)
  }
  return (await ifKnown(asked())) === false
}

/** What cannot be asked is not known. */
async function ifKnown<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof HttpProblem) return undefined
    throw error
  }
}

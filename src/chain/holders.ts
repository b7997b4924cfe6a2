/** Which of the client ids found at the workload belong to an identity that still exists, or may. */
import { foreignClient, type Holder } from '../argocd/adoption.ts'
import { annotationsOf, TENANT_ID, type Identified, type Workload } from '../argocd/identity.ts'
import { installOf } from '../argocd/installs/install.ts'
import { HttpProblem } from '../http/errors.ts'
import { AZURE_DEVOPS_SCOPE } from '../services/endpoints.ts'
import type { Planes } from '../services/services.ts'

/** No federated credential has it: with a token for it Entra can be asked, but gives none. */
const AUDIENCE = 'patless:only-asking'

export async function holdersOf(
  want: Identified,
  workload: Workload,
  settings: unknown,
  planes: Planes
): Promise<Holder[]> {
  const set = installOf(want.instance).clientIdIn(want.instance, settings)
  const foreign = [foreignClient(want, workload), set].filter(
    (one) => one !== undefined && one !== '' && one !== want.clientId
  )
  const found = await Promise.all(
    [...new Set(foreign)].map(async (clientId = '') => {
      const place = await ifKnown(planes.identities.withClientId(want.identity, clientId))
      return place === undefined && (await isGone(clientId, want, workload, planes))
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
  planes: Planes
): Promise<boolean> {
  const tenant = annotationsOf(workload)[TENANT_ID] ?? tenantId
  // In which tenant it would be is not known before ours is, and of another one nothing is asked.
  if (tenantId === '' || tenant !== tenantId) return false
  const asked = async (): Promise<boolean> => {
    const { namespace, account, clusterId } = instance
    const token = await planes.kubernetes(clusterId).token(namespace, account, AUDIENCE)
    planes.mask(token)
    return planes.entra.knows(tenantId, clientId, token, AZURE_DEVOPS_SCOPE)
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

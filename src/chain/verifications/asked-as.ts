/** With which client and tenant the access verification asks Entra: those of the running pods, as Argo CD does. */
import type { V1Pod } from '@kubernetes/client-node'

export interface Asker {
  readonly clientId: string
  readonly tenantId: string
}

/**
 * What the environment of the pods' containers names, each once. A pod without the variables, or with a reference
 * instead of a value, names nobody: then only the workload has something to say.
 *
 * @param container name of the repo-server's
 */
export function askersIn(pods: readonly V1Pod[], container: string): Asker[] {
  const found = pods.flatMap(({ spec }) => {
    const { env = [] } = spec?.containers.find(({ name }) => name === container) ?? {}
    const valueOf = (variable: string): string => env.find(({ name }) => name === variable)?.value ?? ''
    const [clientId, tenantId] = [valueOf('AZURE_CLIENT_ID'), valueOf('AZURE_TENANT_ID')]
    return GUID.test(clientId) && GUID.test(tenantId) ? [{ clientId, tenantId }] : []
  })
  return found.filter((one, index) => found.findIndex((other) => isSame(one, other)) === index)
}

/** Both become parts of a request to Entra; a tenant may also be a domain, which no webhook writes. */
const GUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i

/**
 * The first pod that asks as somebody else; nobody, when all ask as the identity.
 *
 * @param own the identity, by which a pass that writes will have the pods ask
 */
export function otherAsker(own: Asker, askers: readonly Asker[]): Asker | undefined {
  return askers.find((one) => !isSame(own, one))
}

function isSame(one: Asker, other: Asker): boolean {
  const key = ({ clientId, tenantId }: Asker): string => `${clientId} ${tenantId}`.toLowerCase()
  return key(one) === key(other)
}

/** The login as a managed identity of the machine; its token endpoint must be on the machine. */
import type { TokenCredential } from '@azure/identity'
import { hostFault, unusable } from '../endpoints.ts'

/** @throws {Problem} when a variable names an endpoint that is not the machine's own. */
export async function managedIdentity(
  environment: NodeJS.ProcessEnv,
  clientId?: string
): Promise<TokenCredential> {
  assertOwnEndpoints(environment)
  const { ManagedIdentityCredential } = await import('@azure/identity')
  return clientId === undefined
    ? new ManagedIdentityCredential()
    : new ManagedIdentityCredential({ clientId })
}

/** Where the SDK requests the token of a managed identity; a header of that request has a secret of the machine. */
const ENDPOINTS = ['IDENTITY_ENDPOINT', 'MSI_ENDPOINT', 'IMDS_ENDPOINT', 'AZURE_POD_IDENTITY_AUTHORITY_HOST']

/** @throws {Problem} for plain http to a host where somebody else could listen. */
function assertOwnEndpoints(environment: NodeJS.ProcessEnv): void {
  const faults = ENDPOINTS.flatMap((name) => {
    const text = environment[name]?.trim() ?? ''
    const fault = hostFault(text === '' ? undefined : text)
    return fault === undefined ? [] : [`${name} ${fault}`]
  })
  if (faults.length > 0) throw unusable(faults)
}

/** The login as a managed identity of the machine, whose endpoints must be its own. */
import type { TokenCredential } from '@azure/identity'
import { hostFault, unusable } from '../endpoints.ts'

/** @throws {Problem} when a variable says that somebody else gives its tokens. */
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

/** Where the SDK asks for the token of a managed identity, with a secret of the machine in a header. */
const MACHINES = ['IDENTITY_ENDPOINT', 'MSI_ENDPOINT', 'IMDS_ENDPOINT', 'AZURE_POD_IDENTITY_AUTHORITY_HOST']

/** @throws {Problem} for the ones in the clear that somebody else could listen at. */
function assertOwnEndpoints(environment: NodeJS.ProcessEnv): void {
  const faults = MACHINES.flatMap((name) => {
    const text = environment[name]?.trim() ?? ''
    const fault = hostFault(text === '' ? undefined : text)
    return fault === undefined ? [] : [`${name} ${fault}`]
  })
  if (faults.length > 0) throw unusable(faults)
}

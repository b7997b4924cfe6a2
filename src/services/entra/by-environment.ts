/**
 * The login from the environment: workload identity of a pod, a stored secret or certificate, or the machine's
 * identity.
 */
import { Problem } from '../../core/finding.ts'
import { readSmallFile, UnusableFile } from '../../core/small-file.ts'
import type { Wire } from '../../http/request.ts'
import type { Endpoints } from '../endpoints.ts'
import { managedIdentity } from './managed-identity.ts'
import { renewable } from './msal.ts'
import type { Found, LoginSources } from './sources.ts'
import { input } from '../../core/input-name.ts'

export async function byEnvironment(
  { environment }: LoginSources,
  endpoints: Endpoints,
  wire: Wire
): Promise<Found> {
  const has = (...names: string[]): boolean => names.every((name) => (environment[name] ?? '') !== '')
  const identity = await import('@azure/identity')
  // The SDK would read without a limit, even from a device.
  for (const name of ['AZURE_FEDERATED_TOKEN_FILE', 'AZURE_CLIENT_CERTIFICATE_PATH'])
    assertUsable(name, environment[name] ?? '')
  if (has('AZURE_CLIENT_ID', 'AZURE_TENANT_ID', 'AZURE_FEDERATED_TOKEN_FILE')) {
    return {
      credential: renewable(
        endpoints,
        wire,
        (options) => new identity.WorkloadIdentityCredential(options),
        'environment'
      ),
      origin: 'environment',
      description: 'workload identity of this pod'
    }
  }
  if (
    has('AZURE_CLIENT_ID', 'AZURE_TENANT_ID', 'AZURE_CLIENT_SECRET') ||
    has('AZURE_CLIENT_ID', 'AZURE_TENANT_ID', 'AZURE_CLIENT_CERTIFICATE_PATH')
  ) {
    const description =
      'AZURE_CLIENT_ID with its secret or certificate from the environment (a stored secret)'
    const credential = renewable(
      endpoints,
      wire,
      (options) => new identity.EnvironmentCredential(options),
      'environment'
    )
    return { credential, origin: 'environment', description }
  }
  if (has('IDENTITY_ENDPOINT') || has('MSI_ENDPOINT')) {
    const credential = await managedIdentity(environment, environment['AZURE_CLIENT_ID'])
    return { credential, origin: 'machine', description: 'the managed identity of this machine' }
  }
  throw new Problem({
    id: 'login/none',
    summary: 'There is no Azure login.',
    expected: `${input('client-id')} and ${input('tenant-id')} with the host's OIDC token, or an az login, or AZURE_* variables`,
    actual: 'none of these',
    remedy: `add the inputs ${input('client-id')} and ${input('tenant-id')} (and permissions: id-token: write), or run azure/login or az login first`
  })
}

/** @throws {Problem} unless the path is a regular file of bounded size. */
function assertUsable(name: string, path: string): void {
  if (path === '') return
  try {
    readSmallFile(path)
  } catch (error) {
    if (!(error instanceof UnusableFile)) throw error
    throw new Problem(
      {
        id: 'login/file-unusable',
        summary: `${name} cannot be used: the file ${path} ${error.message}.`,
        remedy: `correct ${name}`
      },
      { cause: error }
    )
  }
}

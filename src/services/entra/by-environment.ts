/**
 * The login from the environment: workload identity of a pod, a stored secret or certificate, or the machine's
 * identity.
 */
import { Problem } from '../../core/finding.ts'
import { readSmallFile, UnusableFile } from '../../core/small-file.ts'
import type { Wire } from '../../http/request.ts'
import type { Endpoints } from '../endpoints.ts'
import type { Caller } from './caller.ts'
import { claimsOf } from './claims.ts'
import { managedIdentity } from './managed-identity.ts'
import { renewable } from './msal.ts'
import type { Found, LoginSources } from './sources.ts'
import { input } from '../../core/input-name.ts'

/** @param tenantIdGiven of the input, which says that a login with the host's token was meant */
export async function byEnvironment(
  tenantIdGiven: string | undefined,
  { environment, identityToken }: LoginSources,
  endpoints: Endpoints,
  wire: Wire
): Promise<Found> {
  const has = (...names: string[]): boolean => names.every((name) => (environment[name] ?? '') !== '')
  const identity = await import('@azure/identity')
  // The SDK would read without a limit, even from a device.
  const [token = ''] = ['AZURE_FEDERATED_TOKEN_FILE', 'AZURE_CLIENT_CERTIFICATE_PATH'].map((name) =>
    contentOf(name, environment[name] ?? '')
  )
  const { AZURE_CLIENT_ID: clientId, AZURE_TENANT_ID: tenantId } = environment
  const caller: Caller = { origin: 'environment', clientId, tenantId }
  if (has('AZURE_CLIENT_ID', 'AZURE_TENANT_ID', 'AZURE_FEDERATED_TOKEN_FILE')) {
    const federated = { ...caller, claims: claimsOf(token.trim()) }
    return {
      credential: renewable(
        endpoints,
        wire,
        (options) => new identity.WorkloadIdentityCredential(options),
        federated
      ),
      caller: federated,
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
      caller
    )
    return { credential, caller, description }
  }
  if (has('IDENTITY_ENDPOINT') || has('MSI_ENDPOINT')) {
    const credential = await managedIdentity(environment, environment['AZURE_CLIENT_ID'])
    return {
      credential,
      caller: { origin: 'machine' },
      description: 'the managed identity of this machine'
    }
  }
  const canRequest = (environment['ACTIONS_ID_TOKEN_REQUEST_URL'] ?? '') !== ''
  if (identityToken && (canRequest || tenantIdGiven !== undefined)) {
    throw new Problem({
      id: 'login/client-id-empty',
      summary: `${input('client-id')} is empty, and there is no other Azure login.`,
      expected: 'the application (client) id of the application to log in as',
      actual: 'nothing: a variable or secret that is not set is an empty text',
      remedy: `set the variable or secret that ${input('client-id')} comes from, where this job can see it: in the repository, in the organization, or in the environment that the job names (a pull request from a fork gets no secrets); or log in before with azure/login`
    })
  }
  throw new Problem({
    id: 'login/none',
    summary: 'There is no Azure login.',
    expected: `${input('client-id')} and ${input('tenant-id')} with the host's OIDC token, or an az login, or AZURE_* variables`,
    actual: 'none of these',
    remedy: `add the inputs ${input('client-id')} and ${input('tenant-id')} (and permissions: id-token: write), or log in before: with azure/login in a workflow, with the command in a terminal`,
    command: 'az login'
  })
}

/** @throws {Problem} unless the path is a regular file of bounded size. */
function contentOf(name: string, path: string): string {
  if (path === '') return ''
  try {
    return readSmallFile(path)
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

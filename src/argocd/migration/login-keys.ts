/** The keys of logins that workload identity replaces: what a switch takes out of a Secret, and puts back. */

/** Client certificates of a proxy in between are none. */
const LOGIN_KEYS: readonly string[] = [
  'username',
  'password',
  'bearerToken',
  'sshPrivateKey',
  'githubAppID',
  'githubAppInstallationID',
  'githubAppPrivateKey',
  'githubAppEnterpriseBaseUrl',
  'gcpServiceAccountKey',
  'azureServicePrincipalClientId',
  'azureServicePrincipalClientID',
  'azureServicePrincipalClientSecret',
  'azureServicePrincipalTenantId',
  'azureServicePrincipalTenantID'
]

/** @param data of a Secret */
export function loginKeysIn(data: Readonly<Record<string, unknown>>): string[] {
  return LOGIN_KEYS.filter((key) => Object.hasOwn(data, key))
}

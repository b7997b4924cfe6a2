/** How Entra refuses a login for reasons that no federated credential decides, by code. */

/** Refusals that no credential decides (learn.microsoft.com reference-error-codes). */
export const LOGIN_REFUSALS = {
  50166: ['Request to External OIDC endpoint failed.', 'invalid_request', 400],
  53003: [
    'Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.',
    'invalid_grant',
    400
  ],
  500011: [
    'The resource principal named 499b84ac-1321-427f-aa17-267ca6975798 was not found in the tenant named Contoso. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant.',
    'invalid_resource',
    400
  ],
  700024: ['Client assertion is not within its valid time range.', 'invalid_client', 401],
  700236: [
    'Entra ID tokens issued by issuer may not be used for federated identity credential flows for applications or managed identities registered in this tenant.',
    'invalid_client',
    401
  ],
  7000112: ["Application 'deployer' is disabled.", 'unauthorized_client', 400],
  7000222: [
    'The provided client secret keys for app are expired. Visit the Azure portal to create new keys for your app.',
    'invalid_client',
    401
  ],
  7000272: [
    'The certificate used to sign the federated credential could not be found in the metadata of identity provider.',
    'invalid_client',
    401
  ]
} as const satisfies Readonly<Record<number, readonly [text: string, error: string, status: number]>>

export type LoginRefusal = keyof typeof LOGIN_REFUSALS

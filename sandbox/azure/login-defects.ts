/** How Entra refuses the login of the job itself: what its application trusts, and refusals for other reasons, by code. */
import type { Trust } from '../world.ts'
import type { AzureState } from './state.ts'

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

type Defect = (state: AzureState) => void

export const LOGIN_DEFECTS: Readonly<Record<string, Defect>> = {
  'login-untrusted': (state) => {
    state.deployerTrusts = []
  },
  'login-issuer': trusts((one) => ({ ...one, issuer: `${one.issuer}/enterprise` })),
  'login-subject': trusts((one) => ({ ...one, subject: 'repo:contoso/platform:ref:refs/heads/release' })),
  'login-subject-case': trusts((one) => ({ ...one, subject: one.subject.replace('contoso', 'Contoso') })),
  'login-audience': trusts((one) => ({ ...one, audience: 'https://github.com/contoso' })),
  'login-issuer-unreadable': refusal(50166),
  'login-issuer-key': refusal(7000272),
  'login-issuer-not-permitted': refusal(700236),
  'login-clock': refusal(700024),
  'login-application-disabled': refusal(7000112),
  'login-secret-expired': refusal(7000222),
  'login-conditional-access': refusal(53003),
  'login-service-missing': refusal(500011)
}

function trusts(change: (trust: Trust) => Trust): Defect {
  return (state) => {
    state.deployerTrusts = state.deployerTrusts.map(change)
  }
}

function refusal(code: LoginRefusal): Defect {
  return (state) => {
    state.loginRefusal = code
  }
}

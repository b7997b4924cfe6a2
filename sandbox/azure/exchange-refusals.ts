/** How Entra refuses the exchange for an identity, for reasons that no federated credential decides. By code. */
import type { AzureState } from './state.ts'

/** Codes of Entra's error reference that an exchange may be met with. */
export const EXCHANGE_REFUSALS: Readonly<Record<number, string>> = {
  50012: 'Authentication failed.',
  50013: 'Assertion failed signature validation.',
  50027: 'JWT token is invalid or malformed.',
  50059: 'No tenant-identifying information found in the request.',
  50105: 'The signed in user is not assigned to a role for the application.',
  50166: 'Request to External OIDC endpoint failed.',
  50196: 'The server terminated an operation because it encountered a client request loop.',
  53000: 'Device is not in required device state.',
  53003: 'Access has been blocked by Conditional Access policies.',
  70011: 'The provided value for the input parameter scope is not valid.',
  70021: 'No matching federated identity record found for presented assertion.',
  70025: 'The client has no configured federated identity credentials.',
  90002: 'Tenant not found.',
  90014: 'The required field client_assertion is missing.',
  90061: 'Request to External OIDC endpoint failed.',
  500011: 'The resource principal named 499b84ac-1321-427f-aa17-267ca6975798 was not found in the tenant.',
  501051: 'The application is not assigned to a role for the application.',
  501661: 'Request to External OIDC endpoint failed.',
  530003: 'Your device is required to be managed to access this resource.',
  700016: 'Application was not found in the directory.',
  700021: 'Client assertion application identifier does not match.',
  700024: 'Client assertion is not within its valid time range.',
  700027: 'The certificate with identifier used to sign the client assertion is not registered.',
  900023: 'Specified tenant identifier is neither a valid DNS name, nor a valid external domain.',
  900382: 'Confidential Client is not supported in Cross Cloud request.',
  7000112: 'Application is disabled.',
  7000215: 'Invalid client secret provided.',
  7000222: 'The provided client secret keys are expired.',
  7000229: 'The client application is missing service principal in the tenant.',
  7000272: 'The certificate used to sign the federated credential could not be found in the metadata.'
}

/** `entra-<code>`: every exchange of an identity is refused so; that of the pipeline's application is not. */
export const EXCHANGE_DEFECTS: Readonly<Record<string, (state: AzureState) => void>> = Object.fromEntries(
  Object.keys(EXCHANGE_REFUSALS).map((code) => [
    `entra-${code}`,
    (state: AzureState) => {
      state.exchangeRefusal = Number(code)
    }
  ])
)

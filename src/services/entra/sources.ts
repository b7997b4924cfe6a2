/** The sources of a login, and the login itself. */
import type { TokenCredential } from '@azure/identity'
import type { Finding } from '../../core/finding.ts'
import type { Caller } from './caller.ts'
import type { ApplicationKind } from './trust.ts'

export interface Login {
  readonly credential: TokenCredential
  /** For the log: the kind of login and the account. */
  readonly description: string
  readonly warning?: Finding
  /** The subscription that the login selects, if any. */
  readonly subscriptionId?: string
  /** The host that issues the tokens, for messages. */
  readonly authority: string
  readonly caller: Caller
}

/** The result of each kind of login. */
export type Found = Omit<Login, 'authority'> & {
  /** The credential already has a time limit. */
  readonly limited?: true
}

/** A service connection of Azure Pipelines. */
export type ServiceConnection = { readonly id: string; readonly subscriptionId?: string } & (
  | {
      readonly scheme: 'federated'
      readonly tenantId: string
      readonly clientId: string
      /** What the connection says that its application is, if it does. */
      readonly kind?: ApplicationKind
    }
  | { readonly scheme: 'managed-identity' }
  | {
      readonly scheme: 'secret'
      readonly tenantId: string
      readonly clientId: string
      readonly secret: string
      /** Where it is edited, if the host says so. */
      readonly page?: string
    }
)

export interface LoginSources {
  readonly environment: NodeJS.ProcessEnv
  /** When set, this is the login and no other is tried. */
  readonly serviceConnection?: ServiceConnection | undefined
  /** Requests a new OIDC token from the host; absent where the host has none. */
  readonly identityToken?: ((audience: string) => Promise<string>) | undefined
  /** What the login in the tenant of the identity has instead of connection and token above; absent: the same token. */
  readonly forIdentity?: Pick<LoginSources, 'serviceConnection' | 'identityToken'> | undefined
  /** Whether this is the login in the tenant of the identity. */
  readonly second?: true
  /** Called with each token before anything else can see it. */
  readonly mask: (secret: string) => void
}

/** The application to log in as, if the inputs name one. */
export interface WantedLogin {
  readonly clientId?: string
  readonly tenantId?: string
}

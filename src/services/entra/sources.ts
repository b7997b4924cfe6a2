/** What a login can be made from, and what it then is. */
import type { TokenCredential } from '@azure/identity'
import type { Finding } from '../../core/finding.ts'
import type { Origin } from './refusal.ts'

export interface Login {
  readonly credential: TokenCredential
  /** For the log: which login, as whom. */
  readonly description: string
  /** What is not as it should be about this login. */
  readonly warning?: Finding
  /** The subscription the login has selected, if any. */
  readonly subscriptionId?: string
  /** Host that gives the tokens, for messages. */
  readonly authority: string
  readonly origin: Origin
}

/** What each kind of login gives. */
export type Found = Omit<Login, 'authority'> & {
  /** What asks for the tokens keeps to the time limit by itself. */
  readonly timely?: true
}

/** A service connection of Azure Pipelines, as it is set up. */
export type ServiceConnection = { readonly id: string; readonly subscriptionId?: string } & (
  | { readonly scheme: 'federated'; readonly tenantId: string; readonly clientId: string }
  | { readonly scheme: 'managed-identity' }
  | {
      readonly scheme: 'secret'
      readonly tenantId: string
      readonly clientId: string
      readonly secret: string
    }
)

export interface LoginSources {
  readonly environment: NodeJS.ProcessEnv
  /** Given: this is the login, and nothing else is tried. */
  readonly serviceConnection?: ServiceConnection | undefined
  /** The host's OIDC token, asked for anew at each need; absent where the host has none. */
  readonly identityToken?: ((audience: string) => Promise<string>) | undefined
  /** Told each token before anything else can see it. */
  readonly mask: (secret: string) => void
}

/** The application to log in as, where one is given. */
export interface WantedLogin {
  readonly clientId?: string
  readonly tenantId?: string
}

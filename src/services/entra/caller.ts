/** Who logs in, as far as it is known: what a refusal is explained from. */
import type { Claims } from './claims.ts'
import type { ApplicationKind } from './trust.ts'

/** Where the login comes from. */
export type Origin =
  'inputs' | 'identity inputs' | 'connection' | 'identity connection' | 'az' | 'environment' | 'machine'

export interface Caller {
  readonly origin: Origin
  /** The application, and the tenant that it logs in to. */
  readonly clientId?: string | undefined
  readonly tenantId?: string | undefined
  readonly kind?: ApplicationKind | undefined
  /** Of the token that it presents; absent where it presents a secret. */
  readonly claims?: Claims | undefined
}

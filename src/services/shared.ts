/** What the runs of one process share: logins with their tokens, reads of organizations, how fast each may ask there. */
import { IdentityPace } from '../http/pace.ts'
import type { Wire } from '../http/request.ts'
import { SharedReads } from './azure-devops/reads.ts'
import type { Login } from './entra/sources.ts'

export class Shared {
  /** For what is asked once for all runs: it must not end with the first of them. */
  readonly wire: Wire
  readonly #logins = new Map<string, Promise<Login>>()
  readonly #paces = new Map<string, IdentityPace>()
  readonly #reads = new Map<string, SharedReads>()
  /** Organizations, in lower case, of which the program git reads or has read a repository. */
  readonly readByGit = new Set<string>()
  #git: Promise<void> | undefined
  constructor(wire: Wire) {
    this.wire = wire
  }

  /** @param key the same for the same login; a failure is not kept, so it is that of the runs that waited for it */
  login(key: string, make: (wire: Wire) => Promise<Login>): Promise<Login> {
    const known = this.#logins.get(key)
    if (known) return known
    const made = make(this.wire)
    this.#logins.set(key, made)
    made.catch(() => this.#logins.delete(key))
    return made
  }

  /** Of the login: Azure DevOps counts per identity. */
  pace(key: string): IdentityPace {
    const pace = this.#paces.get(key) ?? new IdentityPace()
    this.#paces.set(key, pace)
    return pace
  }

  /** @param key the same for the same organization as the same login */
  reads(key: string): SharedReads {
    const reads = this.#reads.get(key) ?? new SharedReads()
    this.#reads.set(key, reads)
    return reads
  }

  /** Whether the git on PATH is usable, asked once. */
  git(assert: () => Promise<void>): Promise<void> {
    return (this.#git ??= assert())
  }
}

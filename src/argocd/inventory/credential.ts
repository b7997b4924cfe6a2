/**
 * A stored credential that reaches Azure Repos: where it is, what Argo CD uses it for, and whether it can go. `inventory.ts`
 * makes these from the objects of a cluster.
 */
import type { CredentialKind, CredentialVerdict, ReasonId } from '../../core/credential-words.ts'
import type { Sealed } from '../../core/sealed.ts'
import type { Manager } from '../managers.ts'

export type { CredentialKind, CredentialVerdict }

/** One version of the object that holds it. */
export interface ObjectRef {
  readonly kind: 'Secret' | 'Application' | 'ApplicationSet'
  readonly namespace: string
  readonly name: string
  /** Empty for a Secret that is named by another object and could not be read. */
  readonly uid: string
  readonly resourceVersion: string
}

export interface Reason {
  readonly id: ReasonId
  /** A clause about the credential. */
  readonly text: string
}

/** An object that uses it. */
export interface UserRef {
  readonly namespace: string
  readonly name: string
}

export interface StoredCredential {
  /** Stable across runs; made from the place and the kind of the credential, never from its value. */
  readonly fingerprint: string
  readonly kind: CredentialKind
  /** Namespace of the Argo CD that uses it. */
  readonly argocd: string
  readonly ref: ObjectRef
  /** URL, prefix of a template or organization, without user, query and fragment; empty when there is none. */
  readonly url: string
  /** The Argo CD project that may use it; empty: any. */
  readonly project: string
  /** Names of the keys that hold the credential. */
  readonly keys: readonly string[]
  /** The user name beside the credential, when it is certainly no credential itself. */
  readonly user: string | undefined
  readonly serves: {
    /** As the Applications and ApplicationSets spell them, each once. */
    readonly repositories: readonly string[]
    /** undefined: the login may not list them. */
    readonly applications: readonly UserRef[] | undefined
    readonly applicationSets: readonly UserRef[] | undefined
  }
  /** Secrets with workload identity that Argo CD would use without this credential; its own, when its own flag is beaten. */
  readonly shadows: readonly UserRef[]
  /** The tool that makes the object; undefined: nobody but a person. A change lasts only in its source. */
  readonly manager: Manager | undefined
  readonly immutable: boolean
  /** ms since the epoch; undefined where the API server recorded none. */
  readonly createdAt: number | undefined
  /** When the content changed last. */
  readonly changedAt: number | undefined
  /** Credentials with the same number hold the same value. */
  readonly group: number | undefined
  readonly verdict: CredentialVerdict
  readonly reasons: readonly Reason[]
  /** For comparing only. */
  readonly values: readonly Sealed[]
}

/** Before all of them are compared. */
export type FoundCredential = Omit<StoredCredential, 'fingerprint' | 'group'>

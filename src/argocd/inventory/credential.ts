/**
 * A stored credential that reaches Azure Repos: where it is, what Argo CD uses it for, and whether it can go. `inventory.ts`
 * makes these from the objects of a cluster.
 */
import type { Sealed } from '../../core/sealed.ts'
import type { Manager } from '../managers.ts'

/**
 * `repository` and `template`: Secrets with which Argo CD reads. `write-…`: with which the hydrator pushes. `generator`: a
 * token that ApplicationSets name. `url`: in a URL of an object. `other`: a Secret without Argo CD's label, which
 * another program reads.
 */
export const CREDENTIAL_KINDS = [
  'repository',
  'template',
  'write-repository',
  'write-template',
  'generator',
  'url',
  'other'
] as const
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number]

/** One version of the object that holds it. */
export interface ObjectRef {
  readonly kind: 'Secret' | 'Application' | 'ApplicationSet'
  readonly namespace: string
  readonly name: string
  /** Empty for a Secret that is named by another object and could not be read. */
  readonly uid: string
  readonly resourceVersion: string
}

/** `must-wait`: for the reasons. `unused`: no object of the cluster needs it. */
export const CREDENTIAL_VERDICTS = ['can-go', 'must-wait', 'unused'] as const
export type CredentialVerdict = (typeof CREDENTIAL_VERDICTS)[number]

/** Why a credential cannot be replaced by the identity now. */
export const REASONS = [
  /** ApplicationSet generators accept tokens only (argo-cd #23705). */
  'generator',
  /** The hydrator pushes with it. */
  'write',
  /** Another tool makes the object and would write the credential again. */
  'owner',
  /** It also serves URLs outside one organization of Azure Repos, and the identity's token must not go there. */
  'elsewhere',
  /** Workload identity needs https; the URL is SSH. */
  'ssh',
  /** It is a part of the URL itself, which Applications repeat. */
  'url',
  /** A program beside Argo CD reads it. */
  'other-reader',
  /** Kubernetes refuses to change the data of this Secret. */
  'immutable',
  /** Argo CD cannot parse the Secret, so nothing reads with it. */
  'unreadable',
  /** This version of Argo CD has no working workload identity for git. */
  'version'
] as const
export type ReasonId = (typeof REASONS)[number]

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

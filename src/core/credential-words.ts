/** The closed lists of words about stored credentials: in the inventory, in the report and in its schema. */

/**
 * `repository` and `template`: Secrets with which Argo CD reads. `write-…`: with which the hydrator pushes. `generator`: a
 * token that ApplicationSets name. `url`: in a URL of an object. `proxy`: for the proxy that a
 * Secret names. `other`: a Secret without Argo CD's label, which
 * another program reads.
 */
export const CREDENTIAL_KINDS = [
  'repository',
  'template',
  'write-repository',
  'write-template',
  'generator',
  'url',
  'proxy',
  'other'
] as const
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number]

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
  /** It is for a proxy in between, which knows nothing of the identity. */
  'proxy',
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

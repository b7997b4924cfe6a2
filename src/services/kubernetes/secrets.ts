/** Which Secrets are listed, and which of their values must never be shown. */
import type { V1Secret } from '@kubernetes/client-node'
import { credentialsIn } from '../../core/text.ts'

/** Selectors of the API server. Of the rest of a namespace, such as Helm's releases, nothing is sent. */
export interface SecretSelection {
  readonly labelSelector: string
  readonly fieldSelector?: string
}

const TYPE = 'argocd.argoproj.io/secret-type'

/** What Argo CD reads as repositories and credential templates. */
export const READING: SecretSelection = { labelSelector: `${TYPE} in (repository,repo-creds)` }
/** Everything for repositories: also the hydrator's, and the tokens of generators. */
export const OF_REPOSITORIES: SecretSelection = {
  labelSelector: `${TYPE} in (repository,repo-creds,repository-write,repo-write-creds,scm-creds)`
}
/** What the hydrator pushes with. */
export const WRITING: SecretSelection = { labelSelector: `${TYPE} in (repository-write,repo-write-creds)` }
/** Those without Argo CD's label that hold data of anybody. */
export const UNLABELLED: SecretSelection = { labelSelector: `!${TYPE}`, fieldSelector: 'type=Opaque' }

/** Keys of Argo CD's Secrets that hold no credential. Everything else is masked: nobody knows all keys. */
const PLAIN: ReadonlySet<string> = new Set([
  'name',
  'type',
  'project',
  'username',
  'depth',
  'enableLfs',
  'enableOCI',
  'forceHttpBasicAuth',
  'githubAppEnterpriseBaseUrl',
  'githubAppID',
  'githubAppInstallationID',
  'azureActiveDirectoryEndpoint',
  'azureServicePrincipalClientId',
  'azureServicePrincipalClientID',
  'azureServicePrincipalTenantId',
  'azureServicePrincipalTenantID',
  'insecure',
  'insecureIgnoreHostKey',
  'insecureOCIForceHttp',
  'noProxy',
  'tlsClientCertData',
  'useAzureWorkloadIdentity',
  'webhookManifestCacheWarmDisabled'
])
/** Keys whose value is a URL: only the user part of it is a secret. */
const URLS: ReadonlySet<string> = new Set(['url', 'proxy', 'repoURL'])
/** Whether Argo CD knows the key, and its value is no credential. */
export function isPlainKey(key: string): boolean {
  return PLAIN.has(key) || URLS.has(key)
}

/**
 * In characters: shorter values are ordinary words, and masking them would blank out the log. Secrets of somebody else
 * hold more of them than Argo CD's.
 */
const SHORTEST = { ofArgocd: 8, ofOthers: 20 }

/** @returns the values to mask */
export function secretsIn({ metadata, data = {} }: Pick<V1Secret, 'metadata' | 'data'>): string[] {
  const shortest = metadata?.labels?.[TYPE] === undefined ? SHORTEST.ofOthers : SHORTEST.ofArgocd
  return Object.entries(data).flatMap(([key, value]) => {
    const text = Buffer.from(value, 'base64').toString('utf8').trim()
    if (URLS.has(key)) return credentialsIn(text)
    // A user name as long as a token may be one.
    if (PLAIN.has(key) && !(key === 'username' && looksLikeToken(text))) return []
    return text.length < shortest ? [] : [text]
  })
}

/** In characters: personal access tokens have 52 or 84. */
const SHORTEST_TOKEN = 32

export function looksLikeToken(text: string): boolean {
  return text.length >= SHORTEST_TOKEN && !/[@\s]/.test(text)
}

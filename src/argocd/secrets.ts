/**
 * Repository Secrets and credential templates as Argo CD reads them (argo-cd util/db, GetGitCreds): it finds them by
 * label and URL, never by name. A password, token or key silently takes precedence over workload identity. A template
 * applies only to a repository without credentials of its own.
 */
import type { V1Secret } from '@kubernetes/client-node'
import { marksOf, type Marks } from '../services/kubernetes/marks.ts'
import { managerOf, type Manager } from './managers.ts'
import { hasPrefix, normalized, sameUrl } from './urls.ts'

export const TYPE_LABEL = 'argocd.argoproj.io/secret-type'
/** Annotation of a Secret: the pods through which Argo CD was verified to read with it. */
export const PROVED = 'patless/proved-with'
/** Annotation of a Secret that Patless did not make, but changed a key of. */
export const CHANGED = 'patless/changed'

export type SecretKind = 'repository' | 'repo-creds'

/** Keys that take precedence over workload identity. */
const STRONGER = ['password', 'bearerToken', 'sshPrivateKey', 'githubAppPrivateKey', 'gcpServiceAccountKey']
/** Keys that count as credentials of the repository's own, so that Argo CD applies no template. */
const OWN = [
  ...STRONGER.filter((key) => key !== 'gcpServiceAccountKey'),
  'username',
  'tlsClientCertData',
  'azureServicePrincipalClientSecret'
]
const BOOLEANS = [
  'useAzureWorkloadIdentity',
  'insecure',
  'insecureIgnoreHostKey',
  'enableLfs',
  'enableOCI',
  'insecureOCIForceHttp',
  'forceHttpBasicAuth'
]

/** A repository Secret or credential template. Credential values never leave `entryOf`. */
export interface Entry {
  readonly kind: SecretKind
  readonly secret: string
  readonly url: string
  readonly project: string
  readonly type: string
  /** Value as written; undefined when the key is absent. */
  readonly workloadIdentity: string | undefined
  /** Names of keys that hold a credential, `username` included. */
  readonly credentialKeys: readonly string[]
  readonly ownCredentials: boolean
  /** Keys whose value Argo CD cannot parse; it then rejects the whole Secret. */
  readonly unreadable: readonly string[]
  readonly marks: Marks
  /** Names of all keys. */
  readonly keys: readonly string[]
  /** The Kubernetes type of the Secret; `Opaque` by default. */
  readonly secretType: string
  /** Kubernetes refuses to change its data. */
  readonly immutable: boolean
  readonly proved: string | undefined
  /** The tool that makes it from its own source. */
  readonly manager: Manager | undefined
  /** Patless changed it, but did not make it. */
  readonly changed: boolean
}

/** @returns undefined for a Secret of another kind. */
export function entryOf({ metadata, data = {}, type = 'Opaque', immutable }: V1Secret): Entry | undefined {
  const kind = metadata?.labels?.[TYPE_LABEL]
  if (kind !== 'repository' && kind !== 'repo-creds') return undefined
  const text = (key: string): string | undefined => {
    const value = data[key]
    return value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8')
  }
  const filled = (key: string): boolean => (data[key] ?? '') !== ''
  const workloadIdentity = text('useAzureWorkloadIdentity')
  return {
    kind,
    secret: metadata?.name ?? '',
    url: text('url') ?? '',
    project: kind === 'repository' ? (text('project') ?? '') : '',
    type: text('type') ?? '',
    workloadIdentity,
    credentialKeys: [...STRONGER, 'azureServicePrincipalClientSecret', 'username'].filter(filled),
    ownCredentials: OWN.some(filled) || isTrue(workloadIdentity),
    unreadable: BOOLEANS.filter((key) => !isBoolean(text(key))),
    marks: marksOf(metadata),
    keys: Object.keys(data),
    secretType: type,
    immutable: immutable === true,
    proved: metadata?.annotations?.[PROVED],
    manager: managerOf(metadata),
    changed: metadata?.annotations?.[CHANGED] !== undefined
  }
}

/** As Go's strconv.ParseBool, with which Argo CD reads flags. */
export function isTrue(text: string | undefined): boolean {
  return text !== undefined && ['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)
}

function isBoolean(text: string | undefined): boolean {
  return text === undefined || isTrue(text) || ['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)
}

/** Which Secrets decide about a URL. */
interface Resolution {
  /** How an Application would log in; `unreadable`: Argo CD rejects the Secret. */
  readonly login: 'workload identity' | 'other credentials' | 'nothing' | 'unreadable'
  /** The Secret that decides; undefined when none matches. */
  readonly by: Entry | undefined
  /** Other Secrets that match equally well: it is undefined which one Argo CD uses. */
  readonly rivals: readonly Entry[]
}

/** Resolves `url` as Argo CD does for an Application of `project` ('' for any). */
export function resolved(url: string, project: string, entries: readonly Entry[]): Resolution {
  const repositories = entries.filter((one) => one.kind === 'repository' && sameUrl(one.url, url))
  const scoped = project === '' ? [] : repositories.filter((one) => one.project === project)
  const found = scoped.length > 0 ? scoped : repositories.filter((one) => one.project === '')
  const [repository, ...rivals] = found
  if (repository && (repository.unreadable.length > 0 || repository.ownCredentials))
    return { login: loginOf(repository), by: repository, rivals }
  const templates = entries
    .filter((one) => one.kind === 'repo-creds' && one.url !== '' && hasPrefix(url, one.url))
    .toSorted((one, other) => lengthOf(other) - lengthOf(one))
  const [template] = templates
  if (!template) return { login: 'nothing', by: repository, rivals }
  const ties = templates.slice(1).filter((one) => lengthOf(one) === lengthOf(template))
  return { login: loginOf(template), by: template, rivals: [...rivals, ...ties] }
}

const lengthOf = ({ url }: Entry): number => normalized(url).length

/** Whether Applications that use this Secret log in with the identity of the pods. */
export function usesIdentity(entry: Entry): boolean {
  return loginOf(entry) === 'workload identity'
}

function loginOf({ unreadable, credentialKeys, workloadIdentity }: Entry): Resolution['login'] {
  if (unreadable.length > 0) return 'unreadable'
  const stronger = credentialKeys.some((key) => STRONGER.includes(key))
  if (stronger) return 'other credentials'
  if (isTrue(workloadIdentity)) return 'workload identity'
  return credentialKeys.includes('azureServicePrincipalClientSecret') ? 'other credentials' : 'nothing'
}

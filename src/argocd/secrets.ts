/**
 * Repository Secrets and credential templates as Argo CD reads them (argo-cd util/db, GetGitCreds): it finds them by
 * label and URL, never by name. A password, token or key silently takes precedence over workload identity. A template
 * applies only to a repository without credentials of its own.
 */
import type { V1Secret } from '@kubernetes/client-node'
import { marksOf, type Marks } from '../services/kubernetes/marks.ts'
import { managerOf, type Manager } from './managers.ts'
import { changedAt } from '../services/kubernetes/changed.ts'
import {
  beatingKeys,
  CREDENTIAL_KEYS,
  hasCredentials,
  heldIn,
  inherited,
  loginBy,
  outlineOf,
  unreadableKeys,
  type Held,
  type SecretKind
} from './secret-keys.ts'
import { hasPrefix, normalized, sameUrl } from './urls.ts'
import { atLeast } from './version.ts'

export type { SecretKind }

export const TYPE_LABEL = 'argocd.argoproj.io/secret-type'
/** Annotation of a Secret: the pods through which Argo CD was verified to read with it. */
export const VERIFIED_WITH = 'patless/verified-with'
/** Annotation of a Secret that Patless did not make, but changed a key of. */
export const CHANGED = 'patless/changed'

/** As the keys `proxy` and `noProxy` of a Secret. The URL of a proxy may hold credentials. */
export interface GitProxy {
  readonly url: string
  readonly except: string
}

/** A repository Secret or credential template. Credential values never leave `entryOf`. */
export interface Entry {
  readonly kind: SecretKind
  readonly secret: string
  readonly url: string
  readonly project: string
  readonly type: string
  /** Value as written; undefined when the key is absent. */
  readonly workloadIdentity: string | undefined
  /** Value of `enableOCI` as written; undefined when the key is absent. */
  readonly oci: string | undefined
  /** Names of keys that hold a credential, `username` included. */
  readonly credentialKeys: readonly string[]
  /** Those of them that Argo CD logs in with before it looks at workload identity. */
  readonly beating: readonly string[]
  /** What decides about the login. */
  readonly held: Held
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
  /** Names of all keys, and the values of those that hold no credential: what the evidence fingerprint is made of. */
  readonly outline: string
  /** When its content was last changed, in ms since the epoch; undefined where nobody recorded it. */
  readonly changedAt: number | undefined
  /** Its proxy, which may hold credentials: only for git. */
  readonly proxy: () => GitProxy | undefined
  /** The tool that makes it from its own source. */
  readonly manager: Manager | undefined
  /** Patless changed it, but did not make it. */
  readonly changed: boolean
}

/**
 * @param version of Argo CD, which decides what it reads; undefined: every key that any version knows
 * @returns undefined for a Secret of another kind
 */
export function entryOf(secret: V1Secret, version?: string): Entry | undefined {
  const kind = secret.metadata?.labels?.[TYPE_LABEL]
  return kind === 'repository' || kind === 'repo-creds' ? readEntry(kind, secret, version) : undefined
}

/** Reads a Secret as one of this kind, whatever its label: the write variants have the same keys. */
export function readEntry(
  kind: SecretKind,
  { metadata, data = {}, type = 'Opaque', immutable }: V1Secret,
  version?: string
): Entry {
  const text = (key: string): string | undefined => {
    const value = data[key]
    return value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8')
  }
  const filled = (key: string): boolean => (data[key] ?? '') !== ''
  const held = heldIn(kind, text, version)
  const [proxy, except] = [text('proxy') ?? '', text('noProxy') ?? '']
  return {
    kind,
    secret: metadata?.name ?? '',
    url: text('url') ?? '',
    project: kind === 'repository' ? (text('project') ?? '') : '',
    type: text('type') ?? '',
    workloadIdentity: text('useAzureWorkloadIdentity'),
    oci: text('enableOCI'),
    credentialKeys: CREDENTIAL_KEYS.filter(filled),
    beating: beatingKeys(held),
    held,
    unreadable: unreadableKeys(kind, text, version),
    marks: marksOf(metadata),
    keys: Object.keys(data),
    secretType: type,
    immutable: immutable === true,
    proved: metadata?.annotations?.[VERIFIED_WITH],
    outline: outlineOf(kind, metadata?.uid ?? '', Object.keys(data), text),
    changedAt: changedAt(metadata),
    proxy: () => (proxy === '' ? undefined : { url: proxy, except }),
    manager: managerOf(metadata),
    changed: metadata?.annotations?.[CHANGED] !== undefined
  }
}

/** Which Secrets decide about a URL. */
export interface Resolution {
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
  if (repository && (repository.unreadable.length > 0 || hasCredentials(repository.held)))
    return { login: loginOf(repository), by: repository, rivals }
  const templates = entries
    .filter((one) => one.kind === 'repo-creds' && one.url !== '' && hasPrefix(url, one.url))
    .toSorted((one, other) => lengthOf(other) - lengthOf(one))
  const [template] = templates
  if (!template) return { login: repository ? loginOf(repository) : 'nothing', by: repository, rivals }
  const ties = templates.slice(1).filter((one) => lengthOf(one) === lengthOf(template))
  const login =
    template.unreadable.length > 0
      ? 'unreadable'
      : loginBy(repository ? inherited(repository.held, template.held) : template.held)
  return { login, by: template, rivals: [...rivals, ...ties] }
}

const lengthOf = ({ url }: Entry): number => normalized(url).length

/** Whether Applications that use this Secret log in with the identity of the pods. */
export function usesIdentity(entry: Entry): boolean {
  return loginOf(entry) === 'workload identity'
}

function loginOf({ unreadable, held }: Entry): Resolution['login'] {
  return unreadable.length > 0 ? 'unreadable' : loginBy(held)
}

/**
 * Templates of charts are all read before any source of any Application (GetRepoObjs): one that does not parse breaks
 * every repository.
 */
export function breakingAll(entries: readonly Entry[], version: string | undefined): Entry[] {
  const types = version === undefined || atLeast(version, '3.1.0') ? ['helm', 'oci'] : ['helm']
  return entries.filter(
    ({ kind, type, unreadable }) =>
      kind === 'repo-creds' && types.includes(type.toLowerCase()) && unreadable.length > 0
  )
}

/** Texts of Secrets and URLs that may be shown, and the fingerprint of a finding. */
import { createHash } from 'node:crypto'
import { toSafeLine } from '../../core/safe-text.ts'
import { withoutCredentials } from '../../core/text.ts'
import { looksLikeToken } from '../../services/kubernetes/secrets.ts'
import { normalized } from '../urls.ts'
import type { StoredCredential } from './credential.ts'

/** In characters. */
const LONGEST_URL = 500
const LONGEST_USER = 100

/** Without user, query and fragment: each may hold a credential. A text that is no URL is not shown at all. */
export function shownUrl(url: string): string {
  const [plain = ''] = url.trim().split(/[?#]/, 1)
  if (plain === '') return ''
  const isUrl = /^[a-z][a-z0-9+.-]{0,20}:\/\//i.test(plain) || /^[\w.-]{1,64}@[\w.-]+:/.test(plain)
  return isUrl ? toSafeLine(withoutCredentials(plain), LONGEST_URL) : '(not a URL)'
}

/** undefined when there is none, or when it may be a token. */
export function shownUser(user: string): string | undefined {
  const text = user.trim()
  const isName = /^[\w.+\\ -]+(?:@[\w.-]+)?$/.test(text) && text.length <= LONGEST_USER
  return isName && !looksLikeToken(text) ? text : undefined
}

/**
 * Another key, URL or object makes another fingerprint: whoever accepted a read-only key has not accepted a token beside
 * it. The cluster is part of it, because one list of exceptions may serve several.
 */
export function fingerprintOf(
  cluster: string,
  { kind, ref, url, project, keys }: Pick<StoredCredential, 'kind' | 'ref' | 'url' | 'project' | 'keys'>
): string {
  const place = [ref.kind, ref.namespace, ref.name]
  const parts = [cluster.toLowerCase(), kind, ...place, normalized(url), project, ...keys.toSorted()]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}

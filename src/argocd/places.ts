/** The Secrets that connect a repository: one per URL, or credential templates for its project. */
import type { Entry, SecretKind } from './secrets.ts'
import { sameUrl, secretName } from './urls.ts'

/** What is to be connected, and how. */
export interface Places {
  readonly kind: SecretKind
  readonly urls: readonly string[]
}

/** A Secret that is to be there. */
export interface Place {
  readonly kind: SecretKind
  readonly url: string
}

export function placesOf({ kind, urls }: Places): Place[] {
  if (kind === 'repository') return urls.map((url) => ({ kind, url }))
  return [...new Set(urls.flatMap(templatesFor))].map((url) => ({ kind, url }))
}

/** remove knows no kind: it takes away what apply may have made, whichever way. */
export function everyPlace(urls: readonly string[]): Place[] {
  return [...placesOf({ kind: 'repository', urls }), ...placesOf({ kind: 'repo-creds', urls })]
}

/**
 * The prefixes that cover the project of a URL and nothing else: up to a slash, since Argo CD's prefixes know no ends
 * of segments; with and without the organization as user, since Argo CD never takes one for the other.
 */
export function templatesFor(url: string): string[] {
  const [, scheme = '', host = '', path = ''] = /^(https:\/\/)(?:[^/@]*@)?([^/]+)(\/.*)$/i.exec(url) ?? []
  const project = /^(.*?\/)_git\//i.exec(path)?.[1] ?? path
  // /<organization>/_git/<repository> has no project of its own: only the repository itself is no wider.
  const prefix = project.split('/').length > 3 || /\.visualstudio\.com$/i.test(host) ? project : path
  const organization = path.split('/')[1] ?? ''
  const plain = `${scheme}${host}${prefix}`
  return /\.visualstudio\.com$/i.test(host) ? [plain] : [plain, `${scheme}${organization}@${host}${prefix}`]
}

/** Those Argo CD takes for the place, for Applications of any project. */
export function matching({ kind, url }: Place, entries: readonly Entry[]): Entry[] {
  return entries.filter((one) => one.kind === kind && sameUrl(one.url, url) && one.project === '')
}

export function nameOf({ kind, url }: Place): string {
  return secretName(kind === 'repository' ? 'repo' : 'creds', url)
}

/** The Secret that has the name of this place's, but is for something else. */
export function namesake(place: Place, entries: readonly Entry[]): Entry | undefined {
  return matching(place, entries).length > 0
    ? undefined
    : entries.find(({ secret }) => secret === nameOf(place))
}

/** The Secrets that connect a repository: one per URL, or credential templates for its project. */
import type { Entry, SecretKind } from './secrets.ts'
import { sameUrl, secretName } from './urls.ts'

/** What is to be connected, and how. */
export interface Places {
  readonly kind: SecretKind
  readonly urls: readonly string[]
  /** Name of the Argo CD project that may use them; `*`: all; undefined: all, unless that would open what is scoped. */
  readonly project: string | undefined
}

/** A Secret that is to be there. */
export interface Place {
  readonly kind: SecretKind
  readonly url: string
  /** '': Applications of any project. */
  readonly project: string
}

/** As it is written in a Secret. */
export function scopeOf({ project = '*' }: Pick<Places, 'project'>): string {
  return project === '*' ? '' : project
}

export function placesOf(places: Places): Place[] {
  const { kind, urls } = places
  const project = scopeOf(places)
  if (kind === 'repository') return urls.map((url) => ({ kind, url, project }))
  // Argo CD's templates know no projects (util/db, secretToRepoCred).
  return [...new Set(urls.flatMap(templatesFor))].map((url) => ({ kind, url, project: '' }))
}

/** remove knows no kind: it takes away what apply may have made, whichever way. */
export function everyPlace(of: Pick<Places, 'urls' | 'project'>): Place[] {
  return [...placesOf({ ...of, kind: 'repository' }), ...placesOf({ ...of, kind: 'repo-creds' })]
}

/**
 * The prefixes that cover the project of a URL and nothing else: up to a slash, since Argo CD's prefixes know no ends
 * of segments; without and with a user (the organization, and whatever the URL carries), since Argo CD never takes one
 * for the other.
 */
export function templatesFor(url: string): string[] {
  const [, scheme = '', user = '', host = '', path = ''] =
    /^(https:\/\/)(?:([^/@]*)@)?([^/]+)(\/.*)$/i.exec(url) ?? []
  const project = /^(.*?\/)_git\//i.exec(path)?.[1] ?? path
  // /<organization>/_git/<repository> has no project of its own: only the repository itself is no wider.
  const prefix = project.split('/').length > 3 || /\.visualstudio\.com$/i.test(host) ? project : path
  const organization = /\.visualstudio\.com$/i.test(host) ? [] : [path.split('/')[1] ?? '']
  const users = [...organization, ...(user === '' ? [] : [user])].map((one) => `${one}@`)
  const all = ['', ...users].map((one) => `${scheme}${one}${host}${prefix}`)
  return all.filter((one, index) => all.findIndex((other) => sameUrl(one, other)) === index)
}

/** Those Argo CD takes for the place. */
export function matching({ kind, url, project }: Place, entries: readonly Entry[]): Entry[] {
  return entries.filter((one) => one.kind === kind && sameUrl(one.url, url) && one.project === project)
}

/** Repository Secrets for the URL that only Applications of one project may use. */
export function scopedFor(url: string, entries: readonly Entry[]): Entry[] {
  return entries.filter((one) => one.kind === 'repository' && sameUrl(one.url, url) && one.project !== '')
}

export function nameOf({ kind, url, project }: Place): string {
  return secretName(kind === 'repository' ? 'repo' : 'creds', url, project)
}

/** The Secret that has the name of this place's, but is for something else. */
export function namesake(place: Place, entries: readonly Entry[]): Entry | undefined {
  return matching(place, entries).length > 0
    ? undefined
    : entries.find(({ secret }) => secret === nameOf(place))
}

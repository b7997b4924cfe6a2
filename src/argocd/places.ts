/** The Secrets that connect a repository: one per URL, or credential templates for its project. */
import { organizationInHost } from '../core/azure-repos.ts'
import type { Entry, SecretKind } from './secrets.ts'
import { sameUrl, secretName } from './urls.ts'

/** The desired repository connections. */
export interface Places {
  readonly kind: SecretKind
  readonly urls: readonly string[]
  /**
   * The Argo CD project that may use them; `*`: all projects; undefined: all, unless existing Secrets are scoped to
   * one.
   */
  readonly project: string | undefined
}

/** One desired Secret. */
export interface Place {
  readonly kind: SecretKind
  readonly url: string
  /** '': any project. */
  readonly project: string
}

/** The project as a Secret holds it; '' for all. */
export function scopeOf({ project = '*' }: Pick<Places, 'project'>): string {
  return project === '*' ? '' : project
}

export function placesOf(places: Places): Place[] {
  const { kind, urls } = places
  const project = scopeOf(places)
  if (kind === 'repository') return urls.map((url) => ({ kind, url, project }))
  // Argo CD's credential templates have no project (util/db, secretToRepoCred).
  return [...new Set(urls.flatMap(templatesFor))].map((url) => ({ kind, url, project: '' }))
}

/** `remove` does not know which kind apply used, so it covers both. */
export function everyPlace(of: Pick<Places, 'urls' | 'project'>): Place[] {
  return [...placesOf({ ...of, kind: 'repository' }), ...placesOf({ ...of, kind: 'repo-creds' })]
}

/**
 * Prefixes that cover only the project of a URL. They end at a slash, because Argo CD's prefixes ignore segment
 * boundaries. Each exists without and with a user (the organization, and any user in the URL), because Argo CD does not
 * match one with the other.
 */
export function templatesFor(url: string): string[] {
  const [, scheme = '', user = '', host = '', path = ''] =
    /^(https:\/\/)(?:([^/@]*)@)?([^/]+)(\/.*)$/i.exec(url) ?? []
  const project = /^(.*?\/)_git\//i.exec(path)?.[1] ?? path
  // /<organization>/_git/<repository> has no project segment, so any shorter prefix would cover more than the
  // repository.
  const legacy = organizationInHost(host) !== undefined
  const prefix = project.split('/').length > 3 || legacy ? project : path
  const organization = legacy ? [] : [path.split('/')[1] ?? '']
  const users = [...organization, ...(user === '' ? [] : [user])].map((one) => `${one}@`)
  const all = ['', ...users].map((one) => `${scheme}${one}${host}${prefix}`)
  return all.filter((one, index) => all.findIndex((other) => sameUrl(one, other)) === index)
}

/** The Secrets that Argo CD would use as this connection. */
export function matching({ kind, url, project }: Place, entries: readonly Entry[]): Entry[] {
  return entries.filter((one) => one.kind === kind && sameUrl(one.url, url) && one.project === project)
}

/** Repository Secrets for the URL that are scoped to a project. */
export function scopedFor(url: string, entries: readonly Entry[]): Entry[] {
  return entries.filter((one) => one.kind === 'repository' && sameUrl(one.url, url) && one.project !== '')
}

export function nameOf({ kind, url, project }: Place): string {
  return secretName(kind === 'repository' ? 'repo' : 'creds', url, project)
}

/** A Secret that has this connection's name but connects something else. */
export function namesake(place: Place, entries: readonly Entry[]): Entry | undefined {
  return matching(place, entries).length > 0
    ? undefined
    : entries.find(({ secret }) => secret === nameOf(place))
}

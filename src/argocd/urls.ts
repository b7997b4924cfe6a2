/**
 * How Argo CD compares repository URLs, almost as text (argo-cd util/git: NormalizeGitURL, SameURL), and which
 * repository a URL names.
 */
import { organizationInHost, segmentsOfSsh } from '../core/azure-repos.ts'
import { withoutTrailing } from '../core/text.ts'

/** How many URLs are remembered, and how long they may be: whoever writes them decides on both. */
const MOST = 5_000
const LONGEST = 1_000

/** Thousands of Applications name the same hundreds of URLs, and each is compared with each. */
function remembered<T>(read: (url: string) => T): (url: string) => T {
  const known = new Map<string, { readonly value: T }>()
  return (url) => {
    const found = known.get(url)
    if (found) return found.value
    const value = read(url)
    if (known.size >= MOST) known.clear()
    if (url.length <= LONGEST) known.set(url, { value })
    return value
  }
}

/**
 * NormalizeGitURL for https: lower case, without one trailing `.git`. User, port and trailing slash stay significant.
 */
export const normalized = remembered((url) =>
  url
    .trim()
    .toLowerCase()
    .replace(/\.git$/, '')
    .replaceAll(' ', '%20')
)

export function sameUrl(one: string, other: string): boolean {
  return normalized(one) === normalized(other)
}

/** Whether a URL is one of these, as `sameUrl` compares, for thousands of questions. */
export function amongUrls(urls: readonly string[]): (url: string) => boolean {
  const known = new Set(urls.map(normalized))
  return (url) => known.has(normalized(url))
}

/** Finds what names a URL, as `sameUrl` compares, among thousands. */
export function byUrl<T>(
  items: readonly T[],
  urlsOf: (item: T) => readonly string[]
): (url: string) => readonly T[] {
  const found = new Map<string, Set<T>>()
  for (const item of items)
    for (const url of urlsOf(item)) {
      const key = normalized(url)
      found.set(key, (found.get(key) ?? new Set()).add(item))
    }
  return (url) => [...(found.get(normalized(url)) ?? [])]
}

/** Credential templates match by a plain text prefix that ignores segment boundaries. */
export function hasPrefix(url: string, prefix: string): boolean {
  return normalized(url).startsWith(normalized(prefix))
}

/** Whether two URLs name the same repository in Azure Repos, in any spelling. */
export function sameRepository(one: string, other: string): boolean {
  const place = repositoryOf(one)
  return place !== undefined && place === repositoryOf(other)
}

const GIT = /^\/(?:([^/]+)\/)?_git\/(?:_optimized\/|_full\/)?([^/]+)$/i

/** `host/organization/project/repository`; undefined for a URL outside Azure Repos. */
const repositoryOf = remembered((text): string | undefined => {
  const given = text.trim().toLowerCase()
  const ssh = segmentsOfSsh(given)
  if (ssh) return `azure/${ssh.map(decode).join('/')}`
  const url = URL.parse(given)
  if (!url) return undefined
  const path = decode(withoutTrailing(url.pathname, '/').replace(/\.git$/, ''))
  const legacy = organizationInHost(url.hostname)
  const [, organization = '', rest = ''] =
    legacy === undefined
      ? (/^\/([^/]+)(\/.*)$/.exec(path) ?? [])
      : ['', legacy, path.replace(/^\/defaultcollection(?=\/)/, '')]
  const [, project, repository] = GIT.exec(rest) ?? []
  if (repository === undefined) return undefined
  const host = legacy !== undefined || url.hostname === 'dev.azure.com' ? 'azure' : url.host
  return `${host}/${organization}/${project ?? repository}/${repository}`
})

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/**
 * The name that Argo CD gives a Secret, `repo-…` or `creds-…`: FNV-1a (32 bit) of the URL as typed and of the project
 * (util/db, RepoURLToSecretName).
 */
export function secretName(prefix: 'repo' | 'creds', url: string, project = ''): string {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(url + project)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return `${prefix}-${hash}`
}

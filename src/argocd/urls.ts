/** How Argo CD compares repository URLs (argo-cd util/git: NormalizeGitURL, SameURL): almost as text. */
import { withoutTrailing } from '../core/text.ts'

/** NormalizeGitURL for https: lower case, one `.git` dropped; user, port and trailing slash count. */
export function normalized(url: string): string {
  return url
    .trim()
    .toLowerCase()
    .replace(/\.git$/, '')
    .replaceAll(' ', '%20')
}

export function sameUrl(one: string, other: string): boolean {
  return normalized(one) === normalized(other)
}

/** Of a credential template: a bare prefix, without a thought for the ends of path segments. */
export function hasPrefix(url: string, prefix: string): boolean {
  return normalized(url).startsWith(normalized(prefix))
}

/** Whether two URLs lead to one repository of Azure Repos, however they are spelled. */
export function sameRepository(one: string, other: string): boolean {
  const place = repositoryOf(one)
  return place !== undefined && place === repositoryOf(other)
}

const SSH = /^(?:ssh:\/\/)?[^/@\s]+@(?:vs-)?ssh\.(?:dev\.azure|visualstudio)\.com(?::22)?[:/]v3\//i
const GIT = /^\/(?:([^/]+)\/)?_git\/(?:_optimized\/|_full\/)?([^/]+)$/i

/** Host, organization, project, repository in one word; undefined for what is no URL of Azure Repos. */
function repositoryOf(text: string): string | undefined {
  const given = text.trim().toLowerCase()
  if (SSH.test(given)) return `azure/${decoded(given.replace(SSH, ''))}`
  const url = URL.parse(given)
  if (!url) return undefined
  const path = decoded(withoutTrailing(url.pathname, '/').replace(/\.git$/, ''))
  const legacy = /^([a-z0-9-]+)\.visualstudio\.com$/.exec(url.hostname)?.[1]
  const [, organization = '', rest = ''] =
    legacy === undefined
      ? (/^\/([^/]+)(\/.*)$/.exec(path) ?? [])
      : ['', legacy, path.replace(/^\/defaultcollection(?=\/)/, '')]
  const [, project, repository] = GIT.exec(rest) ?? []
  if (repository === undefined) return undefined
  const host = legacy !== undefined || url.hostname === 'dev.azure.com' ? 'azure' : url.host
  return `${host}/${organization}/${project ?? repository}/${repository}`
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/**
 * `repo-…` and `creds-…` as Argo CD names them: FNV-1a (32 bit) of the URL as typed and the project it is scoped to
 * (util/db, RepoURLToSecretName).
 */
export function secretName(prefix: 'repo' | 'creds', url: string, project = ''): string {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(url + project)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return `${prefix}-${hash}`
}

/** Spellings of Azure Repos URLs in which the organization is not in the path: the legacy host and SSH. */

/** The organization in a legacy host, `<organization>.visualstudio.com`; undefined for any other host. */
export function organizationInHost(host: string): string | undefined {
  return /^([a-z0-9-]{1,63})\.visualstudio\.com$/i.exec(host)?.[1]
}

const SSH =
  /^(?:ssh:\/\/)?(?:[^/@\s]+@)?(?:vs-)?ssh\.(?:dev\.azure|visualstudio)\.com(?::22)?[:/]v3\/([^/\s]+)\/([^/\s]+)\/([^/\s]+)$/i
/** As before 2018: the organization is the user of the common host, or part of the host. */
const OLD_SSH =
  /^(?:ssh:\/\/)?(?:([^/@\s:]+)@)?([a-z0-9-]+)\.visualstudio\.com(?::22)?[:/](?:DefaultCollection\/)?(?:([^/\s]+)\/)?_(?:ssh|git)\/(?:_(?:optimized|full)\/)?([^/\s]+)$/i

/**
 * `git@ssh.dev.azure.com:v3/org/project/repo` and `org@vs-ssh.visualstudio.com:v3/…`, with or without `ssh://`; also
 * the older `ssh://org@vs-ssh.visualstudio.com:22/project/_ssh/repo` and `ssh://org@org.visualstudio.com:22/…`.
 *
 * @returns organization, project and repository, still percent-encoded; undefined for any other URL
 */
export function segmentsOfSsh(url: string): string[] | undefined {
  const segments = SSH.exec(url)?.slice(1)
  if (segments) return segments
  if (/^https?:/i.test(url)) return undefined
  const [, user, host = '', project, repository = ''] = OLD_SSH.exec(url) ?? []
  const organization = /^vs-ssh$/i.test(host) ? user : host
  return organization === undefined || repository === ''
    ? undefined
    : [organization, project ?? repository, repository]
}

/**
 * Whether a URL, or the prefix of one, leads to Azure Repos, in any spelling.
 *
 * @param host of another origin of Azure DevOps, with its port
 */
export function isAzureRepos(url: string, host: string): boolean {
  const [, scheme = '', rest = ''] =
    /^([a-z][a-z0-9+.-]{0,20}:\/\/)?(.*)$/is.exec(url.trim().toLowerCase()) ?? []
  const [authority = ''] = rest.split(/[/?#\s]/, 1)
  const place = authority.slice(authority.lastIndexOf('@') + 1)
  const [name = ''] = place.split(':', 1)
  if (scheme !== '' && place === host.toLowerCase()) return true
  return HOSTS.includes(name) || organizationInHost(name) !== undefined
}

const HOSTS = ['dev.azure.com', 'ssh.dev.azure.com', 'vs-ssh.visualstudio.com']

/** The same URL with other names, in the spelling of its host; a project that it leaves out is written there. */
export function renamedUrl(url: string, project: string, repository: string): string {
  const [, origin = '', host = '', path = ''] = /^(https:\/\/(?:[^/@]*@)?([^/]+))\/(.*)$/i.exec(url) ?? []
  const segments = path.split('/')
  const isCollection = /^defaultcollection$/i.test(segments[0] ?? '')
  const before = organizationInHost(host) === undefined || isCollection ? segments.slice(0, 1) : []
  const names = [project, '_git', repository].map(encodeURIComponent)
  return [origin, ...before, ...names].join('/')
}

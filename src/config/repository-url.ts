import { organizationInHost, segmentsOfSsh } from '../core/azure-repos.ts'
import { credentialsIn, isOrganization } from '../core/text.ts'
import {
  canonicalUrl,
  formOf,
  isOrganizationName,
  isProjectName,
  isRepositoryName,
  withoutGit,
  type RepositoryNames
} from './repository-names.ts'
import { LONGEST_URL, placeholderIn, unwrapped } from './url-wrapping.ts'

/**
 * A parsed Azure Repos URL. Argo CD compares repository URLs almost as text (it lower-cases them and drops one `.git`,
 * nothing else), so the user's spelling is kept, and a spelling that no Application would use is refused rather than
 * corrected silently.
 */
export interface RepositoryUrl extends RepositoryNames {
  /** As given; this spelling goes into the repository Secret. */
  readonly url: string
}

/**
 * Thrown before any request. `remedy` says what to write instead, and a URL in it is one that the parser accepts;
 * neither text ever contains a credential.
 */
export class InvalidRepositoryUrl extends Error {
  override readonly name = 'InvalidRepositoryUrl'
  readonly problem: string
  readonly remedy: string
  constructor(problem: string, remedy: string) {
    super(`${problem} ${remedy}`)
    this.problem = problem
    this.remedy = remedy
  }
}

const FORM = formOf({})

/**
 * @param text `https://[user@]dev.azure.com/{org}/[{project}/]_git/{repo}` or
 *   `https://{org}.visualstudio.com/[DefaultCollection/][{project}/]_git/{repo}`; the project may be left out
 *   when it has the repository's name.
 * @param origin another origin of Azure DevOps (`AZURE_DEVOPS_URL`: a proxy, the sandbox), with the paths of dev.azure.com.
 * @throws {InvalidRepositoryUrl} for everything else, and nothing but that.
 */
export function parseRepositoryUrl(text: string, origin?: string): RepositoryUrl {
  const given = text.toWellFormed().trim()
  if (given.length > LONGEST_URL)
    throw new InvalidRepositoryUrl('This is too long for a URL of Azure Repos.', `Expected ${FORM}.`)
  const inner = unwrapped(given)
  if (inner !== given) {
    const { url } = parseRepositoryUrl(inner, origin)
    throw new InvalidRepositoryUrl('There is more on the line than the URL.', `Write ${url} alone.`)
  }
  refuseText(given, origin)
  const url = URL.parse(given)
  if (!url || !/^https?:\/\/[^/]/i.test(given))
    throw new InvalidRepositoryUrl('This is not an https URL.', `Expected ${FORM}.`)
  assertNoCredential(given, url, origin)
  const { organization, path } = placeOf(url, origin)
  const names = namesIn(organization, path)
  const use = `Use ${canonicalUrl(names)}.`
  if (url.protocol !== 'https:')
    throw new InvalidRepositoryUrl('The URL is not https; a token must not be sent unencrypted.', use)
  if (url.search !== '' || url.hash !== '' || /[?#]/.test(given))
    throw new InvalidRepositoryUrl('The URL has a query or a fragment.', use)
  if (/\\|\/(?:\.|%2e){1,2}(?:\/|$)/i.test(given))
    throw new InvalidRepositoryUrl(
      'The URL has backslashes or . or .. in its path, which git sends as they are.',
      use
    )
  return { url: given, ...names }
}

/** Refuses what is no single URL over https, by its text. */
function refuseText(given: string, origin: string | undefined): void {
  if (given.split('://').length > 2)
    throw new InvalidRepositoryUrl('The line contains several URLs.', 'Write one URL per line.')
  // What looks like one may be part of a password.
  const placeholder = credentialsIn(given).length > 0 ? undefined : placeholderIn(given)
  if (placeholder !== undefined) {
    throw new InvalidRepositoryUrl(
      `The URL still contains the placeholder ${placeholder}.`,
      'Write the name itself, as in Azure Repos > Clone > HTTPS.'
    )
  }
  const ssh = sshNames(given)
  if (ssh) {
    throw new InvalidRepositoryUrl(
      'This is an SSH URL; Entra tokens only work over https.',
      `Use ${formOf(ssh)} here and as repoURL of the Applications.`
    )
  }
  if (/^(?:ssh:\/\/|[^/\s@]+@[^/\s:]+:(?!\/\/))/i.test(given))
    throw new InvalidRepositoryUrl(
      'This is an SSH URL that names no repository of Azure Repos.',
      elsewhere(given)
    )
  if (!/\s/.test(given)) return
  const encoded = given.replaceAll(/\s/g, '%20')
  parseRepositoryUrl(encoded, origin)
  throw new InvalidRepositoryUrl('The URL contains a blank.', `Write %20 for each blank: ${encoded}.`)
}

/** Checks the raw text: parsers treat a part of a credential with a slash as the host, and drop an empty password. */
function assertNoCredential(given: string, url: URL, origin: string | undefined): void {
  const [, authority = '', segment = ''] = /^[^/]*\/\/([^/?#\\]*)(?:\/([^/?#\\]*))?/.exec(given) ?? []
  const at = authority.lastIndexOf('@')
  const [user, host] = [authority.slice(0, Math.max(0, at)), authority.slice(at + 1)]
  const hasPassword = url.password !== ''
  if (!hasPassword && (at === -1 ? credentialsIn(given).length === 0 : isOrganization(user, host, segment)))
    return
  const problem = hasPassword
    ? 'The URL contains a password.'
    : 'The URL contains a user that is not the organization, so it may be a token.'
  const revoke = hasPassword
    ? 'revoke it, it may have been logged'
    : 'revoke it if it is one, it may have been logged'
  throw new InvalidRepositoryUrl(problem, `Remove it (and ${revoke}): ${withoutUser(url, origin)}.`)
}

/** The URL without its user, as far as its host shows that the rest is no part of a credential. */
function withoutUser(url: URL, origin: string | undefined): string {
  try {
    const { organization, path } = placeOf(url, origin)
    return canonicalUrl(namesIn(organization, path))
  } catch (error) {
    if (error instanceof InvalidRepositoryUrl) return FORM
    throw error
  }
}

function placeOf(url: URL, origin: string | undefined): { organization: string; path: string[] } {
  const segments = url.pathname.split('/').slice(1)
  if (
    url.origin === 'http://dev.azure.com' ||
    url.origin === 'https://dev.azure.com' ||
    url.origin === origin
  )
    return { organization: decode(segments[0] ?? ''), path: segments.slice(1) }
  const legacy = organizationInHost(url.hostname)
  if (url.port === '' && legacy !== undefined) {
    const path = segments[0]?.toLowerCase() === 'defaultcollection' ? segments.slice(1) : segments
    return { organization: legacy, path }
  }
  // The host found by the parser may be the beginning of a credential that contains a slash.
  const host = url.href.slice(url.origin.length).includes('@') ? '' : ` ${url.host}`
  throw new InvalidRepositoryUrl(`The host${host} is not Azure DevOps Services.`, elsewhere(url.href))
}

/** The remedy for a URL on another host: a server, or no Azure Repos at all. */
function elsewhere(url: string): string {
  const isServer = /\/_(?:git|ssh)\//i.test(url) && !/(?:dev\.azure|visualstudio)\.com/i.test(url)
  return isServer
    ? 'Azure DevOps Server has no login by Entra, so workload identity cannot read it: leave this URL out and keep its stored credential, or move the repository to Azure DevOps Services.'
    : `Expected ${FORM} or https://<organization>.visualstudio.com/<project>/_git/<repository>.`
}

function namesIn(organization: string, path: readonly string[]): RepositoryNames {
  if (!isOrganizationName(organization))
    throw new InvalidRepositoryUrl('The URL names no valid organization.', `Expected ${FORM}.`)
  const at = path.findIndex((segment) => segment.toLowerCase() === '_git')
  const after = path.slice(at + 1)
  const variant = /^_(optimized|full)$/i.test(after[0] ?? '')
  const [last, ...rest] = variant ? after.slice(1) : after
  const first = decode(path[0] ?? '')
  if (at < 0 || at > 2 || last === undefined || last === '') {
    const form = formOf({ organization, ...(at !== 0 && { project: first }) })
    throw new InvalidRepositoryUrl('The URL does not lead to a repository.', `Expected ${form}.`)
  }
  const given = nameIn(last)
  const repository = withoutGit(given)
  const project = at === 0 ? repository : nameIn(first, true)
  const names = { organization, project, repository }
  if (at === 0 && given === repository && !isProjectName(project)) throw forbiddenName()
  const problem =
    at === 2
      ? 'The URL names a team between project and repository.'
      : variant
        ? 'The URL has a _optimized or _full part.'
        : rest.length > 0
          ? 'The URL continues after the repository (to Argo CD, even a trailing slash makes it another repository).'
          : given !== repository
            ? 'The URL ends in .git, which Azure Repos does not serve.'
            : undefined
  if (problem !== undefined) throw new InvalidRepositoryUrl(problem, `Use ${formOf(names)}.`)
  return names
}

function nameIn(segment: string, isProject = false): string {
  const name = isProject ? segment : decode(segment)
  if (!(isProject ? isProjectName : isRepositoryName)(name)) throw forbiddenName()
  return name
}

function forbiddenName(): InvalidRepositoryUrl {
  return new InvalidRepositoryUrl(
    'Azure DevOps does not allow the project or repository name in the URL.',
    `Copy the URL from Azure Repos > Clone > HTTPS: ${FORM}.`
  )
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new InvalidRepositoryUrl('The URL has a broken percent-encoding.', 'Write % itself as %25.')
  }
}

/** SSH of today and of before 2018; a query, a folder after `//` and a slash at the end are no part of the names. */
function sshNames(text: string): RepositoryNames | undefined {
  const [plain = ''] = text.split(/[?#]/, 1)
  const [scheme = ''] = /^ssh:\/\//i.exec(plain) ?? []
  const [place = ''] = plain.slice(scheme.length).split('//', 1)
  const segments = segmentsOfSsh(scheme + place.replace(/\/$/, ''))
  if (!segments) return undefined
  const [organization = '', project = '', repository = ''] = segments.map(decode)
  return { organization, project, repository: withoutGit(repository) }
}

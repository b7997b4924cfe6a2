import { organizationInHost, segmentsOfSsh } from '../core/azure-repos.ts'
import { credentialsIn, isOrganization } from '../core/text.ts'

/**
 * A parsed Azure Repos URL. Argo CD compares repository URLs almost as text (it lower-cases them and drops one `.git`,
 * nothing else), so the user's spelling is kept, and a spelling that no Application would use is refused rather than
 * corrected silently.
 */
export interface RepositoryUrl {
  /** As given; this spelling goes into the repository Secret. */
  readonly url: string
  readonly organization: string
  readonly project: string
  readonly repository: string
}

/** Thrown before any request. `remedy` says what to write instead; neither text ever contains a credential. */
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

const FORM = 'https://dev.azure.com/<organization>/<project>/_git/<repository>'
const ORGANIZATION = /^[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?$/i
/**
 * Characters that Azure DevOps does not allow in names of projects and repositories, after percent-decoding. Microsoft
 * has published two lists; only characters on both are refused, because existing names keep theirs. (Azure DevOps:
 * Naming restrictions and conventions)
 */
const FORBIDDEN_IN_NAME = /[\p{Cc}\p{Cs}\u{10000}-\u{10ffff}/\\:*?"<>|;#$*{},+=[\]]|^[_.]|\.$/u
/** UTF-16 units. */
const LONGEST_NAME = 64
/** For projects only: names of the system and of IIS. Repositories may have them; many are called web. */
const RESERVED_PROJECT =
  /^(?:aux|con|nul|prn|com(?:[1-9]|10)|lpt[1-9]|server|signalr|defaultcollection|web|app_(?:browsers|code|data|globalresources|localresources|themes|webresources)|bin|web\.config)$/i

/** The canonical https URL on dev.azure.com, without user. Parsing and formatting it again does not change it. */
export function canonicalUrl(names: Pick<RepositoryUrl, 'organization' | 'project' | 'repository'>): string {
  const [project, repository] = [names.project, names.repository].map(encodeURIComponent)
  return `https://dev.azure.com/${names.organization}/${project ?? ''}/_git/${repository ?? ''}`
}

/**
 * @param text `https://[user@]dev.azure.com/{org}/[{project}/]_git/{repo}` or
 *   `https://{org}.visualstudio.com/[DefaultCollection/][{project}/]_git/{repo}`; the project may be left out
 *   when it has the repository's name.
 * @param origin another origin of Azure DevOps (`AZURE_DEVOPS_URL`: a proxy, the sandbox), with the paths of dev.azure.com.
 * @throws {InvalidRepositoryUrl} for everything else, and nothing but that.
 */
export function parseRepositoryUrl(text: string, origin?: string): RepositoryUrl {
  const given = text.toWellFormed().trim()
  const ssh = sshNames(given)
  if (ssh) {
    throw new InvalidRepositoryUrl(
      'This is an SSH URL; Entra tokens only work over https.',
      `Use ${canonicalUrl(ssh)} here and as repoURL of the Applications.`
    )
  }
  if (/\s/.test(given)) {
    throw new InvalidRepositoryUrl('The URL contains a blank.', 'Write %20 for each blank, one URL per line.')
  }
  const url = URL.parse(given)
  if (!url || !/^https?:\/\/[^/]/i.test(given)) {
    throw new InvalidRepositoryUrl('This is not an https URL.', `Expected ${FORM}.`)
  }
  if (url.password !== '') {
    throw new InvalidRepositoryUrl(
      'The URL contains a password.',
      `Remove it (and revoke it, it may have been logged): ${FORM}.`
    )
  }
  assertNoCredential(given)
  if (url.protocol !== 'https:') {
    throw new InvalidRepositoryUrl(
      'The URL is not https; a token must not be sent unencrypted.',
      'Write https://.'
    )
  }
  const { organization, path } = placeOf(url, origin)
  const names = namesIn(organization, path)
  const plain = canonicalUrl(names)
  if (url.search !== '' || url.hash !== '' || /[?#]/.test(given)) {
    throw new InvalidRepositoryUrl('The URL has a query or a fragment.', `Use ${plain}.`)
  }
  return { url: given, ...names }
}

/** Checks the raw text: parsers treat a part of a credential with a slash as the host, and drop an empty password. */
function assertNoCredential(given: string): void {
  const [, authority = '', segment = ''] = /^[^/]*\/\/([^/?#\\]*)(?:\/([^/?#\\]*))?/.exec(given) ?? []
  const at = authority.lastIndexOf('@')
  const [user, host] = [authority.slice(0, Math.max(0, at)), authority.slice(at + 1)]
  if (at === -1 ? credentialsIn(given).length === 0 : isOrganization(user, host, segment)) return
  throw new InvalidRepositoryUrl(
    'The URL contains a user that is not the organization, so it may be a token.',
    `Remove it (and revoke it if it is one, it may have been logged): ${FORM}.`
  )
}

function placeOf(url: URL, origin: string | undefined): { organization: string; path: string[] } {
  const segments = url.pathname.split('/').slice(1)
  if (url.origin === 'https://dev.azure.com' || url.origin === origin) {
    return { organization: decode(segments[0] ?? ''), path: segments.slice(1) }
  }
  const legacy = organizationInHost(url.hostname)
  if (url.port === '' && legacy !== undefined) {
    const path = segments[0]?.toLowerCase() === 'defaultcollection' ? segments.slice(1) : segments
    return { organization: legacy, path }
  }
  // The host found by the parser may be the beginning of a credential that contains a slash.
  const host = url.href.slice(url.origin.length).includes('@') ? '' : ` ${url.host}`
  throw new InvalidRepositoryUrl(
    `The host${host} is not Azure DevOps Services.`,
    `Expected ${FORM} or https://<organization>.visualstudio.com/<project>/_git/<repository>.`
  )
}

function namesIn(organization: string, path: readonly string[]): Omit<RepositoryUrl, 'url'> {
  if (!ORGANIZATION.test(organization)) {
    throw new InvalidRepositoryUrl('The URL names no valid organization.', `Expected ${FORM}.`)
  }
  const at = path.findIndex((segment) => segment.toLowerCase() === '_git')
  const after = path.slice(at + 1)
  const variant = /^_(optimized|full)$/i.test(after[0] ?? '')
  const [last, ...rest] = variant ? after.slice(1) : after
  if (at < 0 || at > 1 || last === undefined || last === '') {
    throw new InvalidRepositoryUrl('The URL does not lead to a repository.', `Expected ${FORM}.`)
  }
  const repository = nameIn(last)
  const names = { organization, project: at === 1 ? nameIn(path[0] ?? '') : repository, repository }
  if (RESERVED_PROJECT.test(names.project)) throw forbiddenName()
  const plain = canonicalUrl(names)
  if (variant) {
    throw new InvalidRepositoryUrl('The URL has a _optimized or _full part.', `Use ${plain}.`)
  }
  if (rest.length > 0) {
    throw new InvalidRepositoryUrl(
      'The URL continues after the repository (to Argo CD, even a trailing slash makes it another repository).',
      `Use ${plain}.`
    )
  }
  if (/\.git$/i.test(repository)) {
    throw new InvalidRepositoryUrl(
      'The URL ends in .git, which Azure Repos does not serve.',
      `Use ${canonicalUrl({ ...names, repository: repository.slice(0, -4), project: names.project.replace(/\.git$/i, at === 1 ? '.git' : '') })}.`
    )
  }
  return names
}

function nameIn(segment: string): string {
  const name = decode(segment)
  const unusable = name === '' || name.trim() !== name || name.length > LONGEST_NAME
  if (unusable || FORBIDDEN_IN_NAME.test(name)) throw forbiddenName()
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

/** `git@ssh.dev.azure.com:v3/org/project/repo` and `org@vs-ssh.visualstudio.com:v3/…`, with or without ssh://. */
function sshNames(text: string): Omit<RepositoryUrl, 'url'> | undefined {
  const segments = segmentsOfSsh(text)
  if (!segments) return undefined
  const [organization = '', project = '', repository = ''] = segments.map(decode)
  return { organization, project, repository }
}

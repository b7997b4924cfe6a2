/** Names of organizations, projects and repositories of Azure Repos, and the URLs that are made of them. */

export interface RepositoryNames {
  readonly organization: string
  readonly project: string
  readonly repository: string
}

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

export function isOrganizationName(name: string): boolean {
  return ORGANIZATION.test(name)
}

export function isRepositoryName(name: string): boolean {
  const unusable = name === '' || name.trim() !== name || name.length > LONGEST_NAME
  return !unusable && !FORBIDDEN_IN_NAME.test(name)
}

export function isProjectName(name: string): boolean {
  return isRepositoryName(name) && !RESERVED_PROJECT.test(name)
}

/** The canonical https URL on dev.azure.com, without user. Parsing and formatting it again does not change it. */
export function canonicalUrl(names: RepositoryNames): string {
  const [project, repository] = [names.project, names.repository].map(encodeURIComponent)
  return `https://dev.azure.com/${names.organization}/${project ?? ''}/_git/${repository ?? ''}`
}

/** The form of a URL, with the names that are known and valid. */
export function formOf({
  organization = '',
  project = '',
  repository = ''
}: Partial<RepositoryNames>): string {
  const parts = [
    isOrganizationName(organization) ? organization : '<organization>',
    isProjectName(project) ? encodeURIComponent(project) : '<project>',
    '_git',
    isRepositoryName(repository) && !/\.git$/i.test(repository)
      ? encodeURIComponent(repository)
      : '<repository>'
  ]
  return `https://dev.azure.com/${parts.join('/')}`
}

/** Azure Repos serves no `.git`, so a URL never ends in it, however often it was appended. */
export function withoutGit(repository: string): string {
  let name = repository
  while (/\.git$/i.test(name)) name = name.slice(0, -'.git'.length)
  return name
}

/** Checks that the repositories of a run exist before anything is written for them. */
import { groupBy } from '../core/group-by.ts'
import type { RepositoryUrl } from '../config/repository-url.ts'
import { mapBounded } from '../core/concurrency.ts'
import { renamedUrl } from '../core/azure-repos.ts'
import type { FindingFacts } from '../core/finding.ts'
import { input } from '../core/input-name.ts'
import { safe } from '../http/errors.ts'
import type { Project } from '../services/azure-devops/projects.ts'
import type { Services } from '../services/services.ts'

/**
 * The repositories that certainly do not exist, each with its URL. A repository that an organization administrator does
 * not see does not exist; any other login may only be missing the permission to see it.
 *
 * @throws {HttpProblem} when the lookup fails
 */
export async function missingRepositories(
  repositories: readonly RepositoryUrl[],
  services: Services
): Promise<FindingFacts[]> {
  const byProject = groupBy(repositories, ({ organization, project }) =>
    `${organization}/${project}`.toLowerCase()
  )
  const found = await mapBounded([...byProject.values()], (group) => missingIn(group, services))
  const byOrganization = [...groupBy(found.flat(), ({ organization }) => organization.toLowerCase()).values()]
  const certain = await mapBounded(byOrganization, async (all) => {
    const [first] = all
    const { permissions } = services.devops(first?.organization ?? '')
    const facts = all.map((one) => one.facts)
    if (await permissions.mayAdministerMembers()) return facts
    // Who sees the project under its new name knows that the former one does not lead there.
    return facts.filter(({ id }) => id === 'permission/project-renamed')
  })
  return certain.flat()
}

/** Lists a project once, however many of its repositories the run names. */
async function missingIn(
  group: readonly RepositoryUrl[],
  services: Services
): Promise<{ organization: string; facts: FindingFacts }[]> {
  const [first] = group
  if (!first) return []
  const { organization } = first
  const devops = services.devops(organization)
  const [only] = group.length === 1 ? group : []
  if (only && (await devops.projects.repository(only.project, only.repository))) return []
  const names = await devops.projects.repositories(first.project)
  if (!names) {
    const renamed = await devops.projects.project(first.project)
    const facts = (one: RepositoryUrl) => (renamed ? projectRenamed(one, renamed) : projectMissing(one))
    return group.map((one) => ({ organization, facts: facts(one) }))
  }
  return group
    .filter(({ repository }) => !names.has(repository.toLowerCase()))
    .map((one) => ({ organization, facts: repositoryMissing(one) }))
}

export function projectMissing({ url, project, organization }: RepositoryUrl): FindingFacts {
  return {
    id: 'permission/project-missing',
    summary: `There is no project ${project} in ${organization} that the login can see, so no ${url}.`,
    remedy: `correct ${input('repository-url')}, or make the application the run logs in as a member of the project`,
    repository: url
  }
}

/** Whether the project that a URL names is called otherwise now. @param now by name or id */
export function isRenamed({ project }: RepositoryUrl, { id, name }: Project): boolean {
  return ![id.toLowerCase(), name.toLowerCase()].includes(project.toLowerCase())
}

/** What its repositories are called after the rename: one of the project's own name is renamed with it. */
export function renamedRepository({ project, repository }: RepositoryUrl, { name }: Project): string {
  return repository.toLowerCase() === project.toLowerCase() ? name : repository
}

export function projectRenamed(one: RepositoryUrl, now: Project): FindingFacts {
  const { url, project } = one
  const expected = renamedUrl(url, now.name, renamedRepository(one, now))
  return {
    id: 'permission/project-renamed',
    summary: `The project ${project} is called ${safe(now.name, 80)} now. ${url} has its former name, which works at most until another project gets that name.`,
    expected,
    actual: url,
    remedy: `write ${expected} in ${input('repository-url')} and, at the same time, as repoURL of the Applications and ApplicationSets: Argo CD matches URLs as text`,
    link: 'https://learn.microsoft.com/azure/devops/organizations/projects/rename-project',
    repository: url
  }
}

export function repositoryMissing({ url, project, repository }: RepositoryUrl): FindingFacts {
  return {
    id: 'permission/repository-missing',
    summary: `There is no repository ${repository} in project ${project} that the login can see: ${url}.`,
    remedy: `correct ${input('repository-url')}, or give the application the run logs in as Read on the repository and View project-level information on the project`,
    repository: url
  }
}

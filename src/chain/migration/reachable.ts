/** Which repositories of a plan are there at all: a Secret of a deleted one must not keep the others from moving. */
import type { RepositoryUrl } from '../../config/repository-url.ts'
import { mapBounded } from '../../core/concurrency.ts'
import type { FindingFacts } from '../../core/finding.ts'
import { groupBy } from '../../core/group-by.ts'
import type { Services } from '../../services/services.ts'
import { missingRepositories, projectMissing, repositoryMissing } from '../repositories.ts'

/** @returns why the identity cannot be let in to some of them, each with its URL */
export async function unreachable(
  repositories: readonly RepositoryUrl[],
  access: 'project-readers' | 'repository',
  services: Services
): Promise<FindingFacts[]> {
  const certain = await missingRepositories(repositories, services)
  const open = repositories.filter(({ url }) => !certain.some(({ repository }) => repository === url))
  const hidden = await mapBounded(
    [...groupBy(open, ({ organization, project }) => `${organization}/${project}`.toLowerCase()).values()],
    async (group): Promise<FindingFacts[]> => {
      const [first] = group
      const { projects } = services.devops(first?.organization ?? '')
      if (!(await projects.project(first?.project ?? ''))) return group.map(projectMissing)
      if (access === 'project-readers') return []
      const seen = await mapBounded(group, async (one) =>
        (await projects.repository(one.project, one.repository)) ? [] : [repositoryMissing(one)]
      )
      return seen.flat()
    }
  )
  return [...certain, ...hidden.flat()]
}

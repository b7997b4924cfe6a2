/** Parses repository-url: repositories of one or a few organizations. Related inputs must agree with it. */
import { groupBy } from '../core/group-by.ts'
import type { DesiredOrganization } from './desired.ts'
import type { Fault } from './inputs.ts'
import { InvalidRepositoryUrl, parseRepositoryUrl, type RepositoryUrl } from './repository-url.ts'
import type { InputName } from './table.ts'
import { input } from '../core/input-name.ts'

/** Repositories are read, verified and connected one by one: more would exceed the time limit of a run. */
const MOST_REPOSITORIES = 500

/** They are read side by side, each with several requests. */
const MOST_ORGANIZATIONS = 20

export function parseRepositories(
  lines: readonly string[],
  devopsUrl: string | undefined,
  fault: Fault
): RepositoryUrl[] {
  if (lines.length > MOST_REPOSITORIES) {
    fault(
      'repository-url',
      `It has ${lines.length} lines; the limit is ${MOST_REPOSITORIES}.`,
      `Use several steps, or ${input('connection', 'template')}, which needs only one URL per project.`
    )
    return []
  }
  const origin = devopsUrl === undefined ? undefined : URL.parse(devopsUrl)?.origin
  const found: RepositoryUrl[] = []
  for (const line of lines) {
    try {
      const repository = parseRepositoryUrl(line, origin)
      if (!found.some(({ url }) => url === repository.url)) found.push(repository)
    } catch (error) {
      if (!(error instanceof InvalidRepositoryUrl)) throw error
      fault('repository-url', error.problem, error.remedy)
    }
  }
  return found
}

/** The organizations of the URLs, in their order. */
export function organizationsOf(repositories: readonly RepositoryUrl[], fault: Fault): DesiredOrganization[] {
  const groups = [...groupBy(repositories, ({ organization }) => organization.toLowerCase()).values()]
  if (groups.length > MOST_ORGANIZATIONS)
    fault(
      'repository-url',
      `The URLs name ${groups.length} organizations; the limit is ${MOST_ORGANIZATIONS}.`,
      'Use several steps.'
    )
  return groups.flatMap(([first, ...rest]) => {
    if (!first) return []
    const { organization: name } = first
    return [{ name, of: groups.length === 1 ? undefined : name, repositories: [first, ...rest] }]
  })
}

export function refuseMismatch(
  name: InputName,
  value: string | undefined,
  repositories: readonly RepositoryUrl[],
  part: 'organization' | 'project',
  fault: Fault
): void {
  const other = repositories.find((repository) => repository[part].toLowerCase() !== value?.toLowerCase())
  if (value === undefined || !other) return
  fault(
    name,
    `It says "${value}", but ${input('repository-url')} says "${other[part]}".`,
    'Leave it out, or correct the URL.'
  )
}

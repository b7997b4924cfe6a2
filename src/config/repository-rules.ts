/** repository-url → repositories of one organization, which the inputs beside it must agree with. */
import type { Fault } from './inputs.ts'
import { InvalidRepositoryUrl, parseRepositoryUrl, type RepositoryUrl } from './repository-url.ts'
import type { InputName } from './table.ts'
import { input } from '../core/input-name.ts'

/** Each is read, verified and connected one by one: more would take longer than a run may. */
const MOST_REPOSITORIES = 500

export function repositoriesOf(
  lines: readonly string[],
  devopsUrl: string | undefined,
  fault: Fault
): RepositoryUrl[] {
  if (lines.length > MOST_REPOSITORIES) {
    fault(
      'repository-url',
      `It has ${lines.length} lines; one run takes ${MOST_REPOSITORIES}.`,
      'Use several steps, or connection: template, which needs one URL of each project.'
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

export function refuseSecondOrganization(
  first: RepositoryUrl,
  repositories: readonly RepositoryUrl[],
  fault: Fault
): void {
  const other = repositories.find(
    ({ organization }) => organization.toLowerCase() !== first.organization.toLowerCase()
  )
  if (!other) return
  fault(
    'repository-url',
    `The URLs name two organizations, ${first.organization} and ${other.organization}.`,
    'Use one step per organization: an identity is a licensed member of each.'
  )
}

export function agree(
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

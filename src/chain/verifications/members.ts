/** Reads the repositories of each organization that the identity is a member of; of the others, says why it did not. */
import type { RepositoryUrl } from '../../config/repository-url.ts'
import type { FindingFacts } from '../../core/finding.ts'
import type { Node } from '../../engine/node.ts'
import type { RepositoryOutcome } from '../../engine/outcome.ts'
import { notInOrder } from '../../engine/verification.ts'
import type { Reading } from './access.ts'

interface Membership {
  readonly repositories: readonly RepositoryUrl[]
  readonly member: Node
  readonly reader: Node
}

/** @param verify reads these repositories; throws when one cause prevents reading any */
export async function verifyMembers(
  members: readonly Membership[],
  verify: (repositories: readonly RepositoryUrl[]) => Promise<Reading>
): Promise<Reading> {
  const seen = await Promise.all(
    members.map(async ({ repositories, member, reader }) => ({
      repositories,
      why: await notInOrder([member, reader])
    }))
  )
  const reading = await verify(
    seen.flatMap(({ why, repositories }) => (why === undefined ? repositories : []))
  )
  const untried = seen.flatMap(({ why, repositories }) =>
    why === undefined ? [] : repositories.map(({ url }) => [url, notTried(url, why)] as const)
  )
  return { ...reading, repositories: { ...reading.repositories, ...Object.fromEntries(untried) } }
}

function notTried(url: string, why: string): RepositoryOutcome {
  const problem: FindingFacts = {
    id: 'resource/depends-on',
    summary: `${url}: cannot be read as long as ${why}`,
    remedy: `see ${why.replace(/ (?:failed|is \w+)$/, '')}`,
    repository: url
  }
  return { result: 'failed', problem }
}

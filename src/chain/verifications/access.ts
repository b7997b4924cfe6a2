/**
 * The access verification does now what the repo-server does later. It exchanges a token of the repo-server's service
 * account at Entra for a token of the identity, reads the refs of each repository and fetches one commit. Reading refs
 * alone is not enough: in argo-cd #23478, refs worked and fetches failed.
 */
import { GitProblem } from '../../services/git/git.ts'
import type { Services } from '../../services/services.ts'
import { classOf, delayWhilePropagating, pause, untilHeard, type RetryPolicy } from '../../http/retry.ts'
import { Cancelled } from '../../http/errors.ts'
import { explain } from '../../diagnosis/explain.ts'
import { gitMayRecover, isHidden } from '../../diagnosis/git-failures.ts'
import { mapBounded } from '../../core/concurrency.ts'
import { Problem, warning, type Finding, type FindingFacts } from '../../core/finding.ts'
import type { RepositoryOutcome } from '../../engine/outcome.ts'
import { missingRepositories } from '../repositories.ts'
import type { Asker } from './early.ts'
import { readAsArgocd, withoutHead, type Read } from './read-once.ts'
import { exchanged, type Exchange } from './tokens.ts'
import type { Remote } from '../../argocd/remote.ts'
import type { Evidence } from '../../engine/verification.ts'
import type { RepositoryUrl } from '../../config/repository-url.ts'

export interface AccessSpec extends Exchange {
  /** Whether a refusal may end by waiting: not that of an identity for which nothing was written. */
  readonly propagates: boolean
  readonly repositories: readonly RepositoryUrl[]
  /** What Argo CD's git would be given for the URL. */
  readonly remoteOf: (url: string) => Promise<Remote>
  /** Gets what does not decide the result. */
  readonly report: (finding: Finding) => void
  /** The token for the first attempt, where one was exchanged before. */
  readonly early?: ((asker: Asker) => Promise<string | undefined>) | undefined
}

/** What this run read. */
export interface Reading extends Evidence {
  /** Whether a branch, a tag or a pull request points to the commit, or the repository has it anywhere else. */
  readonly has: (url: string, commit: string) => Promise<boolean>
  /** The branch that was read, by URL, where HEAD names none. */
  readonly branches: ReadonlyMap<string, string>
  /** This run read nothing: what Argo CD reads is compared with nothing. */
  readonly unread?: true
}

/**
 * Retries each repository until it can be read, the deadline passes, or waiting cannot fix its failure.
 *
 * @throws {Problem} when one cause prevents reading any repository
 */
export async function verifyAccess(
  spec: AccessSpec,
  services: Services,
  policy: RetryPolicy
): Promise<Reading> {
  const commits: Record<string, string> = {}
  const tips = new Map<string, ReadonlySet<string>>()
  const branches = new Map<string, string>()
  const repositories: Record<string, RepositoryOutcome> = {}
  const lookedFor = new Set<string>()
  const fail = ({ url }: RepositoryUrl, facts: FindingFacts): void => {
    // What a limit keeps from being read is neither readable nor unreadable.
    const result = LIMITED.has(facts.id) ? 'inconclusive' : 'failed'
    repositories[url] = { result, problem: aboutUrl(url, facts) }
  }
  let open = spec.repositories
  let waiting: Waiting | undefined
  const began = Date.now()
  for (;;) {
    let failures: Failure[]
    let token = ''
    try {
      token = (await spec.early?.(spec)) ?? (await exchanged(spec, services))
      failures = await readEach(
        open,
        (repository) => readRemote(repository, spec, token, services, policy),
        (url, read) => {
          commits[url] = read.commit
          tips.set(url, read.tips)
          if (read.branch !== undefined) {
            branches.set(url, read.branch)
            spec.report(warning(withoutHead(url, read.branch)))
          }
          repositories[url] = read.open
            ? { result: 'inconclusive', problem: aboutUrl(url, read.open) }
            : { result: 'verified' }
        }
      )
    } catch (error) {
      if (!mayRecover(error, spec) && Object.keys(commits).length === 0) throw error
      failures = open.map((repository) => ({ repository, error }))
    }
    const hidden = failures.filter(
      ({ error, repository }) =>
        error instanceof GitProblem && isHidden(error) && !lookedFor.has(repository.url)
    )
    for (const { repository } of hidden) lookedFor.add(repository.url)
    const missing = await missingAmong(hidden, services)
    const left: Failure[] = []
    for (const failure of failures) {
      const { repository, error } = failure
      const facts = missing.find((one) => one.repository === repository.url)
      if (facts) fail(repository, facts)
      else if (mayRecover(error, spec)) left.push(failure)
      else fail(repository, await explain(error))
    }
    open = left.map(({ repository }) => repository)
    const [first] = left
    if (!first) return readingOf(spec, services, policy, { token, commits, tips, branches, repositories })
    const { error, repository } = first
    const reported = waiting
    const facts = await explain(error)
    waiting = new Waiting(error, spec.repositories.length > 1 ? aboutUrl(repository.url, facts) : facts)
    const lasts = error instanceof GitProblem ? gitMayRecover(error) : Infinity
    const until = untilHeard(policy, began, error)
    const deadline = Math.min(until.deadline, began + lasts)
    try {
      await pause({ ...until, deadline }, delayWhilePropagating(Date.now() - began, error), waiting, {
        reported
      })
    } catch (over) {
      if (over !== waiting) throw over
      // No repository could be read, for one common reason, which is reported once.
      if (Object.keys(repositories).length === 0 && !(error instanceof GitProblem)) throw over
      for (const one of left) fail(one.repository, await explain(one.error))
      return readingOf(spec, services, policy, { token, commits, tips, branches, repositories })
    }
  }
}

const LIMITED: ReadonlySet<string> = new Set(['azure-devops/throttled', 'azure-devops/git-throttled'])

interface Failure {
  readonly repository: RepositoryUrl
  readonly error: unknown
}

/**
 * How many repositories are read at once. What Azure DevOps says of its limits slows all of them (`pace.ts`): they apply to
 * the identity, which Argo CD uses, too.
 */
export const READ_AT_ONCE = 16

async function readEach(
  repositories: readonly RepositoryUrl[],
  readRepository: (repository: RepositoryUrl) => Promise<Read>,
  read: (url: string, read: Read) => void
): Promise<Failure[]> {
  const readOne = async (repository: RepositoryUrl): Promise<Failure[]> => {
    try {
      read(repository.url, await readRepository(repository))
      return []
    } catch (error) {
      if (!(error instanceof Problem) || error instanceof Cancelled) throw error
      return [{ repository, error }]
    }
  }
  const failures = await mapBounded(repositories, readOne, READ_AT_ONCE)
  return failures.flat()
}

/**
 * git itself reads the first repository of each organization: its trust and its rules are part of the proof, and the same
 * for every target of the run. To start programs for each of hundreds takes longer than everything else of a run
 * (docs/decisions/0013-many-repositories.md).
 */
async function readRemote(
  { url, organization }: RepositoryUrl,
  { remoteOf }: AccessSpec,
  token: string,
  services: Services,
  policy: RetryPolicy
): Promise<Read> {
  const remote = await remoteOf(url)
  const { readByGit } = services.git
  const key = organization.toLowerCase()
  if (readByGit.has(key)) return readAsArgocd(remote, token, services, policy, 'requests')
  readByGit.add(key)
  try {
    return await readAsArgocd(remote, token, services, policy, 'git')
  } catch (error) {
    // Then git reads the next one.
    readByGit.delete(key)
    throw error
  }
}

function readingOf(
  { repositories: all, remoteOf }: AccessSpec,
  services: Services,
  policy: RetryPolicy,
  {
    token,
    commits,
    tips,
    branches,
    repositories
  }: Pick<Reading, 'commits' | 'branches' | 'repositories'> & {
    readonly token: string
    readonly tips: ReadonlyMap<string, ReadonlySet<string>>
  }
): Reading {
  return {
    commits,
    branches,
    repositories: repositories ?? {},
    reason: 'a token was exchanged and git data was read, as the repo-server does',
    has: async (url, commit) => {
      if (tips.get(url)?.has(commit) === true) return true
      // It may be younger than what was read.
      const { url: remote, proxy } = await remoteOf(url)
      const through = repositories?.[url]?.result === 'verified' ? { ...policy, proxy } : policy
      const refs = await services.git.refs(remote, token, through)
      if (refs.some((one) => one.commit === commit)) return true
      const repository = all.find((one) => one.url === url)
      return (
        repository !== undefined && (await services.history.resolve(repository, commit, token)) === commit
      )
    }
  }
}

/** A repository that cannot be looked up is not known to be missing. */
async function missingAmong(hidden: readonly Failure[], services: Services): Promise<FindingFacts[]> {
  if (hidden.length === 0) return []
  const repositories = hidden.map(({ repository }) => repository)
  return missingRepositories(repositories, services).catch(() => [])
}

function aboutUrl(url: string, facts: FindingFacts): FindingFacts {
  const summary = facts.summary.includes(url) ? facts.summary : `${url}: ${facts.summary}`
  return { ...facts, summary, repository: url }
}

/** Shown during the wait; thrown as the failure when the deadline passes. */
class Waiting extends Problem {
  constructor(cause: unknown, facts: FindingFacts) {
    super(facts, { cause })
  }
}

function mayRecover(error: unknown, { propagates }: AccessSpec): boolean {
  if (error instanceof GitProblem) return propagates && gitMayRecover(error) > 0
  const kind = classOf(error)
  return kind === 'transient' || (propagates && kind === 'propagation')
}

/**
 * The access verification does now what the repo-server does later. It exchanges a token of the repo-server's service
 * account at Entra for a token of the identity, reads the refs of each repository and fetches one commit. Reading refs
 * alone is not enough: in argo-cd #23478, refs worked and fetches failed.
 */
import { AZURE_DEVOPS_SCOPE } from '../../services/endpoints.ts'
import { GitProblem, type Ref } from '../../services/git/git.ts'
import type { Services } from '../../services/services.ts'
import { jsonOf, recordOf } from '../../http/request.ts'
import { classOf, delayWhilePropagating, pause, untilHeard, type RetryPolicy } from '../../http/retry.ts'
import { Cancelled, HttpProblem, safe } from '../../http/errors.ts'
import type { Instance } from '../../argocd/instance.ts'
import { explain } from '../../diagnosis/explain.ts'
import { gitMayRecover, isHidden } from '../../diagnosis/git-failures.ts'
import { mapBounded } from '../../core/concurrency.ts'
import { Problem, type FindingFacts } from '../../core/finding.ts'
import type { RepositoryOutcome } from '../../engine/outcome.ts'
import { missingRepositories } from '../repositories.ts'
import type { Evidence } from '../../engine/verification.ts'
import type { RepositoryUrl } from '../../config/repository-url.ts'
import { input } from '../../core/input-name.ts'

/** Tokens of the repo-server's service account: one per call, since a token may expire during a wait. */
export class ServiceAccountTokens {
  readonly #ask: () => Promise<string>
  readonly #pods: Promise<unknown>
  #first: Promise<string> | undefined

  /** @param pods settles when the account exists: Patless creates its own account together with the pods */
  constructor(instance: Promise<Instance>, pods: Promise<unknown>, services: Services) {
    this.#ask = async () => {
      const { clusterId, namespace, account } = await instance
      return serviceAccountToken({ clusterId, namespace, serviceAccount: account }, services)
    }
    this.#pods = pods
  }

  /** Requests the first token while the rest of the chain is still being read. */
  prefetch(): void {
    this.#first = this.#ask().catch(async (error: unknown) => {
      if (!(error instanceof HttpProblem) || error.status !== 404) throw error
      await this.#pods
      return this.#ask()
    })
    // The caller of `next` gets the failure.
    this.#first.catch(() => undefined)
  }

  next(): Promise<string> {
    const token = this.#first ?? this.#ask()
    this.#first = undefined
    return token
  }
}

export interface AccessSpec {
  /** Returns a new token of the repo-server's service account on each call. */
  readonly assertion: () => Promise<string>
  readonly clientId: string
  readonly tenantId: string
  /** undefined: the issuer is unknown, so the issuer in the tokens is not compared. */
  readonly issuer: string | undefined
  readonly repositories: readonly RepositoryUrl[]
}

/** What this run read. */
export interface Reading extends Evidence {
  /** Whether a branch, a tag or a pull request points to the commit, or the repository has it anywhere else. */
  readonly has: (url: string, commit: string) => Promise<boolean>
}

/** What was read of one URL. */
interface Read {
  readonly commit: string
  /** Commits that branches and tags point to; of very many refs, the first. */
  readonly tips: ReadonlySet<string>
}
/** Refs that are remembered by URL: hundreds of repositories may have thousands each. */
const MOST_TIPS = 500

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
      token = await exchanged(spec, services)
      failures = await readEach(open, token, services, policy, (url, read) => {
        commits[url] = read.commit
        tips.set(url, read.tips)
        repositories[url] = { result: 'verified' }
      })
    } catch (error) {
      if (!mayRecover(error) && Object.keys(commits).length === 0) throw error
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
      else if (mayRecover(error)) left.push(failure)
      else fail(repository, await explain(error))
    }
    open = left.map(({ repository }) => repository)
    const [first] = left
    if (!first) return readingOf(spec, services, policy, { token, commits, tips, repositories })
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
      return readingOf(spec, services, policy, { token, commits, tips, repositories })
    }
  }
}

const LIMITED: ReadonlySet<string> = new Set(['azure-devops/throttled', 'azure-devops/git-throttled'])

interface Failure {
  readonly repository: RepositoryUrl
  readonly error: unknown
}

/** Reads a few at a time: Azure DevOps' limits apply to the identity, which Argo CD uses, too. */
async function readEach(
  repositories: readonly RepositoryUrl[],
  token: string,
  services: Services,
  policy: RetryPolicy,
  read: (url: string, read: Read) => void
): Promise<Failure[]> {
  const failures = await mapBounded(repositories, async (repository): Promise<Failure[]> => {
    try {
      read(repository.url, await readOnce(repository.url, token, services, policy))
      return []
    } catch (error) {
      if (!(error instanceof Problem) || error instanceof Cancelled) throw error
      return [{ repository, error }]
    }
  })
  return failures.flat()
}

function readingOf(
  { repositories: all }: AccessSpec,
  services: Services,
  policy: RetryPolicy,
  {
    token,
    commits,
    tips,
    repositories
  }: Pick<Reading, 'commits' | 'repositories'> & {
    readonly token: string
    readonly tips: ReadonlyMap<string, ReadonlySet<string>>
  }
): Reading {
  return {
    commits,
    repositories: repositories ?? {},
    reason: 'a token was exchanged and git data was read, as the repo-server does',
    has: async (url, commit) => {
      if (tips.get(url)?.has(commit) === true) return true
      // It may be younger than what was read.
      const refs = await services.git.refs(url, token, policy)
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

/** Uses TokenRequest, as the kubelet does for the pod. The token is masked before anything can print it. */
export async function serviceAccountToken(
  of: { readonly clusterId: string | undefined; readonly namespace: string; readonly serviceAccount: string },
  services: Services
): Promise<string> {
  const { clusterId, namespace, serviceAccount } = of
  const token = await services
    .kubernetes(clusterId)
    .token(namespace, serviceAccount, services.endpoints.exchangeAudience)
  services.mask(token)
  return token
}

async function exchanged(spec: AccessSpec, services: Services): Promise<string> {
  const assertion = await spec.assertion()
  assertIssuer(assertion, spec.issuer)
  const token = await services.entra.exchange(spec.tenantId, spec.clientId, assertion, AZURE_DEVOPS_SCOPE)
  services.mask(token)
  return token
}

/**
 * Fetches one commit, which reads the refs first, by the same request as `git ls-remote`. That command is run only where
 * the fetch fails: it tells whether there is anything to fetch at all. Without HEAD, it reads the first branch.
 */
async function readOnce(url: string, token: string, { git }: Services, policy: RetryPolicy): Promise<Read> {
  const [head] = await Promise.allSettled([git.fetchOne(url, token, 'HEAD', policy)])
  if (head.status === 'fulfilled') return readOf(url, head.value)
  const refs = await git.refs(url, token, policy)
  const [first] = refs
  if (!first) throw new NothingRead(url)
  if (refs.some(({ name }) => name === 'HEAD')) throw head.reason
  return readOf(url, await git.fetchOne(url, token, first.name, policy), refs)
}

function readOf(url: string, commit: string, refs: readonly Ref[] = []): Read {
  if (!/^[0-9a-f]{40,64}$/.test(commit)) throw new NothingRead(url)
  return { commit, tips: new Set([commit, ...refs.slice(0, MOST_TIPS).map((one) => one.commit)]) }
}

/** git succeeded but read nothing: an empty repository or a sign-in page. Neither verifies access. */
class NothingRead extends Problem {
  constructor(url: string) {
    super({
      id: 'verification/no-refs',
      summary: `git read no refs from ${url}: the repository has no commit, or a sign-in page was answered instead.`,
      expected: 'at least one ref',
      actual: 'none',
      remedy: `push a first commit; else run with ${input('mode', 'apply')}, the token was not accepted`
    })
  }
}

/** Reports at once a token from before the issuer was enabled, or from another cluster than the one looked up. */
function assertIssuer(token: string, expected: string | undefined): void {
  const [, payload = ''] = token.split('.')
  const { iss } = recordOf(jsonOf(Buffer.from(payload, 'base64url').toString('utf8')))
  if (expected === undefined || iss === expected) return
  throw new Problem({
    id: 'cluster/issuer-mismatch',
    summary: "The cluster's tokens carry an issuer that differs from the cluster's own.",
    expected,
    actual: typeof iss === 'string' ? safe(iss) : 'none',
    remedy:
      'check that kubeconfig and cluster are the same cluster; after enabling the issuer, reconcile it: az aks update'
  })
}

function mayRecover(error: unknown): boolean {
  if (error instanceof GitProblem) return gitMayRecover(error) > 0
  const kind = classOf(error)
  return kind === 'propagation' || kind === 'transient'
}

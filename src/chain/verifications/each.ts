/** Asks Argo CD about each repository separately: the result of one decides nothing for the others. */
import { concerning } from '../../argocd/fingerprint.ts'
import { sameUrl } from '../../argocd/urls.ts'
import { mapBounded } from '../../core/concurrency.ts'
import { Inconclusive, Problem, type FindingFacts } from '../../core/finding.ts'
import type { RepositoryOutcome } from '../../engine/outcome.ts'
import { NotNeeded, type Evidence } from '../../engine/verification.ts'
import { Cancelled } from '../../http/errors.ts'
import type { Connection } from '../connection.ts'

/**
 * How many repositories Argo CD is asked about in parallel: as many Applications as it compares at once by default
 * (controller.status.processors). What is asked mostly waits for Argo CD, which goes by its own limits.
 */
const ASKED_AT_ONCE = 20

/**
 * @param urls those that can be read at all
 * @param verify verifies one URL; throws when it cannot be verified
 * @param explain returns the facts of any failure
 */
export async function verifyEach(
  urls: readonly string[],
  verify: (url: string) => Promise<Evidence | NotNeeded>,
  explain: (error: unknown) => Promise<FindingFacts>
): Promise<Evidence | NotNeeded> {
  const ask = async (url: string): Promise<Seen> => {
    try {
      return { url, answer: await verify(url) }
    } catch (error) {
      if (!(error instanceof Problem) || error instanceof Cancelled) throw error
      return { url, error }
    }
  }
  const seen = await mapBounded(urls, ask, ASKED_AT_ONCE)
  const [only] = seen
  if (seen.length === 1 && only?.error !== undefined) throw only.error
  const evidence = seen.flatMap(({ answer }) => (answer instanceof NotNeeded || !answer ? [] : [answer]))
  const unneeded = seen.flatMap(({ answer }) => (answer instanceof NotNeeded ? [answer] : []))
  const [unneededFirst] = unneeded
  if (unneededFirst && unneeded.length === seen.length) return unneededFirst
  return {
    reason: evidence[0]?.reason ?? '',
    commits: Object.fromEntries(evidence.flatMap(({ commits }) => Object.entries(commits))),
    repositories: Object.fromEntries(
      await Promise.all(seen.map(async (one) => [one.url, await outcomeOf(one, explain)] as const))
    )
  }
}

interface Seen {
  readonly url: string
  readonly answer?: Evidence | NotNeeded
  readonly error?: Problem
}

async function outcomeOf(
  { url, answer, error }: Seen,
  explain: (error: unknown) => Promise<FindingFacts>
): Promise<RepositoryOutcome> {
  if (error === undefined) return { result: answer instanceof NotNeeded ? 'skipped' : 'verified' }
  const facts = await explain(error)
  const summary = facts.summary.includes(url) ? facts.summary : `${url}: ${facts.summary}`
  return {
    result: error instanceof Inconclusive ? 'inconclusive' : 'failed',
    problem: { ...facts, summary, repository: url }
  }
}

/** The part of a connection that concerns one URL. Leftover probes concern none, so the first URL gets them. */
export function connectionOf(connection: Connection, url: string): Connection {
  const { secrets, users, urls, probes } = connection
  return {
    ...connection,
    urls: [url],
    secrets: concerning([url], secrets),
    users: users.filter(({ sources }) => sources.some((source) => sameUrl(source.url, url))),
    probes: url === urls[0] ? probes : []
  }
}

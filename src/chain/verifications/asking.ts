/**
 * Asks Argo CD to read through a forced refresh of an Application that uses the repository, requested after the
 * configuration. If no Application gives an answer about the repository, it asks through a probe: no finalizer, no
 * sync, no manifest.
 */
import { randomBytes } from 'node:crypto'
import { probeMetadata, probeName, probeSpec } from '../../argocd/probe.ts'
import { scopeOf } from '../../argocd/places.ts'
import { sameUrl } from '../../argocd/urls.ts'
import { judged } from '../../argocd/version.ts'
import type { Application } from '../../services/kubernetes/argocd-objects.ts'
import type { Services } from '../../services/services.ts'
import { waitFor, type RetryPolicy } from '../../http/retry.ts'
import { HttpProblem } from '../../http/errors.ts'
import { ApplicationProblem } from '../../diagnosis/argocd-conditions.ts'
import { explain } from '../../diagnosis/explain.ts'
import { Inconclusive, Problem } from '../../core/finding.ts'
import { word } from '../../core/shell.ts'
import type { ArgocdSpec } from './argocd-spec.ts'
import { aboutProject, complaintsIn, oursIn } from './complaints.ts'
import { isCommit, timeOf } from './evidence.ts'
import { sweepProbes } from './sweep.ts'

/** How many Applications are asked before a probe is created. */
const MOST_ASKED = 2

/** What Argo CD did with a URL, as observed. */
export interface Answer {
  readonly commit: string
  readonly reason: string
  /** When, by Argo CD's clock, in ms since the epoch. */
  readonly at: number
}

/** @throws {Problem} when Argo CD cannot read. @throws {Inconclusive} when it cannot be asked. */
export async function readByArgocd(
  url: string,
  spec: ArgocdSpec,
  services: Services,
  policy: RetryPolicy
): Promise<Answer> {
  const users = askable(url, spec)
  if (users.length > 0) await spec.conditions.assertMay(['get', 'patch'])
  for (const user of users) {
    try {
      return await refreshed(user, url, spec, services, shareOf(policy))
    } catch (error) {
      if (error instanceof Unanswered || error instanceof SweptAway) continue
      if (!(error instanceof ApplicationProblem)) throw error
      // Only these concern the repository. Another Application or a probe does not have this one's other problems.
      if (error.about === 'repository' || error.about === 'installation') throw error
    }
  }
  return byProbe(url, spec, services, policy)
}

/** Limits the wait for one Application, so that time remains for the next one. */
function shareOf(policy: RetryPolicy): RetryPolicy {
  return { ...policy, deadline: Date.now() + Math.max(0, policy.deadline - Date.now()) / 3 }
}

/**
 * Applications that Argo CD watches and whose revision it must look up. Those with one source and no complaint come
 * first.
 */
function askable(url: string, { connection }: ArgocdSpec): Application[] {
  const { namespace, users } = connection
  const rank = (one: Application): number =>
    (one.multiple ? 1 : 0) + (complaintsIn(one, connection).length > 0 ? 2 : 0)
  return users
    .filter((one) => one.namespace === namespace && !one.skipped && one.reconciledAt !== undefined)
    .filter(({ sources }) => sources.some((source) => sameUrl(source.url, url) && !isCommit(source.revision)))
    .toSorted((one, other) => rank(one) - rank(other))
    .slice(0, MOST_ASKED)
}

/** If somebody deletes the probe while Argo CD reads, this tries again with a new one. */
async function byProbe(
  url: string,
  spec: ArgocdSpec,
  services: Services,
  policy: RetryPolicy
): Promise<Answer> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await readByProbe(url, spec, services, policy)
    } catch (error) {
      if (!(error instanceof SweptAway) || tried >= PROBES) throw error
    }
  }
}

const PROBES = 4

async function readByProbe(
  url: string,
  spec: ArgocdSpec,
  services: Services,
  policy: RetryPolicy
): Promise<Answer> {
  const { namespace, clusterId } = spec.connection
  const api = services.argocd(clusterId)
  const nonce = randomBytes(3).toString('hex')
  const scope = scopeOf(spec.connection)
  const project = scope === '' ? 'default' : scope
  // A probe is created only if this run may also read and delete it.
  await spec.conditions.assertMay(['get', 'create', 'delete'])
  const name = probeName(url, nonce, project)
  // Where HEAD names no branch, both verifications read the same other one.
  const probe = probeSpec(url, namespace, project, spec.reading.branches.get(url))
  const made = await api
    .createApplication(namespace, probeMetadata(url, nonce, project), probe)
    .catch(async (error: unknown) => {
      // A request whose answer was lost created it; nobody else uses this name.
      if (error instanceof HttpProblem && error.code === 'AlreadyExists') return undefined
      // A quota or a policy refused the probe, so Argo CD could not be asked.
      throw error instanceof HttpProblem && error.status === 403
        ? new Inconclusive(await explain(error), { cause: error })
        : error
    })
  try {
    const done = await waitFor(
      policy,
      `Waiting for Argo CD to read ${url}.`,
      () => new Unanswered(name, namespace),
      async () => {
        const now = await api.application(namespace, name)
        if (!now) throw new SweptAway()
        return comparedSince(undefined, now)
      }
    )
    return await answerOf(undefined, done, url, spec)
  } catch (error) {
    throw error instanceof ApplicationProblem ? aboutProject(error) : error
  } finally {
    await sweepProbes({ namespace, name }, api.outlasting(), spec.report, made)
  }
}

/** Requests a refresh of an Application, waits until Argo CD has finished it, and judges the result. */
async function refreshed(
  before: Application,
  url: string,
  spec: ArgocdSpec,
  services: Services,
  policy: RetryPolicy
): Promise<Answer> {
  const { name, namespace } = before
  const api = services.argocd(spec.connection.clusterId)
  const ask = (): Promise<void> => api.refresh(namespace, name, 'hard')
  await ask()
  let looked = 0
  const request = { answered: false }
  try {
    const done = await waitFor(
      policy,
      `Waiting for Argo CD to refresh ${namespace}/${name}.`,
      () => new Unanswered(name, namespace),
      async () => {
        const now = await api.application(namespace, name)
        if (!now) throw new SweptAway()
        looked += 1
        request.answered = !now.refreshing
        // Argo CD loses a request that arrives during a comparison, so the request is repeated (argo-cd PR 28603).
        if (request.answered && looked % 5 === 0 && now.reconciledAt === before.reconciledAt) await ask()
        return comparedSince(before, now, oursIn(now, [url]))
      }
    )
    return await answerOf(before, done, url, spec)
  } finally {
    // Withdraws an unanswered request, so that Argo CD does not act on it after this run.
    if (!request.answered)
      await api
        .outlasting()
        .withdrawRefresh(namespace, name)
        .catch(() => undefined)
  }
}

/**
 * @returns undefined while the refresh is not finished. @throws {ApplicationProblem} when it ended with a complaint.
 */
function comparedSince(
  before: Application | undefined,
  now: Application,
  ours?: ReturnType<typeof oursIn>
): Application | undefined {
  if (now.refreshing) return undefined
  const complaint = (...types: readonly string[]) => now.conditions.find(({ type }) => types.includes(type))
  // Argo CD reports a refused project or destination without a comparison.
  const refused = complaint('InvalidSpecError', 'UnknownError')
  if (refused) throw new ApplicationProblem(now, refused, ours)
  if (now.reconciledAt === undefined || now.reconciledAt === before?.reconciledAt) return undefined
  const broken = complaint('ComparisonError')
  if (broken) throw new ApplicationProblem(now, broken, ours)
  return now
}

/** Azure DevOps must have the revision that Argo CD read. */
async function answerOf(
  before: Application | undefined,
  now: Application,
  url: string,
  { connection, reading, pods, rewritten, version }: ArgocdSpec
): Promise<Answer> {
  const read = now.compared.find((one) => sameUrl(one.url, url))
  const commit = read?.commit
  if (commit === undefined || !(await reading.has(url, commit))) {
    throw new Problem({
      id: 'verification/other-revision',
      summary: `Argo CD's Application ${now.namespace}/${now.name} is at a revision of ${url} that Azure DevOps does not have.`,
      expected: `a commit of ${url}`,
      actual: commit ?? 'none',
      remedy: 'run again; if it stays, see the log of argocd-application-controller'
    })
  }
  const at = Date.parse(now.reconciledAt ?? '')
  const asked = `Argo CD itself refreshed ${before ? `${now.namespace}/${now.name}` : 'a probe'} at ${now.reconciledAt ?? ''} and read ${commit.slice(0, 8)}${reading.unread ? '' : ', which Azure DevOps has'}`
  // Argo CD does not fetch a commit that the pods' clones already have; it reads only the refs again.
  const [youngest] = pods.changes
  const cloned = before?.compared.some((one) => sameUrl(one.url, url) && one.commit === commit) === true
  const known = cloned && Date.parse(before.reconciledAt ?? '') > (youngest?.at ?? 0)
  if (!known || !rewritten) return { commit, at, reason: asked }
  if (judged(version) === 'unknown') {
    throw new Inconclusive({
      id: 'verification/commit-known-before',
      summary: `Argo CD reads the refs of ${url}, but already had the commit before this run changed its login, and is of an unknown version: whether it can fetch is not confirmed.`,
      remedy: 'restart the repo-server, then run again',
      command: `kubectl -n ${word(connection.namespace)} rollout restart deployment -l app.kubernetes.io/component=repo-server`
    })
  }
  return {
    commit,
    at,
    reason: `${asked} (the refs were read with the login as it is since this run; the commit was in its clone since ${timeOf(Date.parse(before.reconciledAt ?? ''))}${reading.unread ? '' : ', and was fetched by this run as the same identity'}; Argo CD ${version ?? ''} has no known fault of fetching)`
  }
}

class Unanswered extends Problem {
  override readonly name = 'Unanswered'
  constructor(name: string, namespace: string) {
    super({
      id: 'verification/no-answer',
      summary: `Argo CD does not answer a refresh of the Application ${namespace}/${name}.`,
      expected: 'the refresh annotation gone, and a new reconciledAt',
      actual: 'neither in time',
      remedy: 'see whether the application controller runs, and its log',
      command: `kubectl -n ${word(namespace)} get pods`
    })
  }
}

class SweptAway extends Problem {
  override readonly name = 'SweptAway'
  constructor() {
    super({
      id: 'verification/application-deleted',
      summary: 'The Application was deleted while Argo CD was asked to refresh it.',
      remedy: 'see who deletes Applications in the namespace of Argo CD, then run again'
    })
  }
}

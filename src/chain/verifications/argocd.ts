/**
 * The proof through Argo CD itself: a forced refresh, made after the configuration, whose revision is the one Azure
 * DevOps reports. Argo CD's connection test is no such proof: it reads refs only, and may be an hour old (argo-cd
 * #23478). Where no Application uses the repository, a probe does: no finalizer, no sync, no manifest.
 */
import { randomBytes } from 'node:crypto'
import { probeMetadata, probeName, probeSpec } from '../../argocd/probe.ts'
import { scopeOf } from '../../argocd/places.ts'
import { PROVED } from '../../argocd/secrets.ts'
import { sameUrl } from '../../argocd/urls.ts'
import { judged } from '../../argocd/version.ts'
import type { Application } from '../../services/kubernetes/argocd-objects.ts'
import type { Services } from '../../services/services.ts'
import { waitFor, classOf, type RetryPolicy } from '../../http/retry.ts'
import { HttpProblem } from '../../http/errors.ts'
import { ApplicationProblem } from '../../diagnosis/argocd-conditions.ts'
import { explain, lacksRight } from '../../diagnosis/catalogue.ts'
import { mapBounded } from '../../core/concurrency.ts'
import { Inconclusive, Problem, note, type Finding } from '../../core/finding.ts'
import type { Connection } from '../connection.ts'
import { aboutProject, complaintsOf, saidElsewhere } from './complaints.ts'
import type { Reading } from './access.ts'
import { isLeftover, sweepProbes } from './sweep.ts'
import { word } from '../../core/shell.ts'
import { input } from '../../core/input-name.ts'

export interface ArgocdSpec {
  readonly connection: Connection
  /** One word for the pods that are to have read it. */
  readonly podSet: string
  /** When the youngest of them began, in ms since the epoch. */
  readonly since: number
  /** Of Argo CD; undefined when it cannot be told. */
  readonly version: string | undefined
  /** Where variables of the pods come from that cannot be seen. */
  readonly unseen: string | undefined
  /** Reads refs with the identity's token. */
  readonly reading: Reading
  /** This run changed the login of a Secret that was there before. */
  readonly rewritten: boolean
  /** What somebody should know, though it is no word on the access. */
  readonly report: (finding: Finding) => void
}

/**
 * Asks Argo CD where that is due: when it was not yet seen to read through these Secrets with these pods, or when an
 * Application says that it cannot.
 *
 * @param mayWrite whether this run may: a refresh and a probe are writes
 * @returns URL → the revision that Argo CD read; undefined when there was no need to ask
 * @throws {Inconclusive} when it could not be asked. @throws {Problem} when it answers that it cannot read.
 */
export async function verifyByArgocd(
  spec: ArgocdSpec,
  mayWrite: boolean,
  services: Services,
  policy: RetryPolicy
): Promise<Readonly<Record<string, string>> | undefined> {
  const { connection, podSet, version } = spec
  const proved = connection.secrets.length > 0 && connection.secrets.every((one) => one.proved === podSet)
  const { complaint, elsewhere } = complaintsOf(connection)
  for (const one of elsewhere) spec.report(note(saidElsewhere(one)))
  if (proved && !complaint && !connection.probes.some(isLeftover)) return undefined
  if (mayWrite) return proveByArgocd(spec, services, policy)
  if (complaint) throw complaint
  if (proved) return undefined
  if (judged(version) === 'unknown') throw neverSeen('Argo CD is of an unknown version', connection)
  if (spec.unseen !== undefined)
    throw neverSeen(`the pods take variables from ${spec.unseen}, which may win`, connection)
  return undefined
}

async function proveByArgocd(
  spec: ArgocdSpec,
  services: Services,
  policy: RetryPolicy
): Promise<Readonly<Record<string, string>>> {
  const { connection, podSet } = spec
  const { clusterId, namespace, urls, probes, secrets } = connection
  for (const probe of probes.filter(isLeftover))
    await sweepProbes(probe, services.argocd(clusterId), spec.report)
  // Each may be a probe that Argo CD compares: a few at a time, and all that began end before the first failure counts.
  const read = await mapBounded(
    urls,
    async (url) => [url, await readByArgocd(url, spec, services, policy)] as const
  )
  // So that the next run, when nothing has changed, need not write a probe again.
  for (const { secret, manager, marks } of secrets) {
    if (manager?.reverts === true) continue
    const { resourceVersion } = marks.version
    const metadata = { resourceVersion, annotations: { [PROVED]: podSet } }
    await services
      .kubernetes(clusterId)
      .patchSecret(namespace, secret, { metadata })
      .catch((error: unknown) => {
        // It is no longer what was read through.
        if (classOf(error) !== 'conflict') throw error
      })
  }
  return Object.fromEntries(read)
}

/** By an Application that uses the repository; by a probe where there is none, or where it has troubles of its own. */
async function readByArgocd(
  url: string,
  spec: ArgocdSpec,
  services: Services,
  policy: RetryPolicy
): Promise<string> {
  const { namespace, users } = spec.connection
  const user = users.find(
    (one) =>
      one.namespace === namespace && !one.multiple && one.sources.some((source) => sameUrl(source.url, url))
  )
  if (!user) return byProbe(url, spec, services, policy)
  try {
    return await refreshed(user, url, spec, services, policy)
  } catch (error) {
    if (!(error instanceof ApplicationProblem)) throw error
    if (error.about === 'application') return byProbe(url, spec, services, policy)
    throw aboutProject(error)
  }
}

/** Somebody may take a probe away while Argo CD reads; then with a probe anew. */
async function byProbe(
  url: string,
  spec: ArgocdSpec,
  services: Services,
  policy: RetryPolicy
): Promise<string> {
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
): Promise<string> {
  const { namespace, clusterId } = spec.connection
  const api = services.argocd(clusterId)
  const nonce = randomBytes(3).toString('hex')
  const scope = scopeOf(spec.connection)
  const project = scope === '' ? 'default' : scope
  const name = probeName(url, nonce, project)
  const made = await api
    .createApplication(namespace, probeMetadata(url, nonce, project), probeSpec(url, namespace, project))
    .catch((error: unknown) => {
      // Made by a request whose answer was lost; nobody else has this name.
      if (error instanceof HttpProblem && error.code === 'AlreadyExists') return undefined
      if (lacksRight(error)) throw mayNotProbe(namespace)
      // A quota or a policy: it could not be asked, for that reason.
      throw error instanceof HttpProblem && error.status === 403
        ? new Inconclusive(explain(error), { cause: error })
        : error
    })
  try {
    const done = await waitFor(
      policy,
      `Waiting for Argo CD to read ${url}.`,
      () => unanswered(name, namespace),
      async () => {
        const now = await api.application(namespace, name)
        if (!now) throw new SweptAway()
        return comparedSince(undefined, now)
      }
    )
    return await revisionOf(undefined, done, url, spec)
  } catch (error) {
    throw error instanceof ApplicationProblem ? aboutProject(error) : error
  } finally {
    await sweepProbes({ namespace, name }, api.outlasting(), spec.report, made)
  }
}

/** Asks an Application for a refresh, waits until it was really done, and judges it. */
async function refreshed(
  before: Application,
  url: string,
  spec: ArgocdSpec,
  services: Services,
  policy: RetryPolicy
): Promise<string> {
  const { name, namespace } = before
  const api = services.argocd(spec.connection.clusterId)
  const ask = (): Promise<void> => api.refresh(namespace, name, 'hard')
  await ask()
  let looked = 0
  const done = await waitFor(
    policy,
    `Waiting for Argo CD to refresh the Application ${name}.`,
    () => unanswered(name, namespace),
    async () => {
      const now = await api.application(namespace, name)
      if (!now) throw new SweptAway()
      looked += 1
      // A request made while a comparison runs is lost: it is made again (argo-cd PR 28603).
      if (!now.refreshing && looked % 5 === 0) await ask()
      return comparedSince(before, now)
    }
  )
  return revisionOf(before, done, url, spec)
}

/** undefined while the refresh is not done. @throws {ApplicationProblem} when it ended in a complaint. */
function comparedSince(before: Application | undefined, now: Application): Application | undefined {
  if (now.refreshing) return undefined
  const complaint = (...types: readonly string[]) => now.conditions.find(({ type }) => types.includes(type))
  // A project or destination that is refused is told without a comparison.
  const refused = complaint('InvalidSpecError', 'UnknownError')
  if (refused) throw new ApplicationProblem(now, refused.message)
  if (now.reconciledAt === undefined || now.reconciledAt === before?.reconciledAt) return undefined
  const broken = complaint('ComparisonError')
  if (broken) throw new ApplicationProblem(now, broken.message)
  return now
}

/** What was read must be what Azure DevOps has, and must have been fetched by these pods. */
async function revisionOf(
  before: Application | undefined,
  now: Application,
  url: string,
  { reading, since, rewritten }: ArgocdSpec
): Promise<string> {
  const source = now.sources.find((one) => sameUrl(one.url, url))
  const target = source?.revision ?? 'HEAD'
  const refs = await reading.refs(url)
  const named = refs.filter(({ name }) =>
    [target, `refs/heads/${target}`, `refs/tags/${target}`, `refs/tags/${target}^{}`].includes(name)
  )
  // Neither branch nor tag: a pinned commit, a pull request, or a constraint on versions that only Argo CD resolves.
  const pinned = named.length > 0 || target === 'HEAD' ? undefined : await reading.resolve(url, target)
  const expected =
    pinned === undefined ? (named.length > 0 ? named : refs).map(({ commit }) => commit) : [pinned]
  if (now.revision === undefined || !expected.includes(now.revision)) {
    throw new Problem({
      id: 'verification/other-revision',
      summary: `Argo CD's Application ${now.namespace}/${now.name} stands at another revision of ${url} than Azure DevOps.`,
      expected: pinned ?? named[0]?.commit ?? `a commit of ${target}`,
      actual: now.revision ?? 'none',
      remedy: 'run again; if it stays, see the log of argocd-application-controller'
    })
  }
  // A commit that was in the pod's clone before is not fetched again: nothing was exercised but the refs.
  const known = before?.revision === now.revision && Date.parse(before.reconciledAt ?? '') > since
  if (known && rewritten) {
    throw new Inconclusive({
      id: 'verification/commit-known-before',
      summary: `Argo CD reads the refs of ${url}, but already had the commit before this run changed its login: whether it can fetch was not seen.`,
      remedy: 'restart the repo-server, then run again: kubectl rollout restart of its Deployment'
    })
  }
  return now.revision
}

function unanswered(name: string, namespace: string): Problem {
  return new Problem({
    id: 'verification/no-answer',
    summary: `Argo CD does not answer a refresh of the Application ${namespace}/${name}.`,
    expected: 'the refresh annotation gone, and a new reconciledAt',
    actual: 'neither in time',
    remedy: `see whether argocd-application-controller runs, and its log: kubectl -n ${word(namespace)} get pods`
  })
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

function neverSeen(why: string, { secrets }: Connection): Inconclusive {
  const made = secrets.find(({ manager }) => manager?.reverts === true)
  const again = made
    ? `; a check cannot know of it: the Secret ${made.secret} is made by ${made.manager?.who ?? ''}, so no note is left on it`
    : ' once'
  return new Inconclusive({
    id: 'verification/never-seen',
    summary: `The access works, but Argo CD itself was never seen to read, and ${why}.`,
    expected: 'a proof through Argo CD with these pods',
    actual: 'none',
    remedy: `run with ${input('mode', 'apply')} with ${input('verification', 'argocd')}${again}`,
    link: 'https://github.com/argoproj/argo-cd/issues/23478'
  })
}

function mayNotProbe(namespace: string): Inconclusive {
  return new Inconclusive({
    id: 'verification/may-not-probe',
    summary: `The login may not create Applications in ${namespace}, so Argo CD itself was not asked.`,
    expected: 'create, get, patch, delete applications.argoproj.io',
    actual: 'not allowed',
    remedy: `apply docs/permissions/kubernetes-role.yaml, or set ${input('verification', 'access')}`
  })
}

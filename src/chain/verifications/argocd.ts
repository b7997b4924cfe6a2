/**
 * Verifies through Argo CD itself that it can read now. One of three kinds of evidence is enough: nothing has changed
 * since it was observed to read; it has compared an Application by itself since the last change; or Patless asks it
 * (`asking.ts`), which only apply does. Argo CD's connection test is not evidence: it reads only refs, and its result
 * may be an hour old (argo-cd #23478).
 */
import type { Entry } from '../../argocd/secrets.ts'
import { byUrl } from '../../argocd/urls.ts'
import { judged } from '../../argocd/version.ts'
import type { Services } from '../../services/services.ts'
import type { RetryPolicy } from '../../http/retry.ts'
import { mapBounded } from '../../core/concurrency.ts'
import { Inconclusive, note, Problem, type FindingFacts } from '../../core/finding.ts'
import { explain } from '../../diagnosis/explain.ts'
import { input } from '../../core/input-name.ts'
import { word } from '../../core/shell.ts'
import type { Connection } from '../connection.ts'
import type { ArgocdSpec, Word } from './argocd-spec.ts'
import type { Complaints } from './complaints.ts'
import {
  comparedSince,
  fingerprintOf,
  lastChangeOf,
  recordedIn,
  timeOf,
  type LastChange
} from './evidence.ts'
import { isLeftover } from './sweep.ts'

/**
 * Asks Argo CD when needed: when no recorded verification matches the current state, or when an Application reports
 * that Argo CD cannot read.
 *
 * @param mayWrite whether this run may write: a refresh and a probe are writes
 * @throws {Inconclusive} when there is no evidence either way. @throws {Problem} when Argo CD reports that it cannot
 *   read.
 */
export async function verifyByArgocd(
  spec: ArgocdSpec,
  mayWrite: boolean,
  services: Services,
  policy: RetryPolicy
): Promise<Word> {
  const { connection, pods } = spec
  const [broken] = connection.breaking
  if (broken) throw breaksAll(broken, connection.namespace)
  const change = lastChangeOf(pods, connection)
  const recorded = recordedIn(connection, fingerprintOf(pods, connection))
  const known = [recorded.holds ? recorded.at : undefined, change.at].filter((at) => at !== undefined)
  const complaints = await heard(connection, known.length === 0 ? undefined : Math.max(...known))
  for (const { problem, place } of complaints.notes) {
    const facts = await explain(problem)
    spec.report(note({ ...facts, summary: `${place}${facts.summary}` }))
  }
  if (connection.scope !== undefined) spec.report(note(otherNamespaces(connection.scope)))
  const { against } = complaints
  const leftover = mayWrite && !spec.refused && connection.probes.some(isLeftover)
  if (recorded.holds && !against && complaints.unclear.length === 0 && !leftover) {
    const reason = `Argo CD itself was observed to read at ${timeOf(recorded.at)}, and nothing that its reading depends on has changed since`
    return { commits: undefined, reason }
  }
  if (mayWrite && spec.refused) throw new Problem(spec.refused)
  if (mayWrite) {
    const { proveByArgocd } = await import('./proving.ts')
    return proveByArgocd(spec, services, policy)
  }
  if (against) {
    const { aboutProject } = await import('./complaints.ts')
    throw aboutProject(against)
  }
  const unclear = complaints.unclear.slice(0, 1).map(({ facts }) => facts.summary)
  return comparedByItself(spec, change, [...(recorded.holds ? [] : [recorded.why]), ...unclear])
}

/** What judges complaints is loaded only where there is one. */
async function heard(connection: Connection, changed: number | undefined): Promise<Complaints> {
  if (connection.users.every(({ conditions }) => conditions.length === 0))
    return { against: undefined, unclear: [], notes: [] }
  const { complaintsOf } = await import('./complaints.ts')
  return complaintsOf(connection, changed)
}

/** Used by check, which writes nothing. @throws {Inconclusive} */
async function comparedByItself(
  { connection, reading, version, pods }: ArgocdSpec,
  change: LastChange,
  known: readonly string[]
): Promise<Word> {
  const usersOf = byUrl(connection.users, ({ sources }) => sources.map(({ url }) => url))
  const looked = await mapBounded(connection.urls, async (url) => {
    const using = { ...connection, users: usersOf(url) }
    return [url, await comparedSince(url, using, change, reading)] as const
  })
  const missing = looked.flatMap(([, seen]) => (typeof seen === 'string' ? [seen] : []))
  const unseen = pods.unseen === undefined ? '' : `the pods take variables from ${pods.unseen}, which may win`
  const tried = reading.unread !== true
  if (missing.length > 0) throw notSeen([...known, ...missing, unseen], tried)
  // For a commit that its clone already has, Argo CD looks up only the refs. Whether it can fetch follows from its
  // version.
  if (judged(version) === 'unknown')
    throw notSeen(
      [
        ...known,
        'Argo CD is of an unknown version, so whether its fetch works does not follow from what it compared'
      ],
      tried
    )
  const seen = looked.flatMap(([url, one]) => (typeof one === 'string' ? [] : [{ url, ...one }]))
  return {
    commits: Object.fromEntries(seen.map(({ url, commit }) => [url, commit])),
    reason: `Argo CD itself compared ${seen
      .map(
        ({ application: { namespace, name, reconciledAt }, commit }) =>
          `${namespace}/${name} at ${reconciledAt ?? ''} with ${commit.slice(0, 8)}`
      )
      .join(
        ', '
      )}, after the last change of what it reads by (${change.what}, ${timeOf(change.at ?? 0)})${reading.unread ? '' : '; the fetch was done by this run, as the same identity'}`
  }
}

/** @param tried whether this run read as the identity */
function notSeen(reasons: readonly string[], tried: boolean): Inconclusive {
  return new Inconclusive({
    id: 'verification/never-seen',
    summary: `${tried ? 'The access works, but whether' : 'Whether'} Argo CD itself reads is not confirmed: ${[...new Set(reasons)].filter((one) => one !== '').join('; ')}.`,
    expected:
      'a recorded proof that still holds, or an Application that Argo CD compared since the last change',
    actual: 'neither',
    remedy: `run with ${input('mode', 'apply')}, which asks Argo CD, or run again once it has compared an Application on the repository`,
    link: 'https://github.com/argoproj/argo-cd/issues/23478'
  })
}

/**
 * Argo CD may serve Applications in other namespaces (application.namespaces). They decide nothing, but may complain.
 */
function otherNamespaces(scope: string): FindingFacts {
  return {
    id: 'verification/other-namespaces-unseen',
    summary: `What Applications outside of ${scope} report about the repository was not read, because ${input('argocd-namespace')} is set.`,
    remedy: `leave ${input('argocd-namespace')} out, with a login that may list Applications in all namespaces, to see them`
  }
}

function breaksAll({ secret, type, unreadable }: Entry, namespace: string): Problem {
  const keys = unreadable.join(', ')
  return new Problem({
    id: 'argocd/reads-nothing',
    summary: `Argo CD reads no repository at all: it cannot parse ${keys} in the credential template ${secret} of type ${type}, which it reads before any source.`,
    expected: 'values that Argo CD can parse',
    actual: `others in ${keys}`,
    remedy: `correct ${keys}, or remove the keys`,
    command: `kubectl -n ${word(namespace)} edit secret ${word(secret)}`
  })
}

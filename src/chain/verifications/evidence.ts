/** Evidence that exists without asking Argo CD: an earlier verification, and what Argo CD compared by itself. */
import { changedParts, fingerprintOfSecrets, proofIn, type Fingerprint } from '../../argocd/fingerprint.ts'
import { sameUrl } from '../../argocd/urls.ts'
import type { ApplicationProblem } from '../../diagnosis/argocd-conditions.ts'
import type { Application } from '../../services/kubernetes/argocd-objects.ts'
import type { Connection } from '../connection.ts'
import type { Pods } from '../workload.ts'
import type { Reading } from './access.ts'

/** How long Argo CD may reuse refs that it read before, in ms (--revision-cache-expiration). */
const REFS_KEPT = 180_000

export interface LastChange {
  readonly what: string
  /** ms since the epoch; undefined: unknown. */
  readonly at: number | undefined
}

/** The latest change among pods, account, Deployment and Secrets, or a change whose time is unknown. */
export function lastChangeOf(pods: Pods, { concerning }: Connection): LastChange {
  const all: LastChange[] = [
    ...pods.changes,
    ...concerning.map(({ secret, changedAt: at }) => ({ what: `the Secret ${secret}`, at }))
  ]
  const unknown = all.find(({ at }) => at === undefined)
  if (unknown) return unknown
  return all.reduce((last, one) => ((one.at ?? 0) > (last.at ?? 0) ? one : last), { what: 'nothing', at: 0 })
}

/** Everything that Argo CD's read depends on, as this run saw it. */
export function fingerprintOf(pods: Pods, { urls, concerning }: Connection): Fingerprint {
  return { ...pods.fingerprint, ...fingerprintOfSecrets(urls, concerning) }
}

/** A recorded verification, compared with the current fingerprint. */
export type Recorded =
  | { readonly holds: true; readonly at: number }
  | { readonly holds: false; readonly why: string; readonly at?: number }

export function recordedIn({ secrets }: Connection, now: Fingerprint): Recorded {
  const proofs = secrets.map(({ proved }) => proofIn(proved))
  const at = Math.min(...proofs.map((proof) => proof?.at ?? Number.NaN))
  const [missing] = secrets.filter((_, index) => proofs[index] === undefined)
  if (secrets.length === 0 || missing) {
    const { manager, secret } = missing ?? {}
    const made =
      manager?.reverts === true
        ? ` (the Secret ${secret ?? ''} is made by ${manager.who}, so no note is left on it)`
        : ''
    return { holds: false, why: `no verification through Argo CD is recorded${made}` }
  }
  const changed = [...new Set(proofs.flatMap((proof) => (proof ? changedParts(proof.fingerprint, now) : [])))]
  if (changed.length === 0) return { holds: true, at }
  const why = `it was last verified at ${timeOf(at)}, and these have changed since: ${changed.toSorted().join(', ')}`
  return { holds: false, why, at }
}

/** An Application that Argo CD compared by itself. */
export interface Compared {
  readonly application: Application
  readonly commit: string
}

/**
 * Finds an Application whose comparison shows that Argo CD reads the URL in the current state. The comparison must be
 * later than the last change plus the time for which Argo CD may reuse older refs, must have no complaint, and must use
 * a revision that Argo CD had to look up.
 *
 * @returns the reason when there is no such Application
 */
export async function comparedSince(
  url: string,
  connection: Connection,
  change: LastChange,
  reading: Reading
): Promise<Compared | string> {
  const { users, namespace } = connection
  const using = users.filter((one) => one.namespace === namespace && usesNow(one, url))
  if (using.length === 0) return `no Application in ${namespace} uses ${url}`
  if (change.at === undefined) return `when ${change.what} was last changed is not known`
  const due = change.at + REFS_KEPT
  let why = ''
  for (const application of using) {
    const name = `the Application ${namespace}/${application.name}`
    const read = application.compared.find((one) => sameUrl(one.url, url))
    const complaint = await complaintOf(application, connection)
    const at = Date.parse(application.reconciledAt ?? '')
    if (complaint) why = complaint.facts.summary
    else if (read?.commit === undefined || Number.isNaN(at)) why = `${name} was never compared`
    else if (isCommit(read.revision)) why = `${name} names a commit, which Argo CD need not look up`
    else if (at <= due)
      why = `${name} was compared at ${timeOf(at)}, and ${change.what} was changed at ${timeOf(change.at)} (Argo CD may remember refs for ${REFS_KEPT / 60_000} minutes)`
    else if (await reading.has(url, read.commit)) return { application, commit: read.commit }
    else why = `${name} is at ${read.commit}, which Azure DevOps does not have`
  }
  return why
}

async function complaintOf(
  application: Application,
  connection: Connection
): Promise<ApplicationProblem | undefined> {
  if (application.conditions.length === 0) return undefined
  const { complaintsIn } = await import('./complaints.ts')
  return complaintsIn(application, connection)[0]
}

/** Whether the Application uses the URL and its comparison, if any, is of the revision that it names now. */
function usesNow({ sources, compared }: Application, url: string): boolean {
  const source = sources.find((one) => sameUrl(one.url, url))
  const read = compared.find((one) => sameUrl(one.url, url))
  return source !== undefined && (read === undefined || read.revision === source.revision)
}

export function isCommit(revision: string | undefined): boolean {
  return /^[0-9a-f]{40}$/i.test(revision ?? '')
}

export function timeOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

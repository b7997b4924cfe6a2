/**
 * Which parts of a connection Patless provably made (`argocd/ownership.ts`): what remove may delete, and what apply may
 * write.
 */
import { whyForeignProbe, whyForeignSecret } from '../argocd/ownership.ts'
import { everyPlace, matching } from '../argocd/places.ts'
import { PROBE_LABEL } from '../argocd/probe.ts'
import { usesIdentity, type Entry } from '../argocd/secrets.ts'
import { hasPrefix } from '../argocd/urls.ts'
import type { Usage } from '../argocd/usage.ts'
import type { Application } from '../services/kubernetes/argocd-objects.ts'
import type { FindingFacts } from '../core/finding.ts'
import { readElsewhere } from './dependents.ts'
import type { Difference } from '../engine/outcome.ts'
import type { Deletion } from '../engine/resource.ts'
import { word } from '../core/shell.ts'

interface Connected {
  readonly urls: readonly string[]
  readonly project: string | undefined
  /** Namespace of Argo CD. */
  readonly namespace: string
}

/** @param repositories other URLs that this Argo CD reads by workload identity */
export function deletionOf(
  spec: Connected,
  { entries, applications = [] }: Usage,
  repositories: readonly string[]
): Deletion | undefined {
  const { namespace } = spec
  const { ours, theirs } = ownedAmong(spec, entries)
  const through = repositories.filter((url) =>
    ours.some((one) => one.kind === 'repo-creds' && hasPrefix(url, one.url))
  )
  if (through.length > 0) return { what: named(ours, namespace), retain: readElsewhere(through) }
  const probes = applications.filter((one) => isProbe(one, namespace))
  const what = [
    named(ours, namespace),
    ...probes.map((one) => `Application ${one.namespace}/${one.name}`)
  ].filter((one) => one !== '')
  const detached = theirs.some(usesIdentity) ? {} : ({ detached: true } as const)
  const their = named(theirs, namespace)
  const keep = `not provably made by Patless: ${theirs.map((one) => whyForeignSecret(one, namespace)).join('; ')}`
  if (theirs.length === 0) return what.length === 0 ? undefined : { what: what.join(', ') }
  if (what.length === 0) return { what: their, retain: keep, ...detached }
  return { what: what.join(', '), left: `${their}: ${keep}`, ...detached }
}

/**
 * The Secrets that connect the URLs in any way: those that Patless provably made, and the others. The others include
 * foreign templates that cover more than these URLs.
 */
export function ownedAmong(
  { urls, project, namespace }: Connected,
  entries: readonly Entry[]
): { readonly ours: readonly Entry[]; readonly theirs: readonly Entry[] } {
  const placed = everyPlace({ urls, project }).flatMap((place) => matching(place, entries))
  const wider = entries.filter(
    (one) => one.kind === 'repo-creds' && usesIdentity(one) && urls.some((url) => hasPrefix(url, one.url))
  )
  const all = [...new Set([...placed, ...wider])]
  const isOurs = (one: Entry): boolean =>
    placed.includes(one) && whyForeignSecret(one, namespace) === undefined
  return { ours: all.filter(isOurs), theirs: all.filter((one) => !isOurs(one)) }
}

function named(entries: readonly Entry[], namespace: string): string {
  return entries.map(({ secret }) => `Secret ${namespace}/${secret}`).join(', ')
}

export function isProbe(application: Application, namespace: string): boolean {
  return whyForeignProbe(application, namespace) === undefined
}

/** Applications with the label of a probe that are not probes. They are retained and used like any other. */
export function lookalikes(applications: readonly Application[], namespace: string): FindingFacts[] {
  const found = applications
    .filter(({ marks }) => PROBE_LABEL in marks.labels)
    .flatMap((one) => {
      const why = whyForeignProbe(one, namespace)
      return why === undefined ? [] : [`${one.namespace}/${one.name} (${why})`]
    })
  if (found.length === 0) return []
  const more = found.length > 3 ? `, and ${found.length - 3} more` : ''
  return [
    {
      id: 'verification/probe-lookalikes',
      summary: `Applications carry the label ${PROBE_LABEL} but are no probes of Patless, which leaves them alone: ${found.slice(0, 3).join(', ')}${more}.`,
      remedy: `take the label ${PROBE_LABEL} off them`
    }
  ]
}

export function leftover({ namespace, name }: Application): FindingFacts {
  return {
    id: 'verification/probe-leftover',
    summary: `The Application ${namespace}/${name} is a probe: of a run that asks Argo CD now, or of one that was killed.`,
    remedy:
      'if no run is under way, delete it (a run that asks Argo CD deletes it, too, once it is ten minutes old)',
    command: `kubectl -n ${word(namespace)} delete application ${word(name)}`
  }
}

/**
 * Patless may add a key to a plain Secret of somebody else. It must not change a value that somebody else wrote or that
 * another tool would write again.
 */
export function whyNotToWrite(
  { marks, immutable, manager }: Entry,
  now: string | undefined
): string | undefined {
  // The manager would revert the change, so its source has to change: `placeChanges` reports that.
  if (manager?.reverts === true) return undefined
  if (now !== undefined) return 'somebody else wrote that value'
  if (marks.owners[0] !== undefined) return `${marks.owners[0]} made the Secret, and may revert the change`
  if (marks.finalizers[0] !== undefined) return `the Secret has the finalizer ${marks.finalizers[0]}`
  return immutable ? 'the Secret is immutable' : undefined
}

export function notOurs(
  { secret, immutable }: Entry,
  change: Difference,
  why: string,
  namespace: string
): FindingFacts {
  const key = change.field.split(' ').at(-1) ?? ''
  const patch = JSON.stringify({ stringData: { [key]: change.expected } })
  const kubectl = `kubectl -n ${word(namespace)}`
  return {
    id: 'connection/not-ours',
    summary: `The Secret ${secret} is not provably made by Patless, so its key ${key} is not changed: ${why}.`,
    remedy: `write ${key}: "${change.expected}" where the Secret is made${immutable ? '; its data may not change, so delete it and create it again' : ''}`,
    command: immutable
      ? `${kubectl} delete secret ${word(secret)}`
      : `${kubectl} patch secret ${word(secret)} -p ${word(patch)}`
  }
}

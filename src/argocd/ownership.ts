/**
 * Whether Patless made an object. A label does not prove it, because anyone who may write in the namespace can set one.
 * An object is Patless's own when nothing in it differs from what Patless writes (namespace, name, metadata, content):
 * deleting it then loses nothing that apply could not create again. Any difference is a reason to leave it alone.
 *
 * Each function returns that reason, as a clause about "it"; undefined: Patless made it. All are pure.
 */
import { isDeepStrictEqual } from 'node:util'
import { REFRESH, type Application } from '../services/kubernetes/argocd-objects.ts'
import type { Marks } from '../services/kubernetes/marks.ts'
import { recordOf } from '../http/request.ts'
import { withoutCredentials } from '../core/text.ts'
import { IN_CLUSTER } from './instance.ts'
import { nameOf, type Place } from './places.ts'
import { isProbeRevision, PROBE_LABELS, probeName, probeSpec } from './probe.ts'
import { MANAGED_BY } from './managers.ts'
import { MIGRATED } from './migration/mark.ts'
import { VERIFIED_WITH, TYPE_LABEL, usesIdentity, type Entry } from './secrets.ts'
import { sameUrl } from './urls.ts'

/** The label on everything that Patless makes in a cluster: necessary, but no proof by itself. */
export const MADE_BY_PATLESS = { [MANAGED_BY]: 'patless' } as const

/** The keys that Patless writes into a repository Secret or a credential template, beside its URL. */
const SECRET_KEYS = ['type', 'useAzureWorkloadIdentity']

/** Annotations that Argo CD's controllers leave on Applications. */
const OF_CONTROLLERS = [REFRESH, 'argocd.argoproj.io/refresh-timestamp', 'notified.notifications.argoproj.io']

/**
 * Whether Patless made this Secret for this repository connection; the values of its own keys may have drifted since.
 *
 * @param namespace Argo CD's own
 * @param written the keys that Patless writes beside the URL
 */
export function whyNotMadeFor(
  place: Place,
  entry: Entry,
  namespace: string,
  written: readonly string[] = SECRET_KEYS
): string | undefined {
  const { marks, keys, credentialKeys, secretType, immutable } = entry
  if (credentialKeys.length > 0) return `it holds credentials (${credentialKeys.join(', ')})`
  if (withoutCredentials(entry.url) !== entry.url) return 'it holds credentials (url)'
  const own = [...written, 'url']
  const known = place.project === '' ? own : [...own, 'project']
  const added = keys.find((key) => !known.includes(key))
  return (
    findOtherMark(marks, namespace, { ...MADE_BY_PATLESS, [TYPE_LABEL]: place.kind }, [
      VERIFIED_WITH,
      MIGRATED
    ]) ??
    (marks.name === nameOf(place) ? undefined : `its name is not ${nameOf(place)}`) ??
    whyOfAnother(place, entry) ??
    (added === undefined ? undefined : `it has the key ${added}, which Patless does not write`) ??
    (secretType === 'Opaque' ? undefined : `its type is ${secretType}`) ??
    (immutable ? 'it is immutable' : undefined)
  )
}

/** Argo CD hashes URL and project into 32 bits, so the same name can correctly belong to another connection. */
function whyOfAnother(place: Place, { kind, url, project, marks }: Entry): string | undefined {
  if (sameUrl(url, place.url) && project === place.project) return undefined
  if (marks.name !== nameOf({ kind, url, project })) return undefined
  return `it is the Secret of ${url}${project === '' ? '' : ` in project ${project}`}`
}

/** Whether a Secret is exactly what Patless writes for the URL in it. */
export function whyForeignSecret(entry: Entry, namespace: string): string | undefined {
  return (
    whyNotMadeFor(entry, entry, namespace) ??
    (entry.type === 'git' ? undefined : `its key type is ${entry.type === '' ? 'empty' : entry.type}`) ??
    (usesIdentity(entry) ? undefined : 'its key useAzureWorkloadIdentity is not true')
  )
}

/**
 * Whether an Application is a probe of Patless, from this run or from one that was killed.
 *
 * @param made uid of the probe that this run made: in it, labels and annotations that a policy of the cluster adds are
 *   accepted
 */
export function whyForeignProbe(
  { marks: found, spec, sources }: Application,
  namespace: string,
  made?: string
): string | undefined {
  const ownMarks = { labels: PROBE_LABELS, annotations: {} }
  const known = made !== undefined && made !== '' && found.version.uid === made
  const marks = known ? { ...found, ...ownMarks } : found
  const { url = '', revision } = sources[0] ?? {}
  const nonce = /-([0-9a-f]{6})$/.exec(marks.name)?.[1] ?? ''
  const project = String(recordOf(spec)['project'])
  return (
    findOtherMark(marks, namespace, PROBE_LABELS, OF_CONTROLLERS) ??
    (marks.name === probeName(url, nonce, project) ? undefined : 'its name is none that Patless gives') ??
    (isProbeRevision(revision) && isProbeSpec(spec, probeSpec(url, namespace, project, revision))
      ? undefined
      : 'its spec is none that Patless writes')
  )
}

/** A Go client that writes the whole Application back adds an empty `jsonnet`, because its type cannot omit it. */
function isProbeSpec(found: unknown, spec: ReturnType<typeof probeSpec>): boolean {
  const { source } = spec
  const directory = { ...source.directory, jsonnet: {} }
  return (
    isDeepStrictEqual(found, spec) || isDeepStrictEqual(found, { ...spec, source: { ...source, directory } })
  )
}

/**
 * Whether Patless made an Application; values that come from inputs may differ.
 *
 * @param place Argo CD's own namespace, and the project that Patless puts the Application into
 */
export function whyForeignApplication(
  { marks, spec, automated }: Application,
  { namespace, project }: { readonly namespace: string; readonly project: string }
): string | undefined {
  if (automated) return `it syncs by itself${automated.prune ? ', and prunes' : ''}`
  return (
    findOtherMark(marks, namespace, MADE_BY_PATLESS, OF_CONTROLLERS) ??
    findOtherField(spec, { ...SPEC, project })
  )
}

/** The spec that Patless writes: fixed values, and undefined where an input gives the value. */
const SPEC = {
  source: { repoURL: undefined, path: undefined, targetRevision: undefined },
  destination: { server: IN_CLUSTER, namespace: undefined }
}

/** Describes the first field that is not in `fields`, is missing, or has another value than the fixed one. */
function findOtherField(found: unknown, fields: object, path = 'spec'): string | undefined {
  if (typeof found !== 'object' || found === null) return `its ${path} is none that Patless writes`
  for (const [key, value] of Object.entries(found)) {
    const at = `${path}.${key}`
    if (!Object.hasOwn(fields, key)) return `it has ${at}, which Patless does not write`
    const fixed = (fields as Record<string, unknown>)[key]
    const strange =
      typeof fixed === 'object' && fixed !== null
        ? findOtherField(value, fixed, at)
        : typeof value === 'string' && (fixed === undefined || fixed === value)
          ? undefined
          : `its ${at} is none that Patless writes`
    if (strange !== undefined) return strange
  }
  const missing = Object.keys(fields).find((key) => !Object.hasOwn(found, key))
  return missing === undefined ? undefined : `it has no ${path}.${missing}`
}

/** Describes the first part of the metadata that differs from what Patless sets. */
function findOtherMark(
  { namespace, labels, annotations, finalizers, owners }: Marks,
  home: string,
  wanted: Readonly<Record<string, string>>,
  allowed: readonly string[]
): string | undefined {
  const other = Object.keys(labels).find((key) => !Object.hasOwn(wanted, key))
  const missing = Object.entries(wanted).find(([key, value]) => labels[key] !== value)
  const noted = Object.keys(annotations).find((key) => !allowed.includes(key))
  if (missing) return `it has no label ${missing.join(': ')}`
  if (namespace !== home) return `it is in the namespace ${namespace}, not in Argo CD's`
  if (finalizers[0] !== undefined) return `it has the finalizer ${finalizers[0]}`
  if (owners[0] !== undefined) return `it belongs to ${owners[0]}`
  if (other !== undefined) return `it has the label ${other}, which Patless does not set`
  return noted === undefined ? undefined : `it has the annotation ${noted}, which Patless does not set`
}

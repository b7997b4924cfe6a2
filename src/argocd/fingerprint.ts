/**
 * The evidence fingerprint: everything that Argo CD's read depends on, part by part. It is recorded with a
 * verification, so that a later run sees whether that verification still holds and which part made it void. It contains
 * no credential and no hash of a credential, only the names of their keys.
 */
import { createHash } from 'node:crypto'
import type { V1Container, V1EnvVar, V1Pod } from '@kubernetes/client-node'
import { withoutCredentials } from '../core/text.ts'
import { jsonOf, recordOf } from '../http/request.ts'
import { running, type Identified, type Workload } from './identity.ts'
import type { Entry } from './secrets.ts'
import { hasPrefix, sameUrl } from './urls.ts'

/** Name of a part, as in the report → its value. */
export type Fingerprint = Readonly<Record<string, string>>

/** Environment variables that decide how a token is requested and which host is reached (azidentity, net/http, git). */
const DECIDING = /^(?:AZURE_|(?:HTTPS?|ALL|NO)_PROXY$|SSL_CERT_|GIT_SSL_)/i
/** Variables whose values are included. Any other variable may hold a credential, so only its name counts. */
const PLAIN =
  /^(?:AZURE_(?:CLIENT_ID|TENANT_ID|AUTHORITY_HOST|REGIONAL_AUTHORITY_NAME|ADDITIONALLY_ALLOWED_TENANTS|FEDERATED_TOKEN_FILE|TOKEN_CREDENTIALS|CLIENT_CERTIFICATE_PATH|IDENTITY_DISABLE_CP1)|(?:HTTPS?|ALL|NO)_PROXY|SSL_CERT_(?:FILE|DIR)|GIT_SSL_(?:CAINFO|CAPATH|NO_VERIFY))$/i

/** Fingerprint of the pods and of what they are created from. */
export function fingerprintOfPods(
  { instance, clientId, tenantId }: Identified,
  workload: Workload
): Fingerprint {
  const { deployment, serviceAccount } = workload
  const pods = workload.pods.filter(running)
  const container = (spec: V1Pod['spec']): V1Container | undefined =>
    spec?.containers.find(({ name }) => name === instance.container)
  const image = container(deployment.spec?.template.spec)?.image ?? ''
  return {
    identity: digest([clientId, tenantId]),
    'Argo CD version': digest([instance.version ?? '', image]),
    'service account': digest([instance.account, serviceAccount?.metadata?.uid ?? '']),
    pods: digest(pods.map(({ metadata }) => metadata?.uid ?? '').toSorted()),
    'environment of the pods': digest(pods.map(({ spec }) => environmentOf(container(spec))).toSorted())
  }
}

function environmentOf(container: V1Container | undefined): string {
  const whole = (container?.envFrom ?? []).map(({ secretRef, configMapRef }) => [
    'all of',
    secretRef?.name ?? configMapRef?.name ?? ''
  ])
  const named = (container?.env ?? []).filter(({ name }) => DECIDING.test(name)).map(valueOf)
  return JSON.stringify([...whole, ...named])
}

/** A variable with `valueFrom` counts by its reference, because the pod does not contain the value. */
function valueOf({ name, value = '', valueFrom }: V1EnvVar): string[] {
  if (valueFrom) return [name, 'from', JSON.stringify(valueFrom)]
  return PLAIN.test(name) ? [name, withoutCredentials(value)] : [name]
}

/** Fingerprint of every Secret that may apply to one of the URLs by Argo CD's lookup rules. */
export function fingerprintOfSecrets(urls: readonly string[], entries: readonly Entry[]): Fingerprint {
  return Object.fromEntries(
    concerning(urls, entries).map(({ secret, outline }) => [`Secret ${secret}`, digest([outline])])
  )
}

/** Repository Secrets for one of the URLs, and templates whose prefix matches. */
export function concerning(urls: readonly string[], entries: readonly Entry[]): Entry[] {
  return entries.filter(({ kind, url }) =>
    urls.some((one) => (kind === 'repository' ? sameUrl(url, one) : url !== '' && hasPrefix(one, url)))
  )
}

function digest(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12)
}

/** A verification as recorded on a Secret. */
export interface Proof {
  /** When Argo CD was observed to read, in ms since the epoch. */
  readonly at: number
  readonly fingerprint: Fingerprint
}

/** The record includes the time, so that later complaints can be compared with it. */
export function noteOf({ at, fingerprint }: Proof): string {
  return JSON.stringify({ at: new Date(at).toISOString(), ...fingerprint })
}

/** @returns undefined for a note that is not a valid record */
export function proofIn(note: string | undefined): Proof | undefined {
  const { at, ...parts } = recordOf(jsonOf(note ?? ''))
  const time = typeof at === 'string' ? Date.parse(at) : Number.NaN
  // A record from the future is invalid.
  if (!Number.isFinite(time) || time > Date.now() + CLOCKS) return undefined
  return {
    at: time,
    fingerprint: Object.fromEntries(Object.entries(parts).map(([part, value]) => [part, String(value)]))
  }
}

/** Largest accepted difference between the clocks of runners, in ms. */
const CLOCKS = 300_000

/** Parts that were changed, added or removed. */
export function changedParts(before: Fingerprint, now: Fingerprint): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(now)])
  return [...names].filter((name) => before[name] !== now[name])
}

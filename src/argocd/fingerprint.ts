/**
 * The evidence fingerprint: what Argo CD's reading depends on, part by part. It is recorded with a proof, so that a
 * later run sees whether the proof still counts, and which part made it void. No credential enters it, nor the hash of
 * one: of those only the names of their keys.
 */
import { createHash } from 'node:crypto'
import type { V1Container, V1EnvVar, V1Pod } from '@kubernetes/client-node'
import { withoutCredentials } from '../core/text.ts'
import { jsonOf, recordOf } from '../http/request.ts'
import { running, type Identified, type Workload } from './identity.ts'
import type { Entry } from './secrets.ts'
import { hasPrefix, sameUrl } from './urls.ts'

/** Name of a part, as the report says it → its value. */
export type Fingerprint = Readonly<Record<string, string>>

/** Variables that decide how a token is got and who is reached (azidentity, net/http, git). */
const DECIDING = /^(?:AZURE_|(?:HTTPS?|ALL|NO)_PROXY$|SSL_CERT_|GIT_SSL_)/i
/** Those of them whose value is told: any other may be a credential, and only its name counts. */
const PLAIN =
  /^(?:AZURE_(?:CLIENT_ID|TENANT_ID|AUTHORITY_HOST|REGIONAL_AUTHORITY_NAME|ADDITIONALLY_ALLOWED_TENANTS|FEDERATED_TOKEN_FILE|TOKEN_CREDENTIALS|CLIENT_CERTIFICATE_PATH|IDENTITY_DISABLE_CP1)|(?:HTTPS?|ALL|NO)_PROXY|SSL_CERT_(?:FILE|DIR)|GIT_SSL_(?:CAINFO|CAPATH|NO_VERIFY))$/i

/** Of the pods, and of what they are made by. */
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

/** Where it comes from elsewhere, from where. */
function valueOf({ name, value = '', valueFrom }: V1EnvVar): string[] {
  if (valueFrom) return [name, 'from', JSON.stringify(valueFrom)]
  return PLAIN.test(name) ? [name, withoutCredentials(value)] : [name]
}

/** Of every Secret that may have a say about one of the URLs, as Argo CD looks for them. */
export function fingerprintOfSecrets(urls: readonly string[], entries: readonly Entry[]): Fingerprint {
  return Object.fromEntries(
    concerning(urls, entries).map(({ secret, outline }) => [`Secret ${secret}`, digest([outline])])
  )
}

/** Repository Secrets for the URL, and templates whose prefix it has. */
export function concerning(urls: readonly string[], entries: readonly Entry[]): Entry[] {
  return entries.filter(({ kind, url }) =>
    urls.some((one) => (kind === 'repository' ? sameUrl(url, one) : url !== '' && hasPrefix(one, url)))
  )
}

function digest(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12)
}

/** A proof as it is noted on a Secret. */
export interface Proof {
  /** When Argo CD was seen to read, in ms since the epoch. */
  readonly at: number
  readonly fingerprint: Fingerprint
}

/** Without a time it is nothing that could be held against later words. */
export function noteOf({ at, fingerprint }: Proof): string {
  return JSON.stringify({ at: new Date(at).toISOString(), ...fingerprint })
}

/** @returns undefined for what is no note of this kind: it proves nothing */
export function proofIn(note: string | undefined): Proof | undefined {
  const { at, ...parts } = recordOf(jsonOf(note ?? ''))
  const time = typeof at === 'string' ? Date.parse(at) : Number.NaN
  // A proof of the future is none.
  if (!Number.isFinite(time) || time > Date.now() + CLOCKS) return undefined
  return {
    at: time,
    fingerprint: Object.fromEntries(Object.entries(parts).map(([part, value]) => [part, String(value)]))
  }
}

/** How far clocks of runners may be apart, in ms. */
const CLOCKS = 300_000

/** The parts that differ: changed, new or gone. */
export function changedParts(before: Fingerprint, now: Fingerprint): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(now)])
  return [...names].filter((name) => before[name] !== now[name])
}

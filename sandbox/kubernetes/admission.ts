/**
 * The API server's checks before it stores an object, and its defaults. e2e/contract.ts compares it with the real one.
 */
import { isDeepStrictEqual } from 'node:util'
import type { V1Pod, V1ServiceAccount } from '@kubernetes/client-node'
import { kindOf, StatusError, type Kind, type KubeObject } from './objects.ts'
import type { Store } from './store.ts'
import { mutated, USE_LABEL } from './webhook.ts'

const ACCOUNTS = kindOf('', 'serviceaccounts') as Kind
const WEBHOOKS = kindOf('admissionregistration.k8s.io', 'mutatingwebhookconfigurations') as Kind

/** Checks that the body is an object of this kind, for this name and namespace. */
export function assertPlace(
  { kind, version, group }: Kind,
  namespace: string | undefined,
  body: KubeObject | undefined
): asserts body is KubeObject {
  if (body?.metadata === undefined) throw new StatusError(400, 'BadRequest', "Object 'Kind' is missing")
  if (body.kind && body.kind !== kind) {
    throw new StatusError(
      400,
      'BadRequest',
      group === ''
        ? `${body.kind} in version "${version}" cannot be handled as a ${kind}: converting (${version}.${body.kind}) to (core.${kind}): unknown conversion`
        : `${body.kind} in version "${version}" cannot be handled as a ${kind}`
    )
  }
  if (namespace !== undefined && (body.metadata.namespace ?? namespace) !== namespace) {
    throw new StatusError(
      400,
      'BadRequest',
      'the namespace of the provided object does not match the namespace sent on the request'
    )
  }
}

/** @param by chooses the message for a malformed object: sent whole, or the result of a patch */
export function assertValid({ kind, group, version }: Kind, object: KubeObject, by: 'body' | 'patch'): void {
  const malformed = malformation(object)
  if (malformed !== undefined) {
    if (by === 'body')
      throw new StatusError(
        400,
        'BadRequest',
        `${kind} in version "${version}" cannot be handled as a ${kind}: ${malformed}`
      )
    throw invalid(
      { kind: '', group: '' },
      '',
      'patch',
      `Invalid value: ${JSON.stringify(JSON.stringify(object))}: ${malformed}`
    )
  }
  const { name, labels = {} } = object.metadata
  if (!/^[a-z0-9]([a-z0-9.:-]*[a-z0-9])?$/.test(name)) {
    const rule =
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
    throw invalid({ kind, group }, name, 'metadata.name', `Invalid value: "${name}": ${rule}`)
  }
  for (const value of Object.values(labels)) {
    if (value.length <= 63 && /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/.test(value)) continue
    const rule =
      "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
    throw invalid({ kind, group }, name, 'metadata.labels', `Invalid value: "${value}": ${rule}`)
  }
}

/** ValidateSecret: all values together, decoded. */
export function assertSize({ kind, group }: Kind, object: KubeObject): void {
  if (kind !== 'Secret') return
  const encoded = Object.values((object['data'] ?? {}) as Record<string, string>)
  const plain = Object.values((object['stringData'] ?? {}) as Record<string, string>)
  const size = [...encoded.map((one) => Buffer.byteLength(one, 'base64')), ...plain.map((one) => one.length)]
  if (size.reduce((sum, one) => sum + one, 0) <= LARGEST_SECRET) return
  const why = `Too long: may not be more than ${LARGEST_SECRET} bytes`
  throw invalid({ kind, group }, object.metadata.name, 'data', why, 'FieldValueTooLong')
}

const LARGEST_SECRET = 1024 * 1024

/** The selector of a Deployment is immutable. */
export function assertSelector({ kind, group }: Kind, before: KubeObject, after: KubeObject): void {
  if (kind !== 'Deployment') return
  const of = ({ spec }: KubeObject): string =>
    JSON.stringify((spec as { selector?: unknown } | undefined)?.selector)
  if (of(before) === of(after)) return
  throw invalid(
    { kind, group },
    before.metadata.name,
    'spec.selector',
    `Invalid value: ${of(after)}: field is immutable`
  )
}

export interface DeleteOptions {
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
}

/** apiserver/pkg/registry/rest/delete.go: BeforeDelete. */
export function assertPreconditions(
  { group, kind }: Kind,
  { metadata }: KubeObject,
  { preconditions = {} }: DeleteOptions
): void {
  const { uid, resourceVersion } = preconditions
  const { name, uid: own = '', resourceVersion: version = '' } = metadata
  const reason =
    uid !== undefined && uid !== own
      ? `the UID in the precondition (${uid}) does not match the UID in record (${own}). The object might have been deleted and then recreated`
      : resourceVersion !== undefined && resourceVersion !== version
        ? `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${version}). The object might have been modified`
        : undefined
  if (reason === undefined) return
  // Here the API server names the kind; elsewhere it names the resource (rest.BeforeDelete).
  const full = group === '' ? kind : `${kind}.${group}`
  const text = `Operation cannot be fulfilled on ${full} "${name}": ${reason}`
  throw new StatusError(409, 'Conflict', text, { name, group, kind })
}

/** The data of an immutable Secret cannot change, nor can `immutable` itself (ValidateSecretUpdate). */
export function assertMutable({ kind, group }: Kind, before: KubeObject, after: KubeObject): void {
  if (kind !== 'Secret' || before['immutable'] !== true) return
  const encoded = Object.entries((after['stringData'] ?? {}) as Record<string, string>).map(
    ([key, value]) => [key, Buffer.from(value).toString('base64')] as const
  )
  const data = { ...(after['data'] as object | undefined), ...Object.fromEntries(encoded) }
  const field =
    after['immutable'] !== true
      ? 'immutable'
      : isDeepStrictEqual(data, before['data'] ?? {})
        ? undefined
        : 'data'
  if (field === undefined) return
  const why = 'Forbidden: field is immutable when `immutable` is set'
  throw invalid({ kind, group }, before.metadata.name, field, why, 'FieldValueForbidden')
}

export function invalid(
  { kind, group }: { kind: string; group: string },
  name: string,
  field: string,
  message: string,
  reason = 'FieldValueInvalid'
): StatusError {
  const full = group === '' ? kind : `${kind}.${group}`
  const text = `${full} "${name}" is invalid: ${field}: ${message}`
  return new StatusError(422, 'Invalid', text, { name, group, kind, causes: [{ reason, message, field }] })
}

/** Like Go's JSON decoder: a string field accepts only strings. */
function malformation(object: KubeObject): string | undefined {
  const { template } = (object.spec ?? {}) as { template?: { metadata?: KubeObject['metadata'] } }
  for (const [at, metadata] of [
    ['metadata', object.metadata],
    ['spec.template.metadata', template?.metadata]
  ] as const) {
    for (const field of ['labels', 'annotations'] as const) {
      const wrong = Object.values(metadata?.[field] ?? {}).find((value: unknown) => typeof value !== 'string')
      if (wrong === undefined) continue
      const type = typeof wrong === 'boolean' ? 'bool' : typeof wrong
      return `json: cannot unmarshal ${type} into Go struct field ObjectMeta.${at}.${field} of type string`
    }
  }
  if (object.kind === 'Lease') return malformedLease(object)
  if (object.kind !== 'Secret') return undefined
  const values = Object.values((object['data'] ?? {}) as Record<string, string | null>)
  const wrong = values.find((value) => !/^[A-Za-z0-9+/]*={0,2}$/.test(value ?? ''))
  if (wrong === undefined) return undefined
  return `illegal base64 data at input byte ${Math.max(0, (wrong ?? '').search(/[^A-Za-z0-9+/=]/))}`
}

/** Its times are MicroTime: six digits of a second, no more and no fewer. */
function malformedLease({ spec }: KubeObject): string | undefined {
  for (const field of ['acquireTime', 'renewTime'] as const) {
    const { [field]: time = null } = (spec ?? {}) as Record<string, unknown>
    if (time === null || (typeof time === 'string' && MICRO_TIME.test(time))) continue
    return `parsing time ${JSON.stringify(time)} as "2006-01-02T15:04:05.000000Z07:00": cannot parse`
  }
  return undefined
}

const MICRO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}(?:Z|[+-]\d{2}:\d{2})$/

export interface PodAdmission {
  readonly webhook: 'on' | 'absent' | 'down'
  readonly tenantId: string
  readonly authorityHost: string
}

/** The API server calls what is registered; without that a pod is stored as it comes. */
function registeredWebhook(store: Store): { readonly failurePolicy?: string } | undefined {
  return store
    .list(WEBHOOKS)
    .flatMap((one) => (one['webhooks'] ?? []) as { name: string; failurePolicy?: string }[])
    .find(({ name }) => name === 'mutation.azure-workload-identity.io')
}

/** Its service account has to be there; then the webhook has its say. */
export function admittedPod(
  store: Store,
  namespace: string,
  pod: V1Pod,
  { webhook, tenantId, authorityHost }: PodAdmission
): V1Pod {
  const accountName = pod.spec?.serviceAccountName ?? 'default'
  const account = store.find(ACCOUNTS, namespace, accountName)
  const name = pod.metadata?.name ?? pod.metadata?.generateName ?? ''
  if (!account) {
    throw new StatusError(
      403,
      'Forbidden',
      `pods "${name}" is forbidden: error looking up service account ${namespace}/${accountName}: serviceaccount "${accountName}" not found`,
      { name, kind: 'pods' }
    )
  }
  const registered = registeredWebhook(store)
  // The admission enforcer of AKS keeps webhooks away from it.
  if (
    namespace === 'kube-system' ||
    webhook === 'absent' ||
    !registered ||
    pod.metadata?.labels?.[USE_LABEL] !== 'true'
  )
    return pod
  if (webhook === 'down') {
    if (registered.failurePolicy === 'Ignore') return pod
    const service = 'azure-wi-webhook-webhook-service'
    throw new StatusError(
      500,
      'InternalError',
      `Internal error occurred: failed calling webhook "mutation.azure-workload-identity.io": failed to call webhook: Post "https://${service}.kube-system.svc:443/mutate-v1-pod?timeout=10s": no endpoints available for service "${service}"`
    )
  }
  return mutated(pod, account as unknown as V1ServiceAccount, tenantId, authorityHost)
}

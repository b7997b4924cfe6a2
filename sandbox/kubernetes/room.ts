/** Whether a namespace takes one more object: one that is being deleted, or whose quota is used up, does not. */
import { kindOf, StatusError, type Kind } from './objects.ts'
import type { Store } from './store.ts'

const NAMESPACES = kindOf('', 'namespaces') as Kind
/** On the namespace: the resources of which its quota allows no more. */
export const EXHAUSTED = 'sandbox/exhausted'

/** On the namespace: what its policy refuses, as `create secrets,patch secrets`. */
export const FORBIDDEN = 'sandbox/forbidden'

/** As a validating webhook of a policy engine refuses it. @throws {StatusError} 403 */
export function assertPolicy(store: Store, verb: string, kind: Kind, namespace: string | undefined): void {
  const place = namespace === undefined ? undefined : store.find(NAMESPACES, undefined, namespace)
  const { [FORBIDDEN]: forbidden = '' } = place?.metadata.annotations ?? {}
  if (!forbidden.split(',').includes(`${verb} ${kind.resource}`)) return
  const text = 'admission webhook "validate.kyverno.svc-fail" denied the request: policy protect-secrets'
  throw new StatusError(403, 'Forbidden', text)
}

/** As the admission plugins NamespaceLifecycle and ResourceQuota refuse it. @throws {StatusError} 403 */
export function assertRoom(store: Store, kind: Kind, namespace: string | undefined, name: string): void {
  const place = namespace === undefined ? undefined : store.find(NAMESPACES, undefined, namespace)
  if (!place || namespace === undefined) return
  const of = kind.group === '' ? kind.resource : `${kind.resource}.${kind.group}`
  const refused = (why: string, causes: readonly object[] = []): StatusError =>
    new StatusError(403, 'Forbidden', `${of} "${name}" is forbidden: ${why}`, {
      name,
      group: kind.group,
      kind: kind.resource,
      ...(causes.length > 0 && { causes })
    })
  const { phase } = (place['status'] ?? {}) as { phase?: string }
  if (phase === 'Terminating') {
    const message = `namespace ${namespace} is being terminated`
    throw refused(`unable to create new content in namespace ${namespace} because it is being terminated`, [
      { reason: 'NamespaceTerminating', message, field: 'metadata.namespace' }
    ])
  }
  const { [EXHAUSTED]: exhausted = '' } = place.metadata.annotations ?? {}
  if (exhausted.split(',').includes(kind.resource))
    throw refused(
      `exceeded quota: team, requested: count/${of}=1, used: count/${of}=20, limited: count/${of}=20`
    )
}

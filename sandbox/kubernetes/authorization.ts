/** Kubernetes RBAC, evaluated over the stored roles and bindings. The twin's own admin may do everything. */
import { kindOf, StatusError, type Kind } from './objects.ts'
import type { Store } from './store.ts'

export interface User {
  readonly name: string
  readonly groups: readonly string[]
  /** Of a principal of Entra: the webhook of AKS is asked beside Kubernetes' own roles. */
  readonly mayByAzure?: (attributes: Attributes) => boolean
}

export interface Attributes {
  readonly verb: string
  readonly group: string
  readonly resource: string
  readonly subresource: string | undefined
  readonly namespace: string | undefined
  readonly name: string | undefined
}

interface Rule {
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly verbs?: readonly string[]
}
interface Binding {
  readonly subjects?: readonly { kind: string; name: string; namespace?: string }[]
  readonly roleRef: { readonly kind: string; readonly name: string }
}

const RBAC = 'rbac.authorization.k8s.io'
export const ADMINS = 'system:masters'

export function allowed(store: Store, user: User, attributes: Attributes): boolean {
  if (user.groups.includes(ADMINS)) return true
  if (user.mayByAzure?.(attributes) === true) return true
  return rulesFor(store, user, attributes.namespace).some((rule) => covers(rule, attributes))
}

export function assertAllowed(store: Store, user: User, attributes: Attributes): void {
  if (allowed(store, user, attributes)) return
  const { verb, group, resource, subresource, namespace, name } = attributes
  const full = `${resource}${subresource === undefined ? '' : `/${subresource}`}`
  const object = `${resource}${group === '' ? '' : `.${group}`}${name === undefined ? '' : ` "${name}"`}`
  const place = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`
  throw new StatusError(
    403,
    'Forbidden',
    `${object} is forbidden: User "${user.name}" cannot ${verb} resource "${full}" in API group "${group}" ${place}`,
    { name, group, kind: resource }
  )
}

function rulesFor(store: Store, user: User, namespace: string | undefined): Rule[] {
  const kind = (resource: string): Kind => kindOf(RBAC, resource) as Kind
  const bound = (binding: Binding): boolean =>
    (binding.subjects ?? []).some((subject) => {
      if (subject.kind === 'Group') return user.groups.includes(subject.name)
      if (subject.kind === 'ServiceAccount')
        return user.name === `system:serviceaccount:${subject.namespace ?? ''}:${subject.name}`
      return subject.name === user.name
    })
  const rules = (role: unknown): readonly Rule[] => (role as { rules?: Rule[] } | undefined)?.rules ?? []
  const wide = store
    .list(kind('clusterrolebindings'))
    .map((one) => one as unknown as Binding)
    .filter(bound)
    .flatMap(({ roleRef }) => rules(store.find(kind('clusterroles'), undefined, roleRef.name)))
  if (namespace === undefined) return wide
  const narrow = store
    .list(kind('rolebindings'), namespace)
    .map((one) => one as unknown as Binding)
    .filter(bound)
    .flatMap(({ roleRef }) =>
      roleRef.kind === 'ClusterRole'
        ? rules(store.find(kind('clusterroles'), undefined, roleRef.name))
        : rules(store.find(kind('roles'), namespace, roleRef.name))
    )
  return [...wide, ...narrow]
}

function covers(
  { apiGroups = [], resources = [], resourceNames, verbs = [] }: Rule,
  wanted: Attributes
): boolean {
  const has = (list: readonly string[], value: string): boolean => list.includes('*') || list.includes(value)
  const full = wanted.subresource === undefined ? wanted.resource : `${wanted.resource}/${wanted.subresource}`
  const named =
    resourceNames === undefined || (wanted.name !== undefined && resourceNames.includes(wanted.name))
  return has(verbs, wanted.verb) && has(apiGroups, wanted.group) && has(resources, full) && named
}

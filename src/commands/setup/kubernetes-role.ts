/**
 * The rights of the pipeline in the cluster: a Role in Argo CD's namespace, limited to the names of its objects, bound to
 * the object id of the login. Where Azure RBAC is on, a role assignment takes its place (docs/decisions/0014).
 */
import * as z from 'zod/mini'
import type { FindingFacts } from '../../core/finding.ts'
import { UnexpectedReply } from '../../http/errors.ts'
import type { Difference } from '../../engine/outcome.ts'
import { rulesOf, type ArgocdNames, type Rule } from './rights.ts'
import type { SetupResource } from './services.ts'
import { sharedLogin } from './settings.ts'

const GROUP = 'rbac.authorization.k8s.io'
const ROLES = { group: GROUP, version: 'v1', plural: 'roles' } as const
const BINDINGS = { group: GROUP, version: 'v1', plural: 'rolebindings' } as const
const LABELS = { 'app.kubernetes.io/managed-by': 'patless' } as const

interface Spec {
  readonly clusterId: string
  readonly argocd: ArgocdNames
  readonly name: string
  readonly principalId: string
}

const metadata = z.looseObject({
  labels: z.optional(z.record(z.string(), z.string())),
  uid: z.optional(z.string()),
  resourceVersion: z.optional(z.string())
})
const strings = z.optional(z.array(z.string()))
const roleShape = z.looseObject({
  metadata,
  rules: z.nullish(
    z.array(z.looseObject({ apiGroups: strings, resources: strings, resourceNames: strings, verbs: strings }))
  )
})
const bindingShape = z.looseObject({
  metadata,
  subjects: z.nullish(z.array(z.looseObject({ kind: z.string(), name: z.string() }))),
  roleRef: z.looseObject({ kind: z.string(), name: z.string() })
})

interface State {
  readonly role: z.infer<typeof roleShape> | undefined
  readonly binding: z.infer<typeof bindingShape> | undefined
}

export const kubernetesRole: SetupResource<Spec, State, object> = {
  kind: 'kubernetes-role',

  async read({ clusterId, argocd: { namespace }, name }, { kubernetes }) {
    const api = kubernetes(clusterId)
    const [role, binding] = await Promise.all([
      api.object(ROLES, namespace, name),
      api.object(BINDINGS, namespace, name)
    ])
    return { role: parsed(roleShape, role, 'roles'), binding: parsed(bindingShape, binding, 'rolebindings') }
  },

  assess(spec, { role, binding }) {
    const { name, principalId, argocd } = spec
    const foreign = [role, binding].some((one) => one && !isOurs(one))
    const differences: Difference[] = []
    const [expected, actual] = [textOf(rulesOf(argocd)), role && textOf(role.rules ?? [])]
    if (actual !== expected) differences.push({ field: `Role ${name}`, expected, actual })
    const bound = binding && `${binding.roleRef.kind} ${binding.roleRef.name} for ${subjectsOf(binding)}`
    const wanted = `Role ${name} for User ${principalId}`
    if (bound !== wanted) differences.push({ field: `RoleBinding ${name}`, expected: wanted, actual: bound })
    return {
      exists: role !== undefined,
      differences: foreign ? differences.map((one) => ({ ...one, blocked: taken(spec) })) : differences,
      output: {},
      summary: `Role and RoleBinding ${name} in ${argocd.namespace}`
    }
  },

  async apply(spec, { role, binding }, { kubernetes }, { report }) {
    const { clusterId, argocd, name } = spec
    const { namespace } = argocd
    const api = kubernetes(clusterId)
    const [wantedRole, wantedBinding] = manifestsOf(spec)
    report(`Writing Role and RoleBinding ${name} in ${namespace}.`)
    if (role) await api.patchObject(ROLES, namespace, name, wantedRole)
    else await api.createObject(ROLES, namespace, wantedRole)
    // The role that a binding refers to cannot be changed.
    const other = binding && (binding.roleRef.kind !== 'Role' || binding.roleRef.name !== name)
    if (other) await api.deleteObject(BINDINGS, namespace, name, versionOf(binding))
    if (binding && !other) await api.patchObject(BINDINGS, namespace, name, wantedBinding)
    else await api.createObject(BINDINGS, namespace, wantedBinding)
  },

  planDelete({ name, argocd: { namespace } }, { role, binding }, { credentials }) {
    const all = [role, binding].filter((one) => one !== undefined)
    if (all.length === 0) return undefined
    const what = `Role and RoleBinding ${name} in ${namespace}`
    return all.every(isOurs)
      ? { what, ...sharedLogin(credentials) }
      : { what, retain: 'they do not have the label managed-by: patless' }
  },

  async delete({ clusterId, name, argocd: { namespace } }, { role, binding }, { kubernetes }) {
    const api = kubernetes(clusterId)
    if (binding) await api.deleteObject(BINDINGS, namespace, name, versionOf(binding))
    if (role) await api.deleteObject(ROLES, namespace, name, versionOf(role))
  }
}

/** The Role and its binding, as they are written. */
export function manifestsOf({
  argocd,
  name,
  principalId
}: Omit<Spec, 'clusterId'>): readonly [object, object] {
  const meta = { name, namespace: argocd.namespace, labels: LABELS }
  const apiVersion = `${GROUP}/v1`
  return [
    { apiVersion, kind: 'Role', metadata: meta, rules: rulesOf(argocd) },
    {
      apiVersion,
      kind: 'RoleBinding',
      metadata: meta,
      subjects: [{ kind: 'User', apiGroup: GROUP, name: principalId }],
      roleRef: { apiGroup: GROUP, kind: 'Role', name }
    }
  ]
}

function isOurs({ metadata: { labels } }: { readonly metadata: z.infer<typeof metadata> }): boolean {
  return labels?.['app.kubernetes.io/managed-by'] === 'patless'
}

function versionOf({
  metadata: { uid = '', resourceVersion = '' }
}: {
  readonly metadata: z.infer<typeof metadata>
}): { uid: string; resourceVersion: string } {
  return { uid, resourceVersion }
}

/** One line per right, in one order, so that two sets of rules can be compared. */
function textOf(rules: readonly { [K in keyof Rule]?: readonly string[] | undefined }[]): string {
  const rights = rules.flatMap(({ apiGroups = [], resources = [], resourceNames = [''], verbs = [] }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) =>
        resourceNames.flatMap((name) => verbs.map((verb) => `${verb} ${group}/${resource} ${name}`.trim()))
      )
    )
  )
  return [...new Set(rights)].toSorted().join(', ')
}

function subjectsOf({ subjects }: z.infer<typeof bindingShape>): string {
  return (subjects ?? []).map(({ kind, name }) => `${kind} ${name}`).join(', ')
}

function parsed<T>(shape: z.ZodMiniType<T>, object: unknown, plural: string): T | undefined {
  if (object === undefined) return undefined
  const { success, data } = shape.safeParse(object)
  if (success) return data
  throw new UnexpectedReply('Kubernetes', `get ${plural}`, 'not the shape of one')
}

function taken({ name, argocd: { namespace } }: Spec): FindingFacts {
  return {
    id: 'kubernetes-role/name-taken',
    summary: `There is a Role or RoleBinding ${name} in ${namespace} that Patless did not make: it is left as it is.`,
    expected: 'the label app.kubernetes.io/managed-by: patless',
    actual: 'not there',
    remedy: 'choose another name for the login (--login-name), which is also the name of the Role'
  }
}

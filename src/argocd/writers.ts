/**
 * Who wrote a field of an object, by the API server's own records (metadata.managedFields, kubernetes.io "Server-Side
 * Apply"). Whoever wrote it will usually write it again. A field that was removed is recorded for nobody.
 */
import type { V1ObjectMeta } from '@kubernetes/client-node'
import * as z from 'zod/mini'
import { toSafeLine } from '../core/safe-text.ts'
import { recordOf } from '../http/request.ts'

const entryShape = z.looseObject({
  manager: z.string(),
  time: z.optional(z.coerce.date()),
  subresource: z.nullish(z.string()),
  fieldsV1: z.optional(z.unknown())
})

/** Of Kubernetes and of Patless itself: they write, but nobody has to be asked. */
const OURS = /^(?:patless|kube-controller-manager|kube-scheduler|kubelet)/i

/** Names that programs write under. */
const PROGRAMS: readonly (readonly [RegExp, string])[] = [
  [/^helm$/i, 'Helm'],
  [/^argocd-(?:application-)?controller$/, 'Argo CD'],
  [/^(?:kustomize|helm)-controller$/, 'Flux'],
  [/^(?:terraform|hashicorp|opentofu).*$/i, 'Terraform'],
  [/^pulumi.*$/i, 'Pulumi'],
  [/^kubectl-client-side-apply$/, 'kubectl apply'],
  [/^kubectl-(annotate|create|edit|label|patch|replace|rollout|set)$/, 'kubectl $1']
]

/** @param manager a field manager, e.g. `kubectl-client-side-apply` */
export function programOf(manager: string): string {
  const [pattern, name] = PROGRAMS.find(([one]) => one.test(manager)) ?? []
  const said = toSafeLine(manager, 80)
  return pattern === undefined || name === undefined ? said : manager.replace(pattern, name)
}

/**
 * @param path of the field, e.g. `spec`, `template`, `metadata`, `labels`
 * @returns who wrote something there, the latest first, e.g. `kubectl edit (field manager kubectl-edit, 2026-01-31
 *   10:15 UTC)`
 */
export function writersOf(metadata: V1ObjectMeta | undefined, ...path: readonly string[]): string[] {
  const { managedFields } = recordOf(metadata)
  const entries = (Array.isArray(managedFields) ? managedFields : []).flatMap((one: unknown) => {
    const { data } = entryShape.safeParse(one)
    return data ? [data] : []
  })
  const wrote = entries.filter(
    ({ manager, subresource, fieldsV1 }) =>
      (subresource ?? '') === '' && !OURS.test(manager) && has(fieldsV1, path)
  )
  return wrote
    .toSorted((one, other) => (other.time?.valueOf() ?? 0) - (one.time?.valueOf() ?? 0))
    .map(({ manager, time }) => {
      const at = time === undefined ? '' : `, ${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`
      return `${programOf(manager)} (field manager ${toSafeLine(manager, 80)}${at})`
    })
}

function has(fields: unknown, path: readonly string[]): boolean {
  let at = fields
  for (const part of path) {
    at = recordOf(at)[`f:${part}`]
    if (at === undefined) return false
  }
  return true
}

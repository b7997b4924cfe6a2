/** A repo-server pod, as its process finds itself: environment, service account, projected token. */
import type { V1Container, V1EnvVar, V1Pod } from '@kubernetes/client-node'
import { kindOf, type Kind, type KubeObject } from '../kubernetes/objects.ts'
import type { Store } from '../kubernetes/store.ts'

export interface Pod {
  readonly uid: string
  readonly object: KubeObject
}

const SECRETS = kindOf('', 'secrets') as Kind
const CONFIGMAPS = kindOf('', 'configmaps') as Kind

export function isReady(object: KubeObject): boolean {
  const { status } = object as unknown as V1Pod
  return status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false
}

/** The one that runs the program, whatever it is called and wherever it stands: there may be others beside it. */
export function repoServerContainer({ object }: Pod): V1Container | undefined {
  const { spec } = object as unknown as V1Pod
  const containers = spec?.containers ?? []
  const runs = ({ command = [], args = [] }: V1Container): boolean =>
    [...command, ...args].some((word) => /(?:^|\/)argocd-repo-server$/.test(word))
  return containers.find(runs) ?? containers[0]
}

/** Of the container that runs the repo-server: `envFrom` first, then `env`, which wins. */
export function environmentOf(pod: Pod, store: Store): Map<string, string> {
  const { metadata } = pod.object as unknown as V1Pod
  const namespace = metadata?.namespace ?? ''
  const container = repoServerContainer(pod)
  const whole = (container?.envFrom ?? []).flatMap(({ secretRef, configMapRef }) => [
    ...Object.entries(secretOf(store, namespace, secretRef?.name)),
    ...Object.entries(configOf(store, namespace, configMapRef?.name))
  ])
  const valueOf = ({ value, valueFrom }: V1EnvVar): string | undefined => {
    const { secretKeyRef, configMapKeyRef } = valueFrom ?? {}
    if (secretKeyRef) return secretOf(store, namespace, secretKeyRef.name)[secretKeyRef.key]
    if (configMapKeyRef) return configOf(store, namespace, configMapKeyRef.name)[configMapKeyRef.key]
    return value ?? ''
  }
  const own = (container?.env ?? []).flatMap((one): [string, string][] => {
    const value = valueOf(one)
    return value === undefined ? [] : [[one.name, value]]
  })
  return new Map([...whole, ...own])
}

export function serviceAccountOf({ object }: Pod): { namespace: string; name: string } {
  const { metadata, spec } = object as unknown as V1Pod
  return { namespace: metadata?.namespace ?? '', name: spec?.serviceAccountName ?? 'default' }
}

/** Of the token that lies at the path in the container; undefined when none is mounted there. */
export function projectedAudience(pod: Pod, file: string): string | undefined {
  const { spec } = pod.object as unknown as V1Pod
  const mount = repoServerContainer(pod)?.volumeMounts?.find(({ mountPath }) =>
    file.startsWith(`${mountPath}/`)
  )
  const volume = spec?.volumes?.find(({ name }) => name === mount?.name)
  const inside = file.slice((mount?.mountPath.length ?? 0) + 1)
  const sources = volume?.projected?.sources ?? []
  return sources.find(({ serviceAccountToken }) => serviceAccountToken?.path === inside)?.serviceAccountToken
    ?.audience
}

function secretOf(store: Store, namespace: string, name: string | undefined): Record<string, string> {
  const data = (store.find(SECRETS, namespace, name ?? '')?.['data'] ?? {}) as Record<string, string>
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()])
  )
}

function configOf(store: Store, namespace: string, name: string | undefined): Record<string, string> {
  return (store.find(CONFIGMAPS, namespace, name ?? '')?.['data'] ?? {}) as Record<string, string>
}

interface Policy {
  readonly podSelector?: { readonly matchLabels?: Readonly<Record<string, string>> }
  readonly policyTypes?: readonly string[]
  readonly egress?: readonly { readonly to?: readonly unknown[] }[]
}

const POLICIES = kindOf('networking.k8s.io', 'networkpolicies') as Kind

/** Whether policies hold the pod back from the internet: those that select it for egress, and allow nothing there. */
export function isHeldBack({ object: { metadata } }: Pod, store: Store): boolean {
  const policies = store
    .list(POLICIES, metadata.namespace)
    .map(({ spec }) => spec as Policy)
    .filter(({ policyTypes = [], egress, podSelector }) => {
      const selected = Object.entries(podSelector?.matchLabels ?? {})
      const egressing = policyTypes.includes('Egress') || (policyTypes.length === 0 && egress !== undefined)
      return egressing && selected.every(([key, value]) => metadata.labels?.[key] === value)
    })
  const open = ({ egress = [] }: Policy): boolean =>
    egress.some(({ to = [] }) => to.length === 0 || JSON.stringify(to).includes('"ipBlock"'))
  return policies.length > 0 && !policies.some(open)
}

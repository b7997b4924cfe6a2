/** A repo-server pod, as its process finds itself: environment, service account, projected token. */
import type { V1EnvVar, V1Pod } from '@kubernetes/client-node'
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

/** Of the first container: `envFrom` first, then `env`, which wins. */
export function environmentOf({ object }: Pod, store: Store): Map<string, string> {
  const { metadata, spec } = object as unknown as V1Pod
  const namespace = metadata?.namespace ?? ''
  const [container] = spec?.containers ?? []
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

/** Of the token that the webhook had mounted. */
export function projectedAudience({ object }: Pod): string | undefined {
  const { spec } = object as unknown as V1Pod
  const sources = (spec?.volumes ?? []).flatMap(({ projected }) => projected?.sources ?? [])
  return sources.find(({ serviceAccountToken }) => serviceAccountToken)?.serviceAccountToken?.audience
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

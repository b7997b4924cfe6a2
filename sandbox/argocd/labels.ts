/** Labels and images of each way of installing. */
import { createHash } from 'node:crypto'
import type { Install } from './shapes.ts'

const KUBERNETES = 'app.kubernetes.io'

/** Of Deployments, service accounts and services. */
export function labelsOf(install: Install, component: string): Record<string, string> {
  if (install.unlabelled === true) return {}
  return {
    ...nameOf(install, component),
    ...chartOf(install),
    [`${KUBERNETES}/component`]: component,
    [`${KUBERNETES}/part-of`]: 'argocd',
    ...(install.owner === 'operator' ? { [`${KUBERNETES}/managed-by`]: install.release ?? '' } : {})
  }
}

/** Of pods: upstream's and the operator's carry the name only. */
export function templateLabelsOf(install: Install, component: string): Record<string, string> {
  if (install.unlabelled === true) return { app: `${install.prefix}-${component}` }
  if (install.owner === 'manifests' || install.owner === 'operator') return nameOf(install, component)
  return {
    ...labelsOf(install, component),
    ...(install.owner === 'extension' ? { [`${KUBERNETES}/managed-by`]: 'Microsoft.ArgoCD' } : {})
  }
}

export function imageOf(install: Install, component: string): string {
  const { owner, version, digest } = install
  if (component === 'redis') return 'public.ecr.aws/docker/library/redis:8.2.2-alpine'
  if (component === 'dex-server') return 'ghcr.io/dexidp/dex:v2.43.0'
  if (owner === 'extension') return `mcr.microsoft.com/oss/v2/argoproj/argocd:${version}`
  if (digest !== true) return `quay.io/argoproj/argocd:${version}`
  return `quay.io/argoproj/argocd@sha256:${createHash('sha256').update(version).digest('hex')}`
}

function nameOf({ owner, prefix }: Install, component: string): Record<string, string> {
  const chart = owner === 'helm' || owner === 'extension'
  return { [`${KUBERNETES}/name`]: `${chart ? 'argocd' : prefix}-${component}` }
}

function chartOf({ owner, release = '', version }: Install): Record<string, string> {
  if (owner !== 'helm' && owner !== 'extension') return {}
  return {
    [`${KUBERNETES}/instance`]: release,
    [`${KUBERNETES}/managed-by`]: 'Helm',
    [`${KUBERNETES}/version`]: version,
    'helm.sh/chart': 'argo-cd-10.1.1'
  }
}

/**
 * The Application by which Argo CD is asked to read a repository that no other Application uses: no finalizer, no
 * sync, no manifest. Everything of it follows from the URL, so that one which is left over can be known again.
 */
import { createHash } from 'node:crypto'
import { REFRESH } from '../services/kubernetes/argocd-objects.ts'
import { IN_CLUSTER } from './instance.ts'
import { MANAGED_BY } from './secrets.ts'
import { normalized } from './urls.ts'

export const PROBE_LABEL = 'patless/probe'
export const PROBE_LABELS = { [MANAGED_BY]: 'patless', [PROBE_LABEL]: 'true' } as const

/** @param nonce six hex digits, others for each run: two at once must not take each other's away */
export function probeName(url: string, nonce: string, project = 'default'): string {
  const hash = createHash('sha256')
    .update(`${project} ${normalized(url)}`)
    .digest('hex')
    .slice(0, 8)
  return `patless-probe-${hash}-${nonce}`
}

/** @param namespace Argo CD's own. @param project Argo CD's project whose connection is asked for */
export function probeSpec(url: string, namespace: string, project: string) {
  return {
    project,
    source: {
      repoURL: url,
      targetRevision: 'HEAD',
      path: '.',
      // An explicit type, and a file that is never there: nothing is rendered, nothing could be deployed.
      directory: { include: 'patless-probe-no-such-file.yaml' }
    },
    destination: { server: IN_CLUSTER, namespace }
  }
}

export function probeMetadata(url: string, nonce: string, project = 'default'): object {
  return { name: probeName(url, nonce, project), labels: PROBE_LABELS, annotations: { [REFRESH]: 'hard' } }
}

/**
 * The Application that makes Argo CD read a repository which no other Application uses: no finalizer, no sync, no
 * manifest. All of it derives from the URL, so that a later run recognizes a probe that was left over.
 */
import { createHash } from 'node:crypto'
import { REFRESH } from '../services/kubernetes/argocd-objects.ts'
import { IN_CLUSTER } from './instance.ts'
import { MANAGED_BY } from './managers.ts'
import { normalized } from './urls.ts'

const HEAD = 'HEAD'
export const PROBE_LABEL = 'patless/probe'
export const PROBE_LABELS = { [MANAGED_BY]: 'patless', [PROBE_LABEL]: 'true' } as const

/** @param nonce six hex digits that differ per run, so that concurrent runs do not delete each other's probe */
export function probeName(url: string, nonce: string, project = 'default'): string {
  const hash = createHash('sha256')
    .update(`${project} ${normalized(url)}`)
    .digest('hex')
    .slice(0, 8)
  return `patless-probe-${hash}-${nonce}`
}

/**
 * @param namespace Argo CD's own. @param project the Argo CD project whose connection is tested
 * @param revision `HEAD`, or a branch where HEAD names none that exists
 */
export function probeSpec(url: string, namespace: string, project: string, revision = HEAD) {
  return {
    project,
    source: {
      repoURL: url,
      targetRevision: revision,
      path: '.',
      // An explicit source type and a file that never exists: Argo CD renders nothing, so it cannot deploy anything.
      directory: { include: 'patless-probe-no-such-file.yaml' }
    },
    destination: { server: IN_CLUSTER, namespace }
  }
}

/** Whether Patless would ask for this revision. */
export function isProbeRevision(revision: string | undefined): revision is string {
  return revision !== undefined && /^(?:HEAD$|refs\/(?:heads|tags)\/)/.test(revision)
}

export function probeMetadata(url: string, nonce: string, project = 'default'): object {
  return { name: probeName(url, nonce, project), labels: PROBE_LABELS, annotations: { [REFRESH]: 'hard' } }
}

/**
 * An Application that manages the Argo CD in which it runs. A sync by apply keeps what others added; Replace=true
 * removes it. (The real Argo CD syncs only when a field of its manifests differs; the twin syncs on each refresh, the
 * worst case.)
 */
import { kindOf, type Kind, type KubeObject } from '../kubernetes/objects.ts'
import { patched } from '../kubernetes/patches.ts'
import type { Store } from '../kubernetes/store.ts'
import type { Installed } from './manifests.ts'

const DEPLOYMENTS = kindOf('apps', 'deployments') as Kind
const ACCOUNTS = kindOf('', 'serviceaccounts') as Kind

export function syncOwnManifests(
  store: Store,
  { install, deployment, serviceAccount }: Installed,
  application: KubeObject
): void {
  const { syncPolicy } = application.spec as { syncPolicy?: { automated?: unknown; syncOptions?: string[] } }
  if (syncPolicy?.automated === undefined) return
  const replace = syncPolicy.syncOptions?.includes('Replace=true') === true
  const apply = (kind: Kind, wanted: KubeObject): void => {
    const live = store.find(kind, install.namespace, wanted.metadata.name)
    if (!live) return
    const { labels, annotations } = wanted.metadata
    const metadata = {
      name: wanted.metadata.name,
      ...(labels && { labels }),
      ...(annotations && { annotations })
    }
    const manifest: KubeObject = { apiVersion: wanted.apiVersion, kind: wanted.kind, metadata }
    if (wanted.spec !== undefined) manifest.spec = wanted.spec
    const next = replace
      ? { ...manifest, ...(live.status === undefined ? {} : { status: live.status }) }
      : patched(live, 'application/apply-patch+yaml', JSON.stringify(manifest))
    store.update(kind, live, next)
  }
  apply(ACCOUNTS, serviceAccount)
  apply(DEPLOYMENTS, deployment)
}

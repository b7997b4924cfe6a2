/** What programs beside Argo CD say about credentials: read where the login may, else a warning says what was not seen. */
import type { V1Secret } from '@kubernetes/client-node'
import { NOTIFICATIONS } from '../argocd/inventory/from-notifications.ts'
import type { ClusterObjects } from '../argocd/inventory/inventory.ts'
import { mapBounded } from '../core/concurrency.ts'
import type { FindingFacts } from '../core/finding.ts'
import { HttpProblem } from '../http/errors.ts'
import type { Kubernetes } from '../services/kubernetes/api.ts'
import { imageUpdaters } from '../services/kubernetes/image-updaters.ts'

export interface Consuming {
  readonly consumers: Required<Pick<ClusterObjects, 'writeBacks' | 'notifications'>>
  readonly unseen: readonly FindingFacts[]
}

/**
 * @param scope namespace of ImageUpdaters; undefined: the whole cluster
 * @param secrets of the Argo CDs: notifications can use nothing where their Secret is empty
 */
export async function readConsumers(
  scope: string | undefined,
  secrets: readonly V1Secret[],
  api: Kubernetes
): Promise<Consuming> {
  const unseen: FindingFacts[] = []
  const orUnseen = async <T>(question: Promise<T>, what: string, right: string): Promise<T | undefined> => {
    try {
      return await question
    } catch (error) {
      if (!(error instanceof HttpProblem) || error.status !== 403) throw error
      unseen.push(notSeen(what, right))
      return undefined
    }
  }
  const homes = secrets.flatMap(({ metadata, data = {} }) =>
    metadata?.name === NOTIFICATIONS.secret && Object.keys(data).length > 0 ? (metadata.namespace ?? []) : []
  )
  const [writeBacks = [], configurations] = await Promise.all([
    orUnseen(
      imageUpdaters(api, scope),
      'with which credentials Argo CD Image Updater commits',
      'list imageupdaters.argocd-image-updater.argoproj.io'
    ),
    mapBounded(homes, async (home) => {
      const asked = api.reads.configuration(home, NOTIFICATIONS.configuration)
      const right = `get configmap ${NOTIFICATIONS.configuration}`
      const found = await orUnseen(
        asked,
        `which tokens in ${home}/${NOTIFICATIONS.secret} are for Azure DevOps`,
        `${right} in ${home}`
      )
      return found === undefined ? [] : [[home, found] as const]
    })
  ])
  return { consumers: { writeBacks, notifications: new Map(configurations.flat()) }, unseen }
}

function notSeen(what: string, right: string): FindingFacts {
  return {
    id: 'stored-credential/not-seen',
    summary: `Patless cannot see ${what}, because the login may not ${right}.`,
    expected: right,
    actual: 'not allowed',
    remedy: 'apply docs/permissions/kubernetes-role-audit.yaml'
  }
}

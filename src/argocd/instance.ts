/**
 * One Argo CD: its repo-server, the service account that its pods use, and the owner of its objects. A setting must be
 * written where the owner keeps it, or the owner reverts it (facts from argo-cd's manifests, argo-helm, argocd-operator
 * and the AKS extension).
 */
import type { V1Container, V1Deployment } from '@kubernetes/client-node'
import type { ListedCredential } from '../services/azure/listed-credential.ts'
import { ownerOf, type Owner } from './managers.ts'
import { versionOfImage } from './version.ts'

/** The cluster that Argo CD itself runs in, as a destination of Applications. */
export const IN_CLUSTER = 'https://kubernetes.default.svc'

export interface RepoServer {
  readonly namespace: string
  readonly deployment: string
  readonly container: string
  /** The account that its pods use now. */
  readonly serviceAccount: string
  readonly replicas: number
  /** Labels that select its pods. */
  readonly podLabels: Readonly<Record<string, string>>
  /** From the image tag; undefined for a digest or a custom tag. */
  readonly version: string | undefined
  readonly owner: Owner
  /** The Deployment as it was read during discovery. */
  readonly object: V1Deployment
}

/** The Argo CD of a run, and the decisions about it. */
export interface Instance extends RepoServer {
  readonly clusterId: string | undefined
  /** Where the identity must be written so that it lasts. */
  readonly configuration: 'manifests' | 'operator' | 'extension'
  /**
   * The service account that its pods must use; it differs from the current one when that is `default`, which other
   * pods share.
   */
  readonly account: string
  /** Subject of its tokens: `system:serviceaccount:<namespace>:<account>`. */
  readonly subject: string
  /** The identity's credentials, read during discovery; undefined when they could not be read. */
  readonly credentials: readonly ListedCredential[] | undefined
  readonly extension:
    | {
        readonly name: string
        readonly keys: ExtensionKeys
        readonly settings: Readonly<Record<string, string>>
      }
    | undefined
  /** The namespace that the login may list; undefined: the whole cluster. */
  readonly scope: string | undefined
}

/**
 * Setting names depend on the extension's version; it accepts those of other versions and ignores them
 * (Azure/AKS#5600).
 */
export interface ExtensionKeys {
  readonly enabled: string
  readonly clientId: string
}

/** Reads a Deployment as a repo-server; `discovery.ts` decides whether it is one. */
export function repoServerOf(object: V1Deployment): RepoServer {
  const { metadata, spec } = object
  const pod = spec?.template.spec
  const containers = pod?.containers ?? []
  const container = runningIn(containers)
  return {
    namespace: metadata?.namespace ?? '',
    deployment: metadata?.name ?? '',
    container: container?.name ?? '',
    serviceAccount: pod?.serviceAccountName ?? 'default',
    replicas: spec?.replicas ?? 1,
    podLabels: spec?.selector.matchLabels ?? {},
    version: versionOfImage(container?.image),
    owner: ownerOf(object, container?.image ?? ''),
    object
  }
}

/** The one that runs the program; where that does not show, the one of its name: there may be others beside it. */
function runningIn(containers: readonly V1Container[]): V1Container | undefined {
  return (
    containers.find((one) => runs(one, 'argocd-repo-server')) ??
    containers.find(({ name }) => name === 'argocd-repo-server' || name === 'repo-server') ??
    containers.find(({ name }) => name.endsWith('repo-server')) ??
    containers[0]
  )
}

/** Whether the program is the image, the command, an argument of an entry point, or a word of a shell line. */
export function runs({ image = '', args = [], command = [] }: V1Container, program: string): boolean {
  const repository = image.split('@')[0]?.replace(/:[^/:]*$/, '') ?? ''
  const words = [...command, ...args].flatMap((one) => one.split(/\s/))
  return [repository, ...words].some((word) => word === program || word.endsWith(`/${program}`))
}

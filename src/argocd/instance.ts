/**
 * One Argo CD: its repo-server, the service account its pods really use, and who owns the objects. The owner decides
 * where a setting lasts: another hand would take it away again (facts from argo-cd's manifests, argo-helm,
 * argocd-operator and the AKS extension).
 */
import type { V1Deployment } from '@kubernetes/client-node'
import type { ListedCredential } from '../services/azure/managed-identities.ts'
import { versionOfImage } from './version.ts'

/** The cluster that Argo CD itself runs in, as a destination of Applications. */
export const IN_CLUSTER = 'https://kubernetes.default.svc'

export type Owner =
  | { readonly kind: 'plain' }
  | { readonly kind: 'helm'; readonly release: string }
  /** `argocd-operator` or OpenShift GitOps: the ArgoCD resource of the same namespace. */
  | { readonly kind: 'operator'; readonly resource: string }
  /** The AKS extension Microsoft.ArgoCD. */
  | { readonly kind: 'extension' }
  /** Argo CD manages itself by this Application. */
  | { readonly kind: 'application'; readonly namespace: string; readonly name: string }

export interface RepoServer {
  readonly namespace: string
  readonly deployment: string
  readonly container: string
  /** Of argocd-server, as the API server's proxy names it. */
  readonly server: string
  /** That its pods use now. */
  readonly serviceAccount: string
  readonly replicas: number
  /** Selects its pods. */
  readonly podLabels: Readonly<Record<string, string>>
  /** From the image tag; undefined for a digest or a tag of one's own. */
  readonly version: string | undefined
  readonly owner: Owner
  /** As it was when it was found. */
  readonly object: V1Deployment
}

/** The Argo CD of a run, with what was decided about it. */
export interface Instance extends RepoServer {
  readonly clusterId: string | undefined
  /** Where the identity is written so that it lasts. */
  readonly configuration: 'manifests' | 'operator' | 'extension'
  /** The service account that its pods are to use: another than now where now it is one that everything uses. */
  readonly account: string
  /** `system:serviceaccount:<namespace>:<account>`, as its tokens say. */
  readonly subject: string
  /** Of the identity, read while Argo CD was looked for; undefined when they could not be. */
  readonly credentials: readonly ListedCredential[] | undefined
  readonly extension:
    | {
        readonly name: string
        readonly keys: ExtensionKeys
        readonly settings: Readonly<Record<string, string>>
      }
    | undefined
  /** Whether the whole cluster may be looked at, or its namespace only. */
  readonly scope: string | undefined
}

/** Setting names of the extension: another generation's are accepted, and do nothing (Azure/AKS#5600). */
export interface ExtensionKeys {
  readonly enabled: string
  readonly clientId: string
}

/** A Deployment read as a repo-server; whether it is one is judged in `discovery.ts`. */
export function repoServerOf(object: V1Deployment): RepoServer {
  const { metadata, spec } = object
  const pod = spec?.template.spec
  const containers = pod?.containers ?? []
  const container = containers.find(({ name }) => name.endsWith('repo-server')) ?? containers[0]
  return {
    namespace: metadata?.namespace ?? '',
    deployment: metadata?.name ?? '',
    server: `https:${metadata?.name?.replace(/repo-server$/, 'server') ?? ''}:443`,
    container: container?.name ?? '',
    serviceAccount: pod?.serviceAccountName ?? 'default',
    replicas: spec?.replicas ?? 1,
    podLabels: spec?.selector.matchLabels ?? {},
    version: versionOfImage(container?.image),
    owner: ownerOf(object, container?.image ?? ''),
    object
  }
}

const TRACKING = 'argocd.argoproj.io/tracking-id'
const RELEASE = 'meta.helm.sh/release-name'

/** The stronger evidence first: an Application that renders a chart leaves the chart's labels as well. */
function ownerOf({ metadata, spec }: V1Deployment, image: string): Owner {
  const { annotations = {}, labels = {}, namespace = '', ownerReferences = [] } = metadata ?? {}
  const resource = ownerReferences.find(({ kind }) => kind === 'ArgoCD')?.name
  if (resource !== undefined) return { kind: 'operator', resource }
  const podLabels = spec?.template.metadata?.labels ?? {}
  if (podLabels[MANAGED_BY] === 'Microsoft.ArgoCD' || image.startsWith('mcr.microsoft.com/'))
    return { kind: 'extension' }
  const [tracked] = annotations[TRACKING]?.split(':') ?? []
  if (tracked !== undefined) return applicationOf(tracked, namespace)
  const release = annotations[RELEASE]
  if (release !== undefined) return { kind: 'helm', release }
  const instance = labels['app.kubernetes.io/instance']
  if (instance === undefined) return { kind: 'plain' }
  // Helm and Argo CD's label tracking set the same label; Helm says so in another.
  return labels[MANAGED_BY] === 'Helm'
    ? { kind: 'helm', release: instance }
    : applicationOf(instance, namespace)
}

const MANAGED_BY = 'app.kubernetes.io/managed-by'

/** An Application outside Argo CD's namespace is tracked as `<namespace>_<name>`. */
function applicationOf(tracked: string, home: string): Owner {
  const [, namespace = home, name = tracked] = /^([^_]+)_(.+)$/.exec(tracked) ?? []
  return { kind: 'application', namespace, name }
}

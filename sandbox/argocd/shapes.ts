/**
 * The ways in which Argo CD comes into a cluster (upstream manifests, argo-helm, operator, AKS extension). Plain data.
 */

export interface Install {
  /** Its name in `GET /state`; all but the first are names of defects. */
  readonly shape: string
  readonly owner: 'manifests' | 'helm' | 'operator' | 'extension'
  readonly namespace: string
  /** Of every name: `argocd` upstream, `argo-cd-argocd` for a Helm release argo-cd. */
  readonly prefix: string
  readonly version: string
  readonly replicas: number
  /** Helm release, or name of the ArgoCD resource. */
  readonly release?: string
  /** Of the extension: 0.0.x or 1.x. */
  readonly extensionVersion?: string
  /** Of the repo-server's Deployment, where the prefix does not make it. */
  readonly deployment?: string
  /** Of the repo-server's pods, where it is not the Deployment's name. */
  readonly serviceAccount?: string
  /** No server, dex or notifications. */
  readonly core?: boolean
  /** The image is named by digest only. */
  readonly digest?: boolean
  /** None of the app.kubernetes.io labels. */
  readonly unlabelled?: boolean
  /** Managed by its own Application; `replace`: with the sync option Replace=true. */
  readonly selfManaged?: 'apply' | 'replace'
}

export const UPSTREAM: Install = {
  shape: 'upstream',
  owner: 'manifests',
  namespace: 'argocd',
  prefix: 'argocd',
  version: 'v3.2.0',
  replicas: 1
}

const EXTENSION: Omit<Install, 'shape'> = {
  ...UPSTREAM,
  owner: 'extension',
  release: 'argocd',
  version: 'v3.2.5',
  extensionVersion: '1.0.3'
}

const VARIANTS: Readonly<Record<string, Partial<Install>>> = {
  'argocd-2-14': { version: 'v2.14.21' },
  'argocd-3-0-12': { version: 'v3.0.12' },
  'argocd-3-1-0': { version: 'v3.1.0' },
  'argocd-3-0-13': { version: 'v3.0.13' },
  'argocd-3-3-0': { version: 'v3.3.0' },
  'argocd-3-5-1': { version: 'v3.5.1' },
  'argocd-3-2-0': { version: 'v3.2.0' },
  'argocd-3-2-0-rc1': { version: 'v3.2.0-rc1' },
  'ha-install': { replicas: 2 },
  'core-install': { core: true },
  'unlabelled-install': { unlabelled: true },
  'version-by-digest': { digest: true },
  'helm-install': { owner: 'helm', prefix: 'argo-cd-argocd', release: 'argo-cd' },
  'helm-release-argocd': { owner: 'helm', release: 'argocd' },
  'helm-default-account': {
    owner: 'helm',
    prefix: 'argo-cd-argocd',
    release: 'argo-cd',
    serviceAccount: 'default'
  },
  'operator-install': { owner: 'operator', release: 'argocd', serviceAccount: 'default', digest: true },
  'openshift-install': {
    owner: 'operator',
    namespace: 'openshift-gitops',
    prefix: 'openshift-gitops',
    release: 'openshift-gitops',
    serviceAccount: 'default',
    digest: true
  },
  'kube-system-install': { namespace: 'kube-system' },
  'self-managed-install': { selfManaged: 'apply' },
  'self-managed-replace': { selfManaged: 'replace' },
  'extension-install': EXTENSION,
  'extension-0-0-install': {
    ...EXTENSION,
    version: 'v3.0.16',
    extensionVersion: '0.0.7-preview',
    deployment: 'argocd-repo-server-argocd-repo-server',
    serviceAccount: 'argocd-repo-server'
  },
  'extension-deaf': EXTENSION
}

/** By the name of the defect that installs it. */
export const SHAPES: Readonly<Record<string, Install>> = Object.fromEntries(
  Object.entries(VARIANTS).map(([shape, variant]) => [shape, { ...UPSTREAM, ...variant, shape }])
)

/** What `PUT …/extensions/{name}` installs: the chart's names for the release. */
export function extensionInstall(name: string, namespace: string, extensionVersion: string): Install {
  const old = extensionVersion.startsWith('0.0.')
  const shape = SHAPES[old ? 'extension-0-0-install' : 'extension-install'] ?? UPSTREAM
  const prefix = name.includes('argocd') ? name : `${name}-argocd`
  return { ...shape, namespace, prefix, release: name, extensionVersion }
}

export function repoServerOf({ prefix, deployment, serviceAccount }: Install): {
  deployment: string
  serviceAccount: string
} {
  const name = deployment ?? `${prefix}-repo-server`
  return { deployment: name, serviceAccount: serviceAccount ?? name }
}

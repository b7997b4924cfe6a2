/**
 * Who else writes an object: a tool that makes it from a source of its own and reverts what Patless changes in it.
 * Patless then either refuses the change or reports who will revert it, and always says what to put into the source.
 * (Labels and annotations: external-secrets, sealed-secrets, Helm, Argo CD resource tracking, Flux.)
 */
import type { V1Deployment, V1ObjectMeta } from '@kubernetes/client-node'
import { toSafeLine } from '../core/safe-text.ts'
import type { FindingFacts } from '../core/finding.ts'
import { word } from '../core/shell.ts'
import { writersOf } from './writers.ts'

export interface Manager {
  readonly kind: 'ExternalSecret' | 'SealedSecret' | 'controller' | 'Helm' | 'Argo CD' | 'Flux' | 'Terraform'
  /** The tool's name for use in a sentence. */
  readonly who: string
  /** Name of its source: a resource, release or Application. */
  readonly name: string
  /** It rewrites the whole object from its source, immediately or within the hour. */
  readonly reverts: boolean
}

export const MANAGED_BY = 'app.kubernetes.io/managed-by'

const MARKS = {
  externalLabel: 'reconcile.external-secrets.io/managed',
  externalHash: 'reconcile.external-secrets.io/data-hash',
  sealed: 'sealedsecrets.bitnami.com/managed',
  release: 'meta.helm.sh/release-name',
  tracking: 'argocd.argoproj.io/tracking-id',
  instance: 'app.kubernetes.io/instance',
  ownInstance: 'argocd.argoproj.io/instance',
  kustomization: 'kustomize.toolkit.fluxcd.io/name',
  helmRelease: 'helm.toolkit.fluxcd.io/name'
} as const

/**
 * Checks the strongest evidence first; undefined when there is none. Names are arbitrary text, so only one safe line is
 * kept.
 */
export function managerOf(metadata: V1ObjectMeta | undefined): Manager | undefined {
  const found = readManager(metadata)
  return found && { ...found, who: toSafeLine(found.who, 200), name: toSafeLine(found.name, LONGEST_NAME) }
}

/** Limit of Kubernetes, in characters. */
const LONGEST_NAME = 253

function readManager(metadata: V1ObjectMeta | undefined): Manager | undefined {
  const { ownerReferences, annotations = {}, labels = {}, name: own = '' } = metadata ?? {}
  // Unreadable references name no manager; `ownership.ts` still reports that they exist.
  const owners = Array.isArray(ownerReferences) ? ownerReferences : []
  const owner =
    owners.find(({ controller }) => controller === true) ??
    owners.find(({ kind }) => secretSource(kind) !== undefined)
  if (owner) {
    const [kind, name] = [readableName(owner.kind), readableName(owner.name)]
    // A command is printed only with a valid name.
    const known = name === owner.name ? secretSource(kind) : undefined
    return { kind: known ?? 'controller', who: `the controller of ${kind} ${name}`, name, reverts: true }
  }
  if (labels[MARKS.externalLabel] === 'true' || annotations[MARKS.externalHash] !== undefined)
    return { kind: 'ExternalSecret', who: 'external-secrets', name: own, reverts: true }
  if (annotations[MARKS.sealed] === 'true')
    return { kind: 'SealedSecret', who: 'sealed-secrets', name: own, reverts: true }
  const flux = labels[MARKS.kustomization] ?? labels[MARKS.helmRelease]
  if (flux !== undefined) return { kind: 'Flux', who: `Flux (${flux})`, name: flux, reverts: false }
  const source = sourceOf(metadata)
  if (source?.kind === 'helm') {
    const release = readableName(source.release ?? own)
    return { kind: 'Helm', who: `Helm (release ${release})`, name: release, reverts: false }
  }
  if (!source)
    return isOfTerraform(metadata)
      ? { kind: 'Terraform', who: 'Terraform', name: own, reverts: false }
      : byFields(metadata)
  const name = readableName(source.tracked)
  return { kind: 'Argo CD', who: `Argo CD (Application ${name})`, name, reverts: false }
}

/**
 * Its providers send `HashiCorp/1.0 Terraform/…` as user agent, or write as the field manager `Terraform`; a label is the
 * habit of many.
 */
function isOfTerraform({ managedFields, labels = {} }: V1ObjectMeta = {}): boolean {
  const writers = Array.isArray(managedFields) ? managedFields : []
  return (
    labels[MANAGED_BY]?.toLowerCase() === 'terraform' ||
    writers.some(({ manager }) => /^(?:terraform|hashicorp|opentofu)/i.test(String(manager)))
  )
}

/** Without a mark of theirs, tools that apply an object again are known by the fields that they wrote. */
function byFields(metadata: V1ObjectMeta | undefined): Manager | undefined {
  const { name = '' } = metadata ?? {}
  for (const who of writersOf(metadata)) {
    const kind = APPLIERS.find((one) => who.startsWith(`${one} (`))
    if (kind !== undefined) return { kind, who, name, reverts: false }
  }
  return undefined
}

const APPLIERS = ['Helm', 'Argo CD', 'Flux'] as const

/** Whoever installs and updates Argo CD itself. */
export type Owner =
  | { readonly kind: 'plain' }
  | { readonly kind: 'helm'; readonly release: string }
  /** `argocd-operator` or OpenShift GitOps: the ArgoCD resource of the same namespace. */
  | { readonly kind: 'operator'; readonly resource: string }
  /** The AKS extension Microsoft.ArgoCD. */
  | { readonly kind: 'extension' }
  /** Argo CD manages itself by this Application. */
  | { readonly kind: 'application'; readonly namespace: string; readonly name: string }

/** @param image of the repo-server: the AKS extension has a registry of its own */
export function ownerOf({ metadata, spec }: V1Deployment, image: string): Owner {
  const { namespace = '', ownerReferences = [] } = metadata ?? {}
  const resource = ownerReferences.find(({ kind }) => kind === 'ArgoCD')?.name
  if (resource !== undefined) return { kind: 'operator', resource }
  const podLabels = spec?.template.metadata?.labels ?? {}
  if (podLabels[MANAGED_BY] === 'Microsoft.ArgoCD' || image.startsWith('mcr.microsoft.com/'))
    return { kind: 'extension' }
  const source = sourceOf(metadata)
  if (source?.kind === 'application') return applicationOf(source.tracked, namespace)
  return source?.release === undefined ? { kind: 'plain' } : { kind: 'helm', release: source.release }
}

/** Argo CD tracks an Application outside its own namespace as `<namespace>_<name>`. */
function applicationOf(tracked: string, home: string): Owner {
  const [, namespace = home, name = tracked] = /^([^_]+)_(.+)$/.exec(tracked) ?? []
  return { kind: 'application', namespace, name }
}

type Source =
  | { readonly kind: 'application'; readonly tracked: string }
  | { readonly kind: 'helm'; readonly release: string | undefined }

/**
 * The Application or the Helm release that an object comes from. Argo CD's tracking is checked first, because an
 * Application that renders a chart leaves the chart's labels as well. Helm and Argo CD's label tracking both set the
 * label `instance`; only Helm also sets `managed-by`.
 */
function sourceOf({ annotations = {}, labels = {} }: V1ObjectMeta = {}): Source | undefined {
  const tracked = annotations[MARKS.tracking]?.split(':')[0] ?? labels[MARKS.ownInstance]
  if (tracked !== undefined) return { kind: 'application', tracked }
  const instance = labels[MARKS.instance]
  const release = annotations[MARKS.release]
  if (release !== undefined) return { kind: 'helm', release }
  if (labels[MANAGED_BY] === 'Helm') return { kind: 'helm', release: instance }
  return instance === undefined ? undefined : { kind: 'application', tracked: instance }
}

function secretSource(kind: string): 'ExternalSecret' | 'SealedSecret' | undefined {
  return kind === 'ExternalSecret' || kind === 'SealedSecret' ? kind : undefined
}

/** Owner references and annotations hold arbitrary text; a text that the user copies may only hold a valid name. */
function readableName(name: string): string {
  return /^[a-z0-9][\w.-]{0,252}$/i.test(name) ? name : '(unreadable)'
}

/** What to change in the source of a Secret so that it gets these keys and keeps all others. */
export function secretPatch(
  { kind, name, who }: Manager,
  namespace: string,
  secret: string,
  data: Readonly<Record<string, string>>
): Pick<FindingFacts, 'remedy' | 'command'> {
  const patching = (resource: string, spec: object): string =>
    `kubectl -n ${word(namespace)} patch ${resource} ${word(name)} --type merge -p ${word(JSON.stringify({ spec }))}`
  const pairs = Object.entries(data)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
    .join(', ')
  if (kind === 'ExternalSecret')
    return {
      remedy: 'in the source of the ExternalSecret, or with the command',
      command: patching('externalsecret', { target: { template: { mergePolicy: 'Merge', data } } })
    }
  if (kind === 'SealedSecret')
    return {
      remedy: 'in the source of the SealedSecret, or with the command',
      command: patching('sealedsecret', { template: { data } })
    }
  if (kind === 'controller') return { remedy: `let ${who} write ${pairs} into the Secret ${secret}` }
  if (kind === 'Terraform') return { remedy: `in the configuration that has the Secret ${secret}: ${pairs}` }
  if (kind === 'Helm')
    return { remedy: `in the values or the template of release ${name}, for the Secret ${secret}: ${pairs}` }
  const patch = { apiVersion: 'v1', kind: 'Secret', metadata: { name: secret }, stringData: data }
  // JSON is valid YAML.
  return {
    remedy: `add to the kustomization of ${name}:
patches:
  - target: {kind: Secret, name: ${JSON.stringify(secret)}}
    patch: '${JSON.stringify(patch).replaceAll("'", "''")}'`
  }
}

/**
 * Who else writes an object: another tool that made it from a source of its own. What Patless changes beside it lasts
 * until that tool says otherwise, so either the change is refused, or it is said who will undo it; always with what to
 * put into the source. (Marks: external-secrets, sealed-secrets, Helm, Argo CD resource tracking, Flux.)
 */
import type { V1ObjectMeta } from '@kubernetes/client-node'
import { toSafeLine } from '../core/safe-text.ts'
import { word } from '../core/shell.ts'

export interface Manager {
  readonly kind: 'ExternalSecret' | 'SealedSecret' | 'controller' | 'Helm' | 'Argo CD' | 'Flux'
  /** As it is called in a sentence. */
  readonly who: string
  /** Of its source: resource, release or Application. */
  readonly name: string
  /** It makes the whole object anew from its source, at once or within the hour. */
  readonly reverts: boolean
}

const MARKS = {
  externalLabel: 'reconcile.external-secrets.io/managed',
  externalHash: 'reconcile.external-secrets.io/data-hash',
  sealed: 'sealedsecrets.bitnami.com/managed',
  release: 'meta.helm.sh/release-name',
  tracking: 'argocd.argoproj.io/tracking-id',
  instance: 'app.kubernetes.io/instance',
  ownInstance: 'argocd.argoproj.io/instance',
  managedBy: 'app.kubernetes.io/managed-by',
  kustomization: 'kustomize.toolkit.fluxcd.io/name',
  helmRelease: 'helm.toolkit.fluxcd.io/name'
} as const

/** The strongest evidence first; undefined when nothing speaks for one. Names are anybody's text: one line of it. */
export function managerOf(metadata: V1ObjectMeta | undefined): Manager | undefined {
  const found = marked(metadata)
  return found && { ...found, who: toSafeLine(found.who, 200), name: toSafeLine(found.name, LONGEST_NAME) }
}

/** Of what Kubernetes takes for a name, in characters. */
const LONGEST_NAME = 253

function marked(metadata: V1ObjectMeta | undefined): Manager | undefined {
  const { ownerReferences, annotations = {}, labels = {}, name: own = '' } = metadata ?? {}
  // What cannot be read is nobody's mark; that it is there is `ownership`'s to say.
  const owners = Array.isArray(ownerReferences) ? ownerReferences : []
  const owner =
    owners.find(({ controller }) => controller === true) ??
    owners.find(({ kind }) => sourceOf(kind) !== undefined)
  if (owner) {
    const [kind, name] = [plainly(owner.kind), plainly(owner.name)]
    // A command is only printed with a name that is one.
    const known = name === owner.name ? sourceOf(kind) : undefined
    return { kind: known ?? 'controller', who: `the controller of ${kind} ${name}`, name, reverts: true }
  }
  if (labels[MARKS.externalLabel] === 'true' || annotations[MARKS.externalHash] !== undefined)
    return { kind: 'ExternalSecret', who: 'external-secrets', name: own, reverts: true }
  if (annotations[MARKS.sealed] === 'true')
    return { kind: 'SealedSecret', who: 'sealed-secrets', name: own, reverts: true }
  const flux = labels[MARKS.kustomization] ?? labels[MARKS.helmRelease]
  if (flux !== undefined) return { kind: 'Flux', who: `Flux (${flux})`, name: flux, reverts: false }
  const tracked = annotations[MARKS.tracking]?.split(':')[0] ?? labels[MARKS.ownInstance]
  if (tracked !== undefined) return application(tracked)
  const helm = labels[MARKS.managedBy] === 'Helm'
  const instance = labels[MARKS.instance]
  const given = annotations[MARKS.release] ?? (helm ? (instance ?? own) : undefined)
  if (given !== undefined) {
    const release = plainly(given)
    return { kind: 'Helm', who: `Helm (release ${release})`, name: release, reverts: false }
  }
  return instance === undefined ? undefined : application(instance)
}

function sourceOf(kind: string): 'ExternalSecret' | 'SealedSecret' | undefined {
  return kind === 'ExternalSecret' || kind === 'SealedSecret' ? kind : undefined
}

/** Owners and annotations hold any text; what is printed as something to copy holds no more than a name. */
function plainly(name: string): string {
  return /^[a-z0-9][\w.-]{0,252}$/i.test(name) ? name : '(unreadable)'
}

function application(tracked: string): Manager {
  const name = plainly(tracked)
  return { kind: 'Argo CD', who: `Argo CD (Application ${name})`, name, reverts: false }
}

/** What to change in the source of a Secret so that it holds these keys, others left as they are. */
export function secretPatch(
  { kind, name, who }: Manager,
  namespace: string,
  secret: string,
  data: Readonly<Record<string, string>>
): string {
  const patching = (resource: string, spec: object): string =>
    `kubectl -n ${word(namespace)} patch ${resource} ${word(name)} --type merge -p ${word(JSON.stringify({ spec }))}`
  const pairs = Object.entries(data)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
    .join(', ')
  if (kind === 'ExternalSecret')
    return `in the source of the ExternalSecret, or: ${patching('externalsecret', { target: { template: { mergePolicy: 'Merge', data } } })}`
  if (kind === 'SealedSecret')
    return `in the source of the SealedSecret, or: ${patching('sealedsecret', { template: { data } })}`
  if (kind === 'controller') return `let ${who} write ${pairs} into the Secret ${secret}`
  if (kind === 'Helm')
    return `in the values or the template of release ${name}, for the Secret ${secret}: ${pairs}`
  const patch = { apiVersion: 'v1', kind: 'Secret', metadata: { name: secret }, stringData: data }
  // JSON is YAML.
  return `add to the kustomization of ${name}:
patches:
  - target: {kind: Secret, name: ${JSON.stringify(secret)}}
    patch: '${JSON.stringify(patch).replaceAll("'", "''")}'`
}

/**
 * What two targets of a file must not do to each other. One Argo CD is one target: its repo-server has one identity, and
 * a URL has one Secret, so two targets for it would undo each other's work.
 */
import { groupBy } from '../../core/group-by.ts'
import { parseCluster } from '../cluster-rules.ts'
import type { Values } from '../inputs.ts'
import { InvalidRepositoryUrl, parseRepositoryUrl } from '../repository-url.ts'
import type { FileTarget } from './target.ts'
import type { FaultAt } from './yaml-tree.ts'

/** @param devopsUrl AZURE_DEVOPS_URL, where it is set */
export function refuseConflicts(
  targets: readonly FileTarget[],
  devopsUrl: string | undefined,
  fault: FaultAt
): void {
  refuseSameNames(targets, fault)
  const origin = devopsUrl === undefined ? undefined : URL.parse(devopsUrl)?.origin
  const placed = targets.map((target) => ({ target, place: placeOf(target) }))
  for (const group of groupBy(placed, ({ place }) => place.name).values())
    for (const [index, one] of group.entries()) {
      const other = group.slice(0, index).find(({ place }) => mayBeSame(place, one.place))
      if (other)
        fault(one.target.line, ...conflictOf(one.target, other.target, one.place, other.place, origin))
    }
}

function refuseSameNames(targets: readonly FileTarget[], fault: FaultAt): void {
  for (const [first, ...others] of groupBy(targets, ({ name }) => name.toLowerCase()).values())
    for (const { name, line } of others)
      fault(
        line,
        `The target ${name} is there twice; line ${first?.line ?? 0} has it, too.`,
        'Remove one, or give it a name of its own.'
      )
}

/** Where an Argo CD is, as far as the file says; all in lower case. */
interface Place {
  readonly name: string
  readonly resourceGroup: string | undefined
  readonly subscription: string | undefined
  readonly namespace: string | undefined
  /** Of a cluster that is not AKS. */
  readonly issuer: string | undefined
}

function textOf({ values }: FileTarget, name: string): string | undefined {
  const text = values.get(name)?.text ?? ''
  return text === '' ? undefined : text
}

function placeOf(target: FileTarget): Place {
  const cluster = textOf(target, 'cluster') ?? ''
  const issuer = textOf(target, 'oidc-issuer-url')
  // A faulty one has its fault already.
  const id = parseCluster({ cluster } as Values, () => undefined)
  return {
    name: (id?.name ?? cluster).toLowerCase(),
    resourceGroup: (id?.resourceGroup ?? textOf(target, 'resource-group'))?.toLowerCase(),
    subscription: (id?.subscriptionId ?? textOf(target, 'subscription-id'))?.toLowerCase(),
    namespace: textOf(target, 'argocd-namespace'),
    issuer
  }
}

/** What one of the two does not say may be the same. */
function mayBeSame(one: Place, other: Place): boolean {
  const agree = (of: (place: Place) => string | undefined): boolean =>
    of(one) === undefined || of(other) === undefined || of(one) === of(other)
  return (
    one.issuer === other.issuer &&
    agree(({ resourceGroup }) => resourceGroup) &&
    agree(({ subscription }) => subscription) &&
    agree(({ namespace }) => namespace)
  )
}

function conflictOf(
  target: FileTarget,
  other: FileTarget,
  place: Place,
  otherPlace: Place,
  origin: string | undefined
): readonly [problem: string, remedy: string] {
  const missing = [
    ...(place.resourceGroup === undefined || otherPlace.resourceGroup === undefined
      ? ['resource-group']
      : []),
    ...(place.namespace === undefined || otherPlace.namespace === undefined ? ['argocd-namespace'] : [])
  ]
  const who = `${target.name} and ${other.name} (line ${other.line})`
  const same = `${missing.length === 0 ? 'are' : 'may be'} for the same Argo CD`
  const shared = sharedSecret(target, other, origin)
  const about =
    shared === undefined
      ? 'its repo-server has only one identity'
      : `they would write the same Secret, for ${shared}`
  const apart = missing.length === 0 ? '' : `; if they are two, give each of them ${missing.join(' or ')}`
  return [`${who} ${same}: ${about}.`, `Write one target for an Argo CD, with all URLs${apart}.`]
}

/** The URL, or the project of the template, whose Secret both would write. */
function sharedSecret(one: FileTarget, other: FileTarget, origin: string | undefined): string | undefined {
  const kind = (target: FileTarget): string => textOf(target, 'connection') ?? 'repository'
  if (kind(one) !== kind(other)) return undefined
  const keys = (target: FileTarget): string[] => secretsOf(target, kind(target), origin)
  const known = new Set(keys(other))
  return keys(one).find((key) => known.has(key))
}

function secretsOf(target: FileTarget, kind: string, origin: string | undefined): string[] {
  return (textOf(target, 'repository-url') ?? '').split('\n').flatMap((line) => {
    try {
      const { url, organization, project } = parseRepositoryUrl(line.trim(), origin)
      // As Argo CD compares them.
      return (kind === 'template' ? `${organization}/${project}` : url).toLowerCase()
    } catch (error) {
      if (error instanceof InvalidRepositoryUrl) return []
      throw error
    }
  })
}

/**
 * Every stored credential of the Argo CDs of a cluster that reaches Azure Repos. Pure: objects in, credentials out; linear in
 * the number of Secrets and of Applications.
 */
import type { V1Secret } from '@kubernetes/client-node'
import { groupBy } from '../../core/group-by.ts'
import { isAzureRepos } from '../../core/azure-repos.ts'
import { CREDENTIAL_KINDS } from '../../core/credential-words.ts'
import { Sealed } from '../../core/sealed.ts'
import type { Entry } from '../secrets.ts'
import { type FoundCredential, type Reason, type StoredCredential, type UserRef } from './credential.ts'
import {
  forGenerators,
  generatorReason,
  tokensOfAzureDevOps,
  unnamedTokens,
  type Held,
  type NamedToken
} from './from-generators.ts'
import { readSecret, servicesOf, type ReadSecret, type Service } from './from-secrets.ts'
import { NOTIFICATIONS, ofNotifications } from './from-notifications.ts'
import { ofOthers, writeBackOf, type Consumers } from './from-others.ts'
import { inUrls } from './from-urls.ts'
import { ofProxies } from './from-proxies.ts'
import { agesOf, refOf } from './of-object.ts'
import { fingerprintOf, shownUrl } from './shown.ts'
import { readsOf, writesOf, type Users } from './uses.ts'
import { reasonsOf, verdictOf } from './verdict.ts'

/** One Argo CD. */
export interface Installation {
  readonly namespace: string
  readonly version: string | undefined
}

/** What was read from a cluster. */
export interface ClusterObjects extends Users, Consumers {
  /** Name of the cluster, for fingerprints. */
  readonly cluster: string
  /** Host of Azure DevOps, with its port, where it is not the public one. */
  readonly host: string
  /** Of all namespaces that were read. */
  readonly secrets: readonly V1Secret[]
  /** Configuration of notifications, by namespace of the Argo CD; absent: not read. */
  readonly notifications?: ReadonlyMap<string, Readonly<Record<string, string>>>
}

/** @returns by Argo CD, kind and place */
export function storedCredentials(
  installations: readonly Installation[],
  objects: ClusterObjects
): StoredCredential[] {
  const { cluster, secrets } = objects
  const byNamespace = groupBy(secrets, ({ metadata }) => metadata?.namespace ?? '')
  const byName = new Map(
    secrets.map((one) => [`${one.metadata?.namespace ?? ''}/${one.metadata?.name ?? ''}`, one])
  )
  const heldAt: Held = (namespace, name) => byName.get(`${namespace}/${name}`)
  const found = installations.flatMap((installation) => {
    const own = usersOf(installation, installations, objects)
    return credentialsOf(
      installation,
      { ...objects, ...own },
      byNamespace.get(installation.namespace) ?? [],
      heldAt
    )
  })
  const groups = new Map<FoundCredential, number>()
  Sealed.sharing(found, ({ values }) => values).forEach((members, index) => {
    for (const member of members) groups.set(member, index + 1)
  })
  return found
    .map((one) => ({ ...one, group: groups.get(one), fingerprint: fingerprintOf(cluster, one) }))
    .toSorted(inOrder)
}

function inOrder(one: StoredCredential, other: StoredCredential): number {
  const keyOf = ({ argocd, kind, ref }: StoredCredential): string =>
    [argocd, CREDENTIAL_KINDS.indexOf(kind), ref.namespace, ref.name].join('\0')
  const [a, b] = [keyOf(one), keyOf(other)]
  return a < b ? -1 : a > b ? 1 : 0
}

/**
 * The Applications and ApplicationSets of one Argo CD. One outside all their namespaces, which none has compared yet, may be
 * anybody's and counts for each.
 */
function usersOf(
  { namespace: home }: Installation,
  installations: readonly Installation[],
  { applications, sets }: Users
): Users {
  const isHome = (namespace: string): boolean => installations.some((one) => one.namespace === namespace)
  const isOwn = (namespace: string, controller = isHome(namespace) ? namespace : home): boolean =>
    controller === home
  return {
    applications: applications?.filter((one) => isOwn(one.namespace, one.controllerNamespace)),
    sets: sets?.filter(({ namespace }) => isOwn(namespace))
  }
}

function credentialsOf(
  installation: Installation,
  objects: ClusterObjects,
  secrets: readonly V1Secret[],
  heldAt: Held
): FoundCredential[] {
  const { namespace, version } = installation
  const read = secrets.flatMap((one) => readSecret(one, version) ?? [])
  const tokens = tokensOfAzureDevOps(objects.sets ?? [], objects.host)
  const isWrite = ({ kind }: ReadSecret): boolean => kind.startsWith('write-')
  const writes = read.filter(isWrite)
  const reads = read.filter((one) => !isWrite(one))
  const found = [
    ...forRepositories(reads, servicesOf(reads, readsOf(objects)), installation, objects, tokens),
    ...forRepositories(writes, servicesOf(writes, writesOf(objects)), installation, objects, tokens)
  ]
  const counted = new Set(found.map(({ ref }) => `${ref.namespace}/${ref.name}`))
  const byGenerators = forGenerators(namespace, tokens, counted, heldAt)
  for (const { ref } of byGenerators) counted.add(`${ref.namespace}/${ref.name}`)
  return [
    ...found,
    ...byGenerators,
    ...unnamedTokens(namespace, objects, secrets),
    ...inUrls(installation, objects),
    ...ofProxies(
      namespace,
      read.filter(({ kind, entry }) => reaches(entry.url, kind.endsWith('template'), objects.host))
    ),
    ...ofNotifications(
      namespace,
      objects.host,
      heldAt(namespace, NOTIFICATIONS.secret),
      objects.notifications?.get(namespace)
    ),
    ...ofOthers(namespace, objects, secrets, counted, heldAt)
  ]
}

function forRepositories(
  read: readonly ReadSecret[],
  services: ReadonlyMap<Entry, Service>,
  { namespace: argocd, version }: Installation,
  { host, applications, sets, writeBacks }: ClusterObjects,
  tokens: ReadonlyMap<string, NamedToken>
): FoundCredential[] {
  const committing = new Set(
    (applications ?? [])
      .filter((one) => writeBackOf(one, writeBacks) === 'own')
      .map(({ namespace, name }) => `${namespace}/${name}`)
  )
  return read.flatMap(({ kind, entry, keys, user, values }) => {
    const service = services.get(entry)
    const repositories = [...(service?.repositories ?? [])]
    const concerns = reaches(entry.url, kind === 'template' || kind === 'write-template', host)
    if (keys.length === 0 || !(concerns || repositories.some((url) => isAzureRepos(url, host)))) return []
    const token = tokens.get(`${argocd}/${entry.secret}`)
    const used = (service?.applications.length ?? 0) + (service?.applicationSets.length ?? 0) > 0
    const reasons = [
      ...reasonsOf({ kind, entry, keys, repositories, version, host }),
      ...(token ? [generatorReason(token)] : []),
      ...writeBackReason(service?.applications ?? [], committing)
    ]
    return [
      {
        kind,
        argocd,
        ref: refOf(entry.marks),
        url: shownUrl(entry.url),
        project: entry.project,
        keys,
        user,
        serves: {
          repositories: repositories.map(shownUrl),
          applications: applications && unique(service?.applications ?? []),
          applicationSets:
            sets && unique([...(service?.applicationSets ?? []), ...(token?.applicationSets ?? [])])
        },
        shadows: [...(service?.shadows ?? [])].map(({ marks: { namespace, name } }) => ({ namespace, name })),
        manager: entry.manager,
        immutable: entry.immutable,
        ...agesOf(entry.marks, entry.changedAt),
        verdict: verdictOf(reasons, used || token !== undefined || (applications && sets ? used : undefined)),
        reasons,
        values
      }
    ]
  })
}

/** Whether URLs that begin with a template's prefix, or this URL, are in Azure Repos. */
function reaches(url: string, isPrefix: boolean, host: string): boolean {
  if (isAzureRepos(url, host)) return true
  const text = url.trim().toLowerCase()
  const begins = [`https://dev.azure.com/`, `https://${host.toLowerCase()}/`, 'git@ssh.dev.azure.com:']
  return isPrefix && text !== '' && begins.some((one) => one.startsWith(text))
}

/** Image Updater commits with Argo CD's own credentials, from a pod that has no identity. */
function writeBackReason(users: readonly UserRef[], committing: ReadonlySet<string>): Reason[] {
  const first = users.find(({ namespace, name }) => committing.has(`${namespace}/${name}`))
  if (!first) return []
  const text = `Argo CD Image Updater commits with it, for ${first.namespace}/${first.name} among others`
  return [{ id: 'other-reader', text }]
}

function unique(refs: readonly UserRef[]): UserRef[] {
  return [...new Map(refs.map((one) => [`${one.namespace}/${one.name}`, one])).values()]
}

/** Reads what the inventory of stored credentials is made of: every Argo CD of a cluster, its Secrets and their users. */
import type { Installation } from '../argocd/inventory/inventory.ts'
import { storedCredentials } from '../argocd/inventory/inventory.ts'
import type { StoredCredential } from '../argocd/inventory/credential.ts'
import { tokensOfAzureDevOps } from '../argocd/inventory/from-generators.ts'
import { evidenceOf, type Judged } from '../argocd/discovery.ts'
import { mapBounded } from '../core/concurrency.ts'
import { note, Problem, type Finding, type FindingFacts } from '../core/finding.ts'
import { input } from '../core/input-name.ts'
import { HttpProblem } from '../http/errors.ts'
import { OF_REPOSITORIES, UNLABELLED } from '../services/kubernetes/secrets.ts'
import type { Services } from '../services/services.ts'
import { explain } from '../diagnosis/explain.ts'
import type { V1Secret } from '@kubernetes/client-node'
import { revokeFinding, unusedByMarks } from '../argocd/migration/unused.ts'
import { entryOf } from '../argocd/secrets.ts'
import type { Kubernetes } from '../services/kubernetes/api.ts'
import { readConsumers } from './consumers.ts'
import { discoverAll } from './argocd-discovery.ts'
import { backupsAmong } from './migration/backups.ts'
import { leftBackups, sortBackups } from './migration/unfinished.ts'

interface Place {
  /** ARM id; undefined for a cluster that is not AKS. */
  readonly clusterId: string | undefined
  /** As the inputs name it: a part of each fingerprint. */
  readonly cluster: string
  /** Only this namespace; undefined: the whole cluster. */
  readonly namespace: string | undefined
  /** Whether credentials that migrations took out are named. */
  readonly reminds: boolean
}

export interface Inventory {
  readonly installations: readonly Installation[]
  readonly credentials: readonly StoredCredential[]
  /** What could not be read, so that nothing is known about it. */
  readonly problems: readonly FindingFacts[]
  /** What was not read on purpose, or need not be. */
  readonly warnings: readonly FindingFacts[]
  /** About earlier migrations. */
  readonly left: readonly Finding[]
}

/** @throws {Problem} when there is no Argo CD, or the cluster cannot be read */
export async function readInventory(place: Place, services: Services): Promise<Inventory> {
  const { clusterId, cluster, namespace } = place
  const api = services.kubernetes(clusterId)
  const objects = services.argocd(clusterId)
  const [judged, applications, sets] = await Promise.all([
    discoverAll(namespace, api),
    objects.applications(namespace),
    objects.applicationSets(namespace)
  ])
  const whole = judged.filter(({ missing }) => missing.length === 0)
  const installations = installationsOf(whole)
  if (installations.length === 0) throw noArgocd(place, judged)
  const { host } = new URL(services.endpoints.devops)
  const homes = installations.map((one) => one.namespace)
  const elsewhere = [...tokensOfAzureDevOps(sets ?? [], host).values()].map((token) => token.namespace)
  const others = [...new Set(elsewhere)].filter((one) => !homes.includes(one))
  const problems: FindingFacts[] = []
  const secretsIn = async (home: string): Promise<readonly V1Secret[]> => {
    try {
      const [ofRepositories, unlabelled] = await Promise.all([
        api.argoSecrets(home, OF_REPOSITORIES),
        api.argoSecrets(home, UNLABELLED)
      ])
      return [...ofRepositories, ...unlabelled]
    } catch (error) {
      if (!(error instanceof HttpProblem) || error.status !== 403) throw error
      // Tokens of generators in other namespaces are reported by what names them.
      if (homes.includes(home)) problems.push(await explain(error))
      return []
    }
  }
  const secrets = (await mapBounded([...homes, ...others], secretsIn)).flat()
  const commands = api.reach.commandsBecause
  const { consumers, unseen } = await readConsumers(namespace, secrets, api)
  const found = { cluster, host, secrets, applications, sets, ...consumers }
  return {
    installations,
    credentials: storedCredentials(installations, found),
    problems,
    warnings: [
      ...judged.filter(({ missing }) => missing.length > 0).map(notAudited),
      ...(applications && sets ? [] : [usersUnknown()]),
      ...(commands === undefined ? [] : [valuesUnread(commands)]),
      ...unseen
    ],
    // What was backed up is not read through commands.
    left: (commands === undefined ? installations : []).flatMap((one) =>
      leftIn(one, { secrets, host, reminds: place.reminds }, api)
    )
  }
}

function leftIn(
  { namespace, version }: Installation,
  {
    secrets,
    host,
    reminds
  }: { readonly secrets: readonly V1Secret[]; readonly host: string; readonly reminds: boolean },
  api: Kubernetes
): Finding[] {
  const own = secrets.filter(({ metadata }) => metadata?.namespace === namespace)
  const entries = own.flatMap((one) => entryOf(one, version) ?? [])
  const byName = new Map(own.map((one) => [one.metadata?.name ?? '', one]))
  const unused = reminds ? unusedByMarks(entries, namespace) : []
  return [
    ...leftBackups(sortBackups(backupsAmong(own, api), byName, host), namespace),
    ...unused.map(revokeFinding).map(note)
  ]
}

function valuesUnread(why: string): FindingFacts {
  return {
    id: 'run-command/values-not-compared',
    summary: `Stored credentials were found by the names of their keys, because ${why}, and values do not go through commands that Azure keeps: which objects hold the same credential, user names, and unlabelled Secrets for other hosts are not known.`,
    remedy: 'run the audit where the API server can be reached to see them',
    link: 'https://learn.microsoft.com/azure/aks/access-private-cluster'
  }
}

/** Several repo-servers of one namespace read the same Secrets. */
function installationsOf(whole: readonly Judged[]): Installation[] {
  const found = new Map<string, Installation>()
  for (const { server } of whole) {
    const { namespace, version } = server
    if (!found.has(namespace)) found.set(namespace, { namespace, version })
  }
  return [...found.values()].toSorted((one, other) => (one.namespace < other.namespace ? -1 : 1))
}

function noArgocd({ cluster, namespace }: Place, judged: readonly Judged[]): Problem {
  const where = namespace === undefined ? cluster : `the namespace ${namespace} of ${cluster}`
  return new Problem({
    id: 'argocd/not-found',
    summary: `There is no Argo CD in ${where}, so there is nothing to audit.`,
    expected: 'a Deployment of the repo-server with the rest of an installation',
    actual: judged.length === 0 ? 'none' : judged.map(evidenceOf).join('; '),
    remedy: `correct ${input('cluster')} or ${input('argocd-namespace')}`
  })
}

function notAudited(judged: Judged): FindingFacts {
  return {
    id: 'argocd/not-whole',
    summary: `A Deployment looks like a repo-server, but is not part of an Argo CD, so its namespace was not audited: ${evidenceOf(judged)}.`,
    remedy: 'find out who made it, and delete it if nobody needs it'
  }
}

function usersUnknown(): FindingFacts {
  return {
    id: 'connection/applications-not-listed',
    summary:
      'The login may not list Applications or ApplicationSets, so Patless cannot see what each stored credential serves, nor which tokens generators use.',
    remedy: 'apply docs/permissions/kubernetes-role-audit.yaml'
  }
}

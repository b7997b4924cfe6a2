/** What a step of a migration sees: the Secrets of Argo CD as they are, and the Applications. */
import type { V1Secret } from '@kubernetes/client-node'
import { concerning } from '../../argocd/fingerprint.ts'
import { servedBy } from '../../argocd/migration/users.ts'
import { breakingAll, entryOf, type Entry } from '../../argocd/secrets.ts'
import type { Instance } from '../../argocd/instance.ts'
import type { Application } from '../../services/kubernetes/argocd-objects.ts'
import type { Services } from '../../services/services.ts'
import type { Connection } from '../connection.ts'
import { isProbe } from '../connection-ownership.ts'

export type Place = Pick<Instance, 'clusterId' | 'namespace' | 'scope' | 'version'>

export interface Look {
  readonly secrets: ReadonlyMap<string, V1Secret>
  readonly entries: readonly Entry[]
  /** Without probes. */
  readonly applications: readonly Application[]
}

export async function look(place: Place, services: Services): Promise<Look> {
  const { clusterId, namespace, scope, version } = place
  const [secrets, applications = []] = await Promise.all([
    services.kubernetes(clusterId).argoSecrets(namespace),
    services.argocd(clusterId).applications(scope)
  ])
  return {
    secrets: new Map(secrets.map((one) => [one.metadata?.name ?? '', one])),
    entries: secrets.flatMap((one) => entryOf(one, version) ?? []),
    applications: applications.filter((one) => !isProbe(one, namespace))
  }
}

/** The connection through which the Applications of a Secret read one URL, as a verification by Argo CD asks for it. */
export function connectionThrough(secret: string, url: string, place: Place, seen: Look): Connection {
  const { entries, applications } = seen
  const own = entries.find((one) => one.secret === secret)
  const { applications: users } = servedBy(secret, entries, applications)
  return {
    ...place,
    kind: own?.kind ?? 'repository',
    urls: [url],
    project: own === undefined || own.project === '' ? '*' : own.project,
    users,
    probes: [],
    secrets: [],
    concerning: concerning([url], entries),
    charts: [],
    stored: undefined,
    reminds: false,
    migrated: false,
    breaking: breakingAll(entries, place.version)
  }
}

/** All that a migration is planned from: Secrets, who uses them, the stored credentials among them, and earlier backups. */
import { BACKUP_LABEL } from '../../argocd/migration/backup.ts'
import type { StoredCredential } from '../../argocd/inventory/credential.ts'
import { storedCredentials } from '../../argocd/inventory/inventory.ts'
import { entryOf } from '../../argocd/secrets.ts'
import { OF_REPOSITORIES, UNLABELLED } from '../../services/kubernetes/secrets.ts'
import type { Services } from '../../services/services.ts'
import type { FindingFacts } from '../../core/finding.ts'
import { readConsumers } from '../consumers.ts'
import { isProbe } from '../connection-ownership.ts'
import { backupsAmong, type Kept } from './backups.ts'
import type { Look, Place } from './look.ts'

export interface Survey extends Look, Kept {
  readonly credentials: readonly StoredCredential[]
  /** URLs of ApplicationSets, which templates serve, too. */
  readonly setUrls: readonly string[]
  /** What the login may not see of other programs. */
  readonly unseen: readonly FindingFacts[]
}

/** @param cluster name of it. @param host of Azure DevOps, as URLs name it */
export async function survey(
  place: Place,
  { cluster, host }: { readonly cluster: string; readonly host: string },
  services: Services
): Promise<Survey> {
  const { clusterId, namespace, scope, version } = place
  const api = services.kubernetes(clusterId)
  const [labelled, unlabelled, applications, sets] = await Promise.all([
    api.argoSecrets(namespace, OF_REPOSITORIES),
    api.argoSecrets(namespace, UNLABELLED),
    services.argocd(clusterId).applications(scope),
    services.argocd(clusterId).applicationSets(scope)
  ])
  const others = unlabelled.filter(({ metadata }) => metadata?.labels?.[BACKUP_LABEL] === undefined)
  const secrets = [...labelled, ...others]
  const { consumers, unseen } = await readConsumers(scope, secrets, api)
  const users = applications?.filter((one) => !isProbe(one, namespace))
  const objects = { cluster, host, secrets, applications: users, sets, ...consumers }
  return {
    secrets: new Map(labelled.map((one) => [one.metadata?.name ?? '', one])),
    entries: labelled.flatMap((one) => entryOf(one, version) ?? []),
    applications: users ?? [],
    credentials: storedCredentials([{ namespace, version }], objects),
    setUrls: (sets ?? []).flatMap(({ urls }) => urls),
    unseen,
    ...backupsAmong(unlabelled, api)
  }
}

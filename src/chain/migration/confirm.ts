/**
 * Confirms through Argo CD itself that a Secret works as it is: a forced refresh per repository that it serves, at the
 * revision that Azure DevOps has, and no Application of it worse than before.
 */
import { servedBy, whyWorse } from '../../argocd/migration/users.ts'
import { mapBounded } from '../../core/concurrency.ts'
import { Problem, type Finding } from '../../core/finding.ts'
import type { RetryPolicy } from '../../http/retry.ts'
import type { Services } from '../../services/services.ts'
import type { Reading } from '../verifications/access.ts'
import { readByArgocd } from '../verifications/asking.ts'
import type { AskingConditions } from '../verifications/asking-conditions.ts'
import type { Pods } from '../workload.ts'
import { connectionThrough, type Look, type Place } from './look.ts'

/** What asking Argo CD needs. */
export interface Asking {
  readonly place: Place
  readonly pods: Pods
  /** Reads from Azure DevOps what Argo CD must have read. */
  readonly reading: Reading
  readonly conditions: AskingConditions
  readonly report: (finding: Finding) => void
}

/**
 * @param seen before Argo CD is asked
 * @param rewritten whether the login of the Secret has just changed
 * @throws {Problem} when Argo CD cannot read one of them, or does not answer
 */
export async function confirmReads(
  { secret, urls }: { readonly secret: string; readonly urls: readonly string[] },
  seen: Look,
  rewritten: boolean,
  { place, ...asking }: Asking,
  services: Services,
  policy: RetryPolicy
): Promise<void> {
  await mapBounded(urls, async (url) => {
    const connection = connectionThrough(secret, url, place, seen)
    const spec = { ...asking, connection, version: place.version, rewritten, refused: undefined }
    await readByArgocd(url, spec, services, policy)
  })
}

/** @throws {Problem} when an Application that used the Secret is worse than before, for no reason of its own. */
export function assertNoWorse(secret: string, before: Look, after: Look): void {
  const { applications: users } = servedBy(secret, before.entries, before.applications)
  for (const user of users) {
    const { namespace, name } = user
    const now = after.applications.find((one) => one.name === name && one.namespace === namespace)
    const why = whyWorse(user, now)
    if (why === undefined) continue
    throw new Problem({
      id: 'migration/application-worse',
      summary: `The Application ${namespace}/${name}, which uses the Secret ${secret}, is worse than before: ${why}.`,
      expected: 'no less healthy and no less synced than before',
      actual: why,
      remedy: `see the Application ${namespace}/${name} in Argo CD; fix the cause, then run again`
    })
  }
}

/** What Argo CD reports on the Applications that use the repositories. */
import type { Evidence } from '../../diagnosis/evidence.ts'
import type { Application } from '../../services/kubernetes/argocd-objects.ts'
import { complaintsIn } from '../verifications/complaints.ts'

/** More of them say the same. */
const MOST = 10

/** @param urls of the repositories */
export function complaintsAbout(
  urls: readonly string[],
  applications: readonly Application[] | undefined
): Pick<Evidence, 'complaints'> {
  const complaints = (applications ?? []).flatMap((one) => complaintsIn(one, { urls }))
  return { complaints: complaints.slice(0, MOST).map(({ complaint }) => complaint) }
}

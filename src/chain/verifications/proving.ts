/** Asks Argo CD about each URL (`asking.ts`), and records on the Secrets that it was seen to read. Only apply does. */
import { noteOf } from '../../argocd/fingerprint.ts'
import { VERIFIED_WITH } from '../../argocd/secrets.ts'
import { mapBounded } from '../../core/concurrency.ts'
import { note } from '../../core/finding.ts'
import { explain } from '../../diagnosis/explain.ts'
import { Cancelled } from '../../http/errors.ts'
import { classOf, type RetryPolicy } from '../../http/retry.ts'
import type { Services } from '../../services/services.ts'
import type { ArgocdSpec, Word } from './argocd-spec.ts'
import { readByArgocd } from './asking.ts'
import { fingerprintOf } from './evidence.ts'
import { isLeftover, sweepProbes } from './sweep.ts'

export async function proveByArgocd(
  spec: ArgocdSpec,
  services: Services,
  policy: RetryPolicy
): Promise<Word> {
  const { connection } = spec
  const { clusterId, urls, probes } = connection
  await spec.conditions.assertControlled()
  for (const probe of probes.filter(isLeftover))
    await sweepProbes(probe, services.argocd(clusterId), spec.report)
  // Each URL may need a probe that Argo CD compares, so only a few run at a time. All that have started finish before
  // the first failure is thrown.
  const read = await mapBounded(
    urls,
    async (url) => [url, await readByArgocd(url, spec, services, policy)] as const
  )
  await recordProof(spec, Math.min(...read.map(([, { at }]) => at)), services)
  return {
    commits: Object.fromEntries(read.map(([url, { commit }]) => [url, commit])),
    reason: [...new Set(read.map(([, { reason }]) => reason))].join('; ')
  }
}

/** Lets the next run skip asking when nothing has changed. A failure to record it says nothing about Argo CD. */
async function recordProof(
  { connection, pods, report }: ArgocdSpec,
  at: number,
  services: Services
): Promise<void> {
  const { clusterId, namespace, secrets } = connection
  const proof = noteOf({ at, fingerprint: fingerprintOf(pods, connection) })
  await mapBounded(secrets, async ({ secret, manager, marks }) => {
    if (manager?.reverts === true) return
    await services
      .kubernetes(clusterId)
      .noteOnSecret(namespace, secret, marks.version, { [VERIFIED_WITH]: proof })
      .catch(async (error: unknown) => {
        if (error instanceof Cancelled) throw error
        // The Secret has changed since Argo CD read with it, so the verification is not recorded on it.
        if (classOf(error) === 'conflict') return
        const { summary } = await explain(error)
        report(
          note({
            id: 'verification/not-noted',
            summary: `The verification by Argo CD could not be recorded on the Secret ${secret}, so the next run asks again: ${summary}`,
            remedy: `let the login patch the Secret ${secret} (the annotation ${VERIFIED_WITH}); see docs/permissions/kubernetes-role.yaml`
          })
        )
      })
  })
}

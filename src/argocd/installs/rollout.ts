/** Waiting until the repo-server's new pods serve and the old ones are gone. */
import type { V1Deployment } from '@kubernetes/client-node'
import { refusalOf, running, stalledOf } from '../identity.ts'
import type { Instance } from '../instance.ts'
import type { Kubernetes } from '../../services/kubernetes/api.ts'
import { wait, type RetryPolicy } from '../../http/retry.ts'
import { Problem } from '../../core/finding.ts'
import { word } from '../../core/shell.ts'

/** How long new pods may take to become ready, in ms. */
const ROLLOUT = 300_000

/** How long pods may be refused, in ms: the controller tries about ten times in it. */
const REFUSED = 5_000

/**
 * @param begun whether the Deployment is the one that was asked for; absent: it is, from the start
 * @throws {Problem} with what holds it up.
 */
export async function waitForRollout(
  instance: Instance,
  api: Kubernetes,
  policy: RetryPolicy,
  begun: (deployment: V1Deployment) => boolean = () => true
): Promise<void> {
  const { namespace, deployment, podLabels } = instance
  const until = Math.min(Date.now() + ROLLOUT, policy.deadline)
  let told = ''
  let refusedSince: number | undefined
  for (let pace = 100; ; pace = Math.min(pace * 1.5, 3_000)) {
    const current = await api.deployment(namespace, deployment)
    const state = stateOf(current)
    if (begun(current) && state.done) {
      const pods = await api.pods(namespace, podLabels)
      if (pods.filter(running).length <= state.replicas) return
    }
    const refusal = begun(current) ? refusalOf(current) : undefined
    refusedSince = refusal === undefined ? undefined : (refusedSince ?? Date.now())
    const refused = refusedSince !== undefined && Date.now() - refusedSince >= REFUSED
    if ((begun(current) && state.stalled !== undefined) || refused || Date.now() > until)
      throw stuck(instance, current, state.stalled ?? refusal)
    const progress = begun(current)
      ? `Rollout of ${deployment}: ${state.updated} of ${state.replicas} pods new, ${state.ready} available.`
      : `Waiting until ${deployment} is changed by its owner.`
    if (progress !== told) policy.report(progress)
    told = progress
    await wait(policy, pace)
  }
}

/** As `kubectl rollout restart`: new pods from the same template. */
export async function restart({ namespace, deployment }: Instance, api: Kubernetes): Promise<void> {
  const annotations = { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() }
  await api.patchDeployment(namespace, deployment, { spec: { template: { metadata: { annotations } } } })
}

interface State {
  readonly replicas: number
  readonly updated: number
  readonly ready: number
  readonly done: boolean
  /** Why it does not go on, in the controller's words. */
  readonly stalled: string | undefined
}

function stateOf(deployment: V1Deployment): State {
  const { metadata, spec, status } = deployment
  const replicas = spec?.replicas ?? 1
  const state = (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0)
  const updated = status?.updatedReplicas ?? 0
  const ready = status?.availableReplicas ?? 0
  const done = state && updated >= replicas && ready >= replicas && (status?.replicas ?? 0) <= replicas
  return { replicas, updated, ready, done, stalled: stalledOf(deployment) }
}

function stuck(
  { namespace, deployment }: Instance,
  current: V1Deployment,
  reason: string | undefined
): Problem {
  const { replicas, updated, ready } = stateOf(current)
  const resume = `kubectl -n ${word(namespace)} rollout resume deploy/${word(deployment)}, then run again`
  return new Problem({
    id: 'workload/rollout-stuck',
    summary: `The rollout of ${namespace}/${deployment} does not finish: ${reason ?? 'it takes too long'}`,
    expected: `${replicas} new pods`,
    actual: `${updated} new, ${ready} available`,
    remedy:
      current.spec?.paused === true
        ? resume
        : `kubectl -n ${word(namespace)} describe deploy/${word(deployment)}; kubectl -n ${word(namespace)} get events`
  })
}

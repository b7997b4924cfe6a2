/** Waits until the repo-server's new pods serve and the old ones are gone. */
import type { V1Deployment } from '@kubernetes/client-node'
import { refusalOf, running, stalledOf } from '../identity.ts'
import type { Instance } from '../instance.ts'
import type { Kubernetes } from '../../services/kubernetes/api.ts'
import { waitFor, type RetryPolicy } from '../../http/retry.ts'
import { Problem } from '../../core/finding.ts'
import { word } from '../../core/shell.ts'

/** How long new pods may take to become ready, in ms. */
const ROLLOUT = 300_000

/** How long pods may be refused, in ms: the controller tries about ten times in it. */
const REFUSED = 5_000

/**
 * @param begun whether the Deployment already has the change that its owner makes; absent: it has it from the start
 * @throws {Problem} with the reason when the rollout stalls or takes too long.
 */
export async function waitForRollout(
  instance: Instance,
  api: Kubernetes,
  policy: RetryPolicy,
  begun: (deployment: V1Deployment) => boolean = () => true
): Promise<void> {
  const { namespace, deployment, podLabels } = instance
  const deadline = Math.min(Date.now() + ROLLOUT, policy.deadline)
  let progress: string | undefined
  let state: State | undefined
  let refusedSince: number | undefined
  const report = (text: string): void => {
    if (progress !== undefined && progress !== text) policy.report(text)
    progress = text
  }
  await waitFor(
    { ...policy, deadline },
    `Waiting for the rollout of ${deployment}.`,
    () => stuck(instance, state),
    async () => {
      const current = await api.deployment(namespace, deployment)
      state = stateOf(current)
      if (!begun(current)) {
        report(`Waiting for the owner of ${deployment} to change it.`)
        return undefined
      }
      const refusal = refusalOf(current)
      refusedSince = refusal === undefined ? undefined : (refusedSince ?? Date.now())
      if (state.stalled !== undefined) throw stuck(instance, state)
      if (refusedSince !== undefined && Date.now() - refusedSince >= REFUSED)
        throw stuck(instance, { ...state, stalled: refusal })
      if (state.done) {
        const pods = await api.pods(namespace, podLabels)
        if (pods.filter(running).length <= state.replicas) return state
      }
      report(
        `Rollout of ${deployment}: ${state.updated} of ${state.replicas} pods new, ${state.ready} available.`
      )
      return undefined
    }
  )
}

/** Like `kubectl rollout restart`: new pods from the same template. */
export async function restart({ namespace, deployment }: Instance, api: Kubernetes): Promise<void> {
  const annotations = { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() }
  await api.patchDeployment(namespace, deployment, { spec: { template: { metadata: { annotations } } } })
}

interface State {
  readonly replicas: number
  readonly updated: number
  readonly ready: number
  readonly done: boolean
  readonly paused: boolean
  /** The controller's reason for a stalled rollout. */
  readonly stalled: string | undefined
}

function stateOf(deployment: V1Deployment): State {
  const { metadata, spec, status } = deployment
  const replicas = spec?.replicas ?? 1
  const observed = (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0)
  const updated = status?.updatedReplicas ?? 0
  const ready = status?.availableReplicas ?? 0
  const done = observed && updated >= replicas && ready >= replicas && (status?.replicas ?? 0) <= replicas
  const paused = spec?.paused === true
  return { replicas, updated, ready, done, paused, stalled: stalledOf(deployment) }
}

function stuck({ namespace, deployment }: Instance, state: State | undefined): Problem {
  const { replicas = 0, updated = 0, ready = 0, stalled = 'it takes too long' } = state ?? {}
  const at = `-n ${word(namespace)}`
  return new Problem({
    id: 'workload/rollout-stuck',
    summary: `The rollout of ${namespace}/${deployment} does not finish: ${stalled}`,
    expected: `${replicas} new pods`,
    actual: `${updated} new, ${ready} available`,
    remedy: state?.paused === true ? 'resume it, then run again' : 'see why, and correct it',
    command:
      state?.paused === true
        ? `kubectl ${at} rollout resume deploy/${word(deployment)}`
        : `kubectl ${at} describe deploy/${word(deployment)}\nkubectl ${at} get events`
  })
}

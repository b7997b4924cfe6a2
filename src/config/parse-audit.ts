/** The inputs of an audit: a cluster is enough. */
import type { DesiredAudit } from './desired.ts'
import { dropUndefined } from './drop-undefined.ts'
import type { GivenInputs, OfMode } from './given-inputs.ts'

/** @returns undefined when there are faults */
export function parseAudit({
  values,
  named,
  subscriptionId,
  kubeconfig
}: GivenInputs): OfMode<DesiredAudit> | undefined {
  if (!named) return undefined
  const cluster =
    kubeconfig === undefined
      ? ({ kind: 'aks', configure: false, ...named, ...dropUndefined({ subscriptionId }) } as const)
      : ({ kind: 'given', name: named.name, kubeconfig } as const)
  return { mode: 'audit', cluster, failOnStoredCredentials: values['fail-on-stored-credentials'] }
}

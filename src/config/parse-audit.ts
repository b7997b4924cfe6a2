/** The inputs of an audit: a cluster is enough. */
import { refuseForConnected } from './cluster-rules.ts'
import type { DesiredAudit } from './desired.ts'
import { dropUndefined } from './drop-undefined.ts'
import type { GivenInputs, OfMode } from './given-inputs.ts'

/** @returns undefined when there are faults */
export function parseAudit({
  values,
  named,
  subscriptionId,
  kubeconfig,
  isAbsent,
  fault
}: GivenInputs): OfMode<DesiredAudit> | undefined {
  if (!named) return undefined
  const { connected, ...aks } = named
  if (connected)
    refuseForConnected({ kubeconfig: values.kubeconfig, 'configure-cluster': false }, isAbsent, fault)
  const cluster =
    kubeconfig === undefined
      ? ({ kind: 'aks', configure: false, ...aks, ...dropUndefined({ subscriptionId }) } as const)
      : ({ kind: 'given', name: named.name, kubeconfig } as const)
  return { mode: 'audit', cluster, failOnStoredCredentials: values['fail-on-stored-credentials'] }
}

/** Common to the specifications of remove: what is left of a chain. */
import type { WorldUnderTest } from '../../sandbox/in-process.ts'
import { kindOf, type Kind, type KubeObject } from '../../sandbox/kubernetes/objects.ts'

export const SECRETS = kindOf('', 'secrets') as Kind
export const ACCOUNTS = kindOf('', 'serviceaccounts') as Kind
export const DEPLOYMENTS = kindOf('apps', 'deployments') as Kind

interface Left {
  azure: { identities: { credentials: unknown[] }[]; members: unknown[] }
}

export function leftOf({ twin }: WorldUnderTest): Left['azure'] {
  return (twin.state() as Left).azure
}

export function inCluster({ twin }: WorldUnderTest, kind: Kind, name: string): KubeObject {
  return twin.kubernetes.store.get(kind, 'argocd', name)
}

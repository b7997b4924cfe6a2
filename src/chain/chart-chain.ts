/** The part of the chain for charts: the same identity reads from container registries. Loaded only where there are some. */
import type { DesiredChain } from '../config/desired.ts'
import type { Instance } from '../argocd/instance.ts'
import type { Node } from '../engine/node.ts'
import type { RunRetryPolicy } from '../http/retry.ts'
import type { ManagedIdentity } from '../services/azure/managed-identities.ts'
import type { Services } from '../services/services.ts'
import { charts } from './charts.ts'
import type { Cluster } from './cluster.ts'
import { registry, type ReadRegistry } from './registry.ts'
import type { ChainGraph } from './resource.ts'
import { verifyCharts } from './verifications/charts.ts'
import { chartResource } from './verifications/charts-token.ts'

/** The role of the identity on each registry. */
export function roleNode(
  graph: ChainGraph,
  { registries, identity, identityLogin }: DesiredChain,
  of: {
    readonly aks: Node<Cluster>
    readonly managed: Node<ManagedIdentity>
    readonly principal: () => Promise<{ readonly principalId: string | undefined }>
  }
): Node<readonly ReadRegistry[]> {
  return graph.resource(
    registry,
    async () => {
      const { place } = await of.aks.output
      const { principalId } = await of.principal()
      // A registry accepts tokens of its own tenant only, which is that of the identity.
      const own = identityLogin ? [] : [place.subscriptionId]
      const subscriptions = [...new Set([identity.subscriptionId ?? place.subscriptionId, ...own])]
      return { registries, subscriptions, principalId }
    },
    { uses: [of.managed] }
  )
}

/** The verification, then the Secrets: Argo CD is not connected to a registry that it cannot read. */
export function addCharts(
  graph: ChainGraph,
  { registries: references, argocdProject: project, verification, verificationTimeout }: DesiredChain,
  services: Services,
  policy: RunRetryPolicy,
  of: {
    readonly roles: Node<readonly ReadRegistry[]>
    readonly instance: Node<Instance>
    readonly pods: Node
    readonly needed: readonly Node[]
    readonly managed: Node<ManagedIdentity>
    readonly credential: Node<{ readonly issuer: string }>
    readonly assertion: () => Promise<string>
  }
): void {
  const { roles, instance, pods, assertion } = of
  const verified =
    verification === 'none'
      ? undefined
      : graph.verification(
          'charts',
          async () => {
            const { clientId, tenantId } = await of.managed.output
            const { issuer } = await of.credential.output
            const resource = chartResource(await instance.output)
            // A role takes minutes, whether or not the rest of the chain is new.
            const budget = (await roles.result) === 'unchanged' ? policy.budget : verificationTimeout
            const deadline = Math.min(policy.deadline, Date.now() + budget)
            const asked = { clientId, tenantId, issuer, assertion, references, resource }
            return verifyCharts({ ...asked, registries: await roles.output }, services, {
              ...policy,
              deadline
            })
          },
          { requires: [...of.needed, roles] }
        )
  graph.resource(
    charts,
    async () => {
      const found = await instance.output
      const { clusterId, namespace, scope, version, deployment } = found
      const urls = [...new Set(references.map(({ url }) => url))]
      const registries = await roles.output
      const resource = chartResource(found)
      return { clusterId, namespace, scope, version, deployment, urls, project, registries, resource }
    },
    { after: [pods, verified], uses: [roles] }
  )
}

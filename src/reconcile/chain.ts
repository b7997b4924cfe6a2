/** The chain of trust, from the cluster that signs tokens to the repository that accepts them. */
import type { Desired } from '../inputs/parse.ts'
import type { Planes } from '../clients/planes.ts'
import { argocd, type RepoServer } from '../resources/argocd.ts'
import { cluster, type Cluster } from '../resources/cluster.ts'
import { connection } from '../resources/connection.ts'
import { entitlement } from '../resources/entitlement.ts'
import { federatedCredential } from '../resources/federated-credential.ts'
import { identity } from '../resources/identity.ts'
import { permission, projectsOf } from '../resources/permission.ts'
import { workload } from '../resources/workload.ts'
import { proveAccess, serviceAccountToken } from '../verification/access-proof.ts'
import type { Patience } from '../clients/retries.ts'
import { NotGiven, type Run } from './run.ts'

/** Of the proof: `budget` is how long, in ms, it may wait for other services to hear of a write. */
type ProofPatience = Patience & { readonly budget: number }

/** What the pre-check of rights needs to know. */
export interface Standing {
  readonly cluster: Cluster | undefined
  readonly repoServer: RepoServer | undefined
}

/**
 * A hop that needs another awaits it, so what can run together does: a check is four round trips deep, and while
 * the repo-server rolls out, the proof already waits for Entra.
 */
export async function chain(
  run: Run,
  want: Desired,
  planes: Planes,
  patience: ProofPatience
): Promise<Standing> {
  const { repositories, organization, access } = want
  const urls = repositories.map(({ url }) => url)
  planes.devops.prefetch(access === 'repository' ? [] : projectsOf(repositories))

  const aks = run.hop(cluster, () => Promise.resolve(want.cluster))
  const place = async () => {
    const { subscriptionId, resourceGroup } = await aks
    return {
      subscriptionId,
      resourceGroup: want.identity.resourceGroup ?? resourceGroup,
      name: want.identity.name
    }
  }
  const managed = run.hop(identity, async () => {
    const { location } = await aks
    return { ...(await place()), location: want.identity.location ?? location }
  })
  const repoServer = run.hop(argocd, async () => ({
    clusterId: (await aks).id,
    namespace: want.argocdNamespace
  }))
  const credential = run.hop(federatedCredential, async () => {
    const { id, name, issuerUrl } = await aks
    if (issuerUrl === undefined) throw new NotGiven('cluster')
    const { subject } = await repoServer
    const audience = planes.endpoints.exchangeAudience
    return { identity: await place(), cluster: { id, name }, issuer: issuerUrl, subject, audience }
  }, [managed])
  const member = run.hop(entitlement, async () => {
    const { principalId, tenantId } = await managed
    return { organization, principalId, tenantId }
  })
  const reader = run.hop(permission, async () => ({ member: await member, access, repositories }))
  const proof = want.verification === 'none' ? undefined : proveIn()
  const pods = run.hop(workload, async () => {
    const { clientId, tenantId } = await managed
    return { repoServer: await repoServer, clientId, tenantId }
  }, [credential])
  // Argo CD is never connected to what is not proved.
  const secrets = run.hop(connection, async () => {
    const { clusterId, namespace } = await repoServer
    return { clusterId, namespace, urls }
  }, [pods, proof])

  /** The cluster's token is asked for while the hops are still being read; it rests on none of them. */
  function proveIn(): Promise<unknown> {
    const token = async (): Promise<string> => {
      const { clusterId, namespace, serviceAccount } = await repoServer
      return serviceAccountToken({ clusterId, namespace, serviceAccount }, planes)
    }
    const first = run.proving ? token() : undefined
    first?.catch(() => undefined)
    return run.prove(async () => {
      const { clientId, tenantId } = await managed
      const { issuer } = await credential
      const deadline = Math.min(patience.deadline, Date.now() + patience.budget)
      let next = first
      const assertion = (): Promise<string> => {
        const given = next ?? token()
        next = undefined
        return given
      }
      return proveAccess({ assertion, clientId, tenantId, issuer, urls }, planes, { ...patience, deadline })
    }, [aks, managed, repoServer, credential, member, reader])
  }

  await Promise.allSettled([aks, managed, repoServer, credential, member, reader, proof, pods, secrets])
  return { cluster: await orUndefined(aks), repoServer: await orUndefined(repoServer) }
}

function orUndefined<T>(link: Promise<T>): Promise<T | undefined> {
  return link.catch(() => undefined)
}

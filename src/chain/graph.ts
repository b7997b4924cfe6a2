/** The chain of trust, from the cluster that signs tokens to the repository that accepts them. */
import type { Desired } from '../config/parse.ts'
import type { Planes } from '../services/services.ts'
import type { RunPatience } from '../http/retry.ts'
import { HttpProblem } from '../http/errors.ts'
import type { Instance } from '../argocd/instance.ts'
import { scopeOf } from '../argocd/places.ts'
import { application } from './application.ts'
import { argocd } from './argocd.ts'
import { cluster, type Cluster } from './cluster.ts'
import { connection } from './connection.ts'
import { entitlement } from './entitlement.ts'
import { federatedCredential } from './federated-credential.ts'
import { identity } from './identity.ts'
import { permission } from './permission.ts'
import { workload } from './workload.ts'
import { proveAccess, serviceAccountToken, type Reading } from './verifications/access.ts'
import { judgeByArgocd } from './verifications/argocd.ts'
import { NotGiven, NotNeeded, type Run } from '../engine/pass.ts'

/** What the pre-check of rights needs to know. */
export interface Standing {
  readonly cluster: Cluster | undefined
  readonly instance: Instance | undefined
}

/**
 * A hop that needs another awaits it, so what can run together does: a check is four round trips deep, and while
 * the repo-server rolls out, the proof already waits for Entra.
 */
export async function chain(
  run: Run,
  want: Desired,
  planes: Planes,
  patience: RunPatience
): Promise<Standing> {
  const { repositories, organization, access, configuration, connection: kind, argocdProject: project } = want
  const urls = repositories.map(({ url }) => url)
  planes.devops.prefetch()

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
  const instance = run.hop(argocd, async () => {
    const { id: clusterId, nodes, issuerUrl: issuer } = await aks
    const identity = await place()
    return { clusterId, nodes, namespace: want.argocdNamespace, configuration, identity, issuer }
  })
  const audience = planes.endpoints.exchangeAudience
  const credential = run.hop(federatedCredential, async () => {
    const { id, name, issuerUrl } = await aks
    if (issuerUrl === undefined) throw new NotGiven('cluster')
    const { subject, credentials: known } = await instance
    return { identity: await place(), cluster: { id, name }, issuer: issuerUrl, subject, audience, known }
  }, [managed])
  const member = run.hop(entitlement, async () => {
    const { principalId, tenantId } = await managed
    return { organization, principalId, tenantId }
  })
  const reader = run.hop(permission, async () => ({ member: await member, access, repositories }))
  // Also before the identity exists: what is in use by others stops the run before its first write.
  const pods = run.hop(workload, async () => {
    const { clientId, tenantId } = await managed.catch((error: unknown) => {
      if (!run.converging && error instanceof NotGiven && error.from === 'identity')
        return { clientId: '', tenantId: want.login.tenantId ?? '' }
      throw error
    })
    return { instance: await instance, clientId, tenantId, identity: await place(), audience }
  }, [credential])
  let reading: Reading | undefined
  const proof = want.verification === 'none' ? undefined : proveAccessIn()
  // Argo CD is never connected to what is not proved.
  const secrets = run.hop(connection, async () => {
    const { clusterId, namespace, scope } = await instance
    return { clusterId, namespace, scope, kind, urls, project }
  }, [pods, proof])
  const wanted = want.application
  const app =
    wanted &&
    run.hop(application, async () => {
      const { clusterId, namespace } = await instance
      const scope = scopeOf({ project })
      return {
        ...wanted,
        clusterId,
        namespace,
        url: urls[0] ?? '',
        project: scope === '' ? 'default' : scope
      }
    }, [secrets])
  const seen = want.verification === 'argocd' ? proveArgocdIn() : undefined

  /** The cluster's token is asked for while the hops are still being read; it rests on none of them. */
  function proveAccessIn(): Promise<{ readonly verification: string }> {
    const token = async (): Promise<string> => {
      const { clusterId, namespace, account } = await instance
      return serviceAccountToken({ clusterId, namespace, serviceAccount: account }, planes)
    }
    // An account of its own is made by the workload hop: only then is there a token.
    const first = run.proving
      ? token().catch(async (error: unknown) => {
          if (!(error instanceof HttpProblem) || error.status !== 404) throw error
          await pods
          return token()
        })
      : undefined
    first?.catch(() => undefined)
    return run.prove(
      'access',
      async () => {
        const { clientId, tenantId } = await managed
        const { issuer } = await credential
        const deadline = Math.min(patience.deadline, Date.now() + patience.budget)
        let next = first
        const assertion = (): Promise<string> => {
          const given = next ?? token()
          next = undefined
          return given
        }
        reading = await proveAccess({ assertion, clientId, tenantId, issuer, urls }, planes, {
          ...patience,
          deadline
        })
        return reading.commits
      },
      [aks, managed, instance, credential, member, reader]
    )
  }

  function proveArgocdIn(): Promise<unknown> {
    return run.prove(
      'argocd',
      async () => {
        await proof
        if (!reading) return new NotNeeded('the access itself is not proved')
        const { generation, since, unseen } = await pods
        const { version } = await instance
        const rewritten = (await run.resultOf(secrets)) === 'updated'
        const facts = { connection: await secrets, generation, since, unseen, version, reading, rewritten }
        const deadline = Math.min(patience.deadline, Date.now() + want.verificationTimeout)
        const read = await judgeByArgocd(facts, run.converging, planes, { ...patience, deadline })
        return read ?? new NotNeeded('nothing has changed since Argo CD itself was seen to read')
      },
      [pods, secrets, ...(app ? [app] : [])]
    )
  }

  await Promise.allSettled([
    aks,
    managed,
    instance,
    credential,
    member,
    reader,
    proof,
    pods,
    secrets,
    app,
    seen
  ])
  return { cluster: await orUndefined(aks), instance: await orUndefined(instance) }
}

function orUndefined<T>(link: Promise<T>): Promise<T | undefined> {
  return link.catch(() => undefined)
}

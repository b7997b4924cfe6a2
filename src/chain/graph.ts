/** The chain of trust, from the cluster that signs tokens to the repository that accepts them. */
import type { Finding } from '../core/finding.ts'
import { explain } from '../diagnosis/explain.ts'
import type { DesiredChain } from '../config/desired.ts'
import type { Services } from '../services/services.ts'
import type { RunRetryPolicy } from '../http/retry.ts'
import { scopeOf } from '../argocd/places.ts'
import { entryOf } from '../argocd/secrets.ts'
import { argocd } from './argocd.ts'
import { cluster } from './cluster.ts'
import { connection, type Connection } from './connection.ts'
import { entitlement } from './entitlement.ts'
import { federatedCredential } from './federated-credential.ts'
import { identity } from './identity.ts'
import { permission } from './permission.ts'
import type { Known } from './rights.ts'
import { workload } from './workload.ts'
import { MissingOutput, orUndefined, type Node } from '../engine/node.ts'
import { NotNeeded } from '../engine/verification.ts'
import type { ChainGraph } from './resource.ts'
import { remotesOf } from './verifications/remotes.ts'
import { otherAsker } from './verifications/asked-as.ts'
import { verifyAccess } from './verifications/access.ts'
import { accountTrusted, exchangeEarly, type Asker } from './verifications/early.ts'
import { exchanged, ServiceAccountTokens } from './verifications/tokens.ts'
import { verifyMembers } from './verifications/members.ts'
import { notReadHere } from './verifications/unread.ts'
import { verifyByArgocd } from './verifications/argocd.ts'
import { AskingConditions } from './verifications/asking-conditions.ts'
import { connectionOf, verifyEach } from './verifications/each.ts'

/**
 * A resource awaits the outputs that it needs, so independent resources run concurrently: a check is four round trips
 * deep, and while the repo-server rolls out, the access verification already waits for Entra.
 */
export async function runChain(
  graph: ChainGraph,
  spec: DesiredChain,
  services: Services,
  policy: RunRetryPolicy
): Promise<Known> {
  const { repositories, access: reads, configuration, connection: kind } = spec
  const { argocdProject: project, registries } = spec
  const urls = repositories.map(({ url }) => url)
  const { exchangeAudience: audience, authority } = services.endpoints
  for (const { name } of spec.organizations) services.devops(name).members.prefetch()
  const { application: wanted } = spec
  const kindOfApplication = wanted && (await import('./application.ts')).application

  const reachOf = (id: string | undefined) => services.kubernetes(id).reach
  const aks = graph.resource(cluster, () => Promise.resolve(spec.cluster))
  const place = async () => {
    const { place } = await aks.output
    return {
      name: spec.identity.name,
      subscriptionId: spec.identity.subscriptionId ?? place.subscriptionId,
      resourceGroup: spec.identity.resourceGroup ?? place.resourceGroup,
      location: spec.identity.location ?? place.location
    }
  }
  const managed = graph.resource(identity, async () => ({ ...(await place()), tags: spec.identity.tags }))
  const instance = graph.resource(argocd, async () => {
    const { id: clusterId, nodes, issuerUrl: issuer } = await aks.output
    const identity = await place()
    return { clusterId, nodes, namespace: spec.argocdNamespace, configuration, identity, issuer }
  })
  const credential = graph.resource(
    federatedCredential,
    async () => {
      const { id, name, issuerUrl } = await aks.output
      if (issuerUrl === undefined) throw new MissingOutput('cluster')
      const { subject, credentials: known } = await instance.output
      return { identity: await place(), cluster: { id, name }, issuer: issuerUrl, subject, audience, known }
    },
    { after: [managed] }
  )
  const principal = async () => {
    try {
      return await managed.output
    } catch (error) {
      if (graph.writes || !(error instanceof MissingOutput) || error.from !== 'identity') throw error
      const tenantId =
        spec.identityLogin?.tenantId ?? (await services.identityArm.tenantOf((await place()).subscriptionId))
      if (tenantId === undefined) throw error
      return { principalId: undefined, tenantId }
    }
  }
  // The identity is a member of each organization by itself, with a licence of each.
  const members = spec.organizations.map(({ name: organization, of, repositories }) => {
    const member = graph.resource(
      entitlement,
      async () => {
        const { principalId, tenantId } = await principal()
        return { organization, principalId, tenantId }
      },
      { of, uses: [managed] }
    )
    const reader = graph.resource(
      permission,
      async () => ({ organization, member: await member.output, access: reads, repositories }),
      { of, uses: [member, managed] }
    )
    return { organization, repositories, member, reader }
  })
  const nodes = members.map(({ member, reader }) => [member, reader])
  // Also read before the identity exists: an identity in use by others stops the run before its first write.
  const pods = graph.resource(
    workload,
    async () => {
      const { clientId, tenantId } = await managed.output.catch((error: unknown) => {
        if (!graph.writes && error instanceof MissingOutput && error.from === 'identity')
          return { clientId: '', tenantId: (spec.identityLogin ?? spec.login).tenantId ?? '' }
        throw error
      })
      const otherTenant = spec.identityLogin !== undefined
      const known = { clientId, tenantId, otherTenant, identity: await place(), audience, authority }
      return { instance: await instance.output, ...known }
    },
    { after: [credential], uses: [managed, ...nodes.flat()] }
  )

  const charted = registries.length === 0 ? undefined : await import('./chart-chain.ts')
  const roles = charted?.roleNode(graph, spec, { aks, managed, principal })

  // What apply writes comes after the access verification, but counts for it.
  const entries = async () => {
    const { clusterId, namespace, version } = await instance.output
    if (!graph.writes && secrets) return (await secrets.output).concerning
    const found = await services.kubernetes(clusterId).argoSecrets(namespace)
    return found.flatMap((one) => entryOf(one, version) ?? [])
  }
  const remoteOf = remotesOf({ kind, urls, project }, entries, services)
  const tokens = new ServiceAccountTokens(instance.output, pods.output, services)
  const likely = async () => {
    if (graph.writes) return undefined
    const { id: clusterId, issuerUrl } = await aks.output
    const credentials = await services.identities.credentials(await place())
    const account = accountTrusted(credentials, issuerUrl, spec.argocdNamespace)
    return account && { ...account, clusterId }
  }
  if (graph.verifies && spec.verification !== 'none') tokens.prefetch(likely())
  const assertion = () => tokens.next()
  const needed = [aks, managed, instance, credential]
  const exchange = async (asker: Asker) =>
    exchanged({ ...asker, assertion, issuer: (await credential.output).issuer }, services)
  const early =
    graph.verifies && !graph.writes && spec.verification !== 'none'
      ? exchangeEarly(needed, () => managed.output, exchange)
      : undefined
  const access =
    spec.verification === 'none'
      ? undefined
      : graph.verification(
          'access',
          async (report) => {
            const commands = reachOf((await instance.output).clusterId).commandsBecause
            if (commands !== undefined) return notReadHere(commands)
            const own = await managed.output
            const { issuer } = await credential.output
            // In a pass that writes, the pods are in order only when they ask as the identity.
            const askers = graph.writes ? [] : ((await orUndefined(pods))?.askers ?? [])
            const other = otherAsker(own, askers)
            const { clientId, tenantId } = other ?? own
            const asks = {
              assertion,
              clientId,
              tenantId,
              issuer,
              propagates: !other,
              remoteOf,
              early,
              report
            }
            const deadline = Math.min(policy.deadline, Date.now() + policy.budget)
            return verifyMembers(members, (repositories) =>
              verifyAccess({ ...asks, repositories }, services, { ...policy, deadline })
            )
          },
          { requires: needed, either: nodes }
        )
  // The access verification, if any, comes first: Argo CD is not connected to an unverified repository.
  const { remind: reminds } = spec
  const stored =
    spec.mode === 'check'
      ? {
          cluster: spec.cluster.name,
          organizations: spec.organizations.map(({ name }) => name),
          allow: spec.allow
        }
      : undefined
  const secrets = !spec.connects
    ? undefined
    : graph.resource(
        connection,
        async () => {
          const { clusterId, namespace, scope, version } = await instance.output
          const charts = registries.map(({ url }) => url)
          return { clusterId, namespace, scope, version, kind, urls, project, charts, stored, reminds }
        },
        { after: [pods, access] }
      )
  const leftBehind = async () => {
    const { clusterId, namespace } = await instance.output
    // What was backed up is not read through commands.
    if (reachOf(clusterId).commandsBecause !== undefined) return undefined
    // A check that is in order must cost little: Secrets that were moved name their backups.
    const moved =
      spec.mode !== 'check' ||
      (await secrets?.output.then(
        ({ migrated }) => migrated,
        () => true
      ))
    if (!moved) return undefined
    const { Backups } = await import('./migration/backups.ts')
    return new Backups(services.kubernetes(clusterId), namespace).list()
  }
  // A run that moves Secrets itself looks on its own. Where the list is refused, the connection cannot be read either.
  const left = spec.connects && !graph.writes ? leftBehind().catch(() => undefined) : undefined
  if (charted && roles) {
    const needs = { roles, instance, pods, needed, managed, credential, assertion }
    charted.addCharts(graph, spec, services, policy, needs)
  }
  const app =
    wanted &&
    secrets &&
    kindOfApplication &&
    graph.resource(
      kindOfApplication,
      async () => {
        const { clusterId, namespace } = await instance.output
        const scope = scopeOf({ project })
        return {
          ...wanted,
          clusterId,
          namespace,
          url: urls[0] ?? '',
          urls,
          project: scope === '' ? 'default' : scope
        }
      },
      { after: [secrets] }
    )
  if (access && secrets && spec.verification === 'argocd') {
    const verify = async (report: (finding: Finding) => void) => {
      const [reading, { version, clusterId }, running] = await Promise.all([
        access.output,
        instance.output,
        pods.output
      ])
      const rewritten = (await secrets.result) === 'updated'
      const connected = await secrets.output
      const conditions = new AskingConditions(connected, services)
      const refused = reachOf(clusterId).writeRefused
      const facts = { refused, pods: running, version, reading, rewritten, conditions, report }
      const deadline = Math.min(policy.deadline, Date.now() + spec.verificationTimeout)
      // The access verification already reports repositories that the identity cannot read.
      const readable = urls.filter((url) => reading.unread === true || url in reading.commits)
      const ask = async (connection: Connection) => {
        const asked = { ...facts, connection }
        const { commits, reason } = await verifyByArgocd(asked, graph.writes, services, {
          ...policy,
          deadline
        })
        // Without a reading of this run, what Argo CD was seen to read before is the evidence.
        if (!commits && reading.unread !== true) return new NotNeeded(reason)
        return { commits: commits ?? {}, reason }
      }
      // The verification is recorded on the Secret, and the repositories share a template.
      if (kind === 'repo-creds') return ask({ ...connected, urls: readable })
      return verifyEach(readable, (url) => ask(connectionOf(connected, url)), explain)
    }
    graph.verification('argocd', verify, { requires: [pods, secrets, app, access] })
  }

  await graph.settled()
  return {
    cluster: await orUndefined(aks),
    instance: await orUndefined(instance),
    identity: await orUndefined(managed),
    members: await byOrganization(members, ({ member }) => member),
    places: await byOrganization(members, ({ reader }) => reader),
    pods: await orUndefined(pods),
    registries: (roles && (await orUndefined(roles))) ?? [],
    reading: access && (await orUndefined(access)),
    left: await left
  }
}

/** The outputs that exist, by organization, once all have settled. */
async function byOrganization<Of extends { readonly organization: string }, T>(
  all: readonly Of[],
  nodeOf: (one: Of) => Node<T>
): Promise<ReadonlyMap<string, T>> {
  const found = new Map<string, T>()
  for (const one of all) {
    const output = await orUndefined(nodeOf(one))
    if (output !== undefined) found.set(one.organization, output)
  }
  return found
}

/** All that set-up makes, from the login of the pipeline to the file that it runs. */
import { argocd } from '../../chain/argocd.ts'
import { cluster } from '../../chain/cluster.ts'
import { entitlement } from '../../chain/entitlement.ts'
import { identity } from '../../chain/identity.ts'
import { permission } from '../../chain/permission.ts'
import type { Node } from '../../engine/node.ts'
import { customRole, roleAssignment } from './azure-rights.ts'
import { isHidden } from './hidden.ts'
import { kubernetesRole } from './kubernetes-role.ts'
import { pipelineApplication, pipelineIdentity, type Login } from './login.ts'
import { pipelineAdministrator, pipelineReader, pipelineUser } from './member.ts'
import { announced, notReady, onlyRead } from './only-read.ts'
import { pipelineYaml, workflow } from './pipeline-content.ts'
import {
  actionsOf,
  assignableScopesOf,
  dataActionsOf,
  namespaceScope,
  scopesOf,
  USUAL_ARGOCD,
  type ArgocdNames,
  type Side
} from './rights.ts'
import { inClusterTenant, type SetupGraph, type SetupServices } from './services.ts'
import { serviceConnection } from './service-connection.ts'
import { clusterId, groupId, inIdentityTenant, kubernetesRoleOf, roleOf, type Settings } from './settings.ts'
import { pipelineTrust, titleOf } from './trust.ts'
import { pipelineFile } from './workspace-file.ts'

/**
 * @param removing only what set-up itself made is part of it: Argo CD's identity belongs to `patless remove`
 * @returns resolves when every resource has a result
 */
export async function runSetup(
  graph: SetupGraph,
  settings: Settings,
  services: SetupServices,
  removing = false
): Promise<void> {
  const place = { kind: 'aks' as const, ...settings.cluster, configure: false }
  const aks = graph.resource(onlyRead(cluster, notReady), () => Promise.resolve(place))
  const location = async (): Promise<string> => (await aks.output).place.location
  const instance = graph.resource(onlyRead(argocd), async () => {
    const { id, nodes, issuerUrl: issuer } = await aks.output
    const namespace = settings.argocdNamespace
    return {
      clusterId: id,
      nodes,
      namespace,
      configuration: 'auto' as const,
      identity: settings.identity,
      issuer
    }
  })
  const names = async (): Promise<ArgocdNames> => {
    try {
      const { namespace, deployment, account, configuration } = await instance.output
      return { namespace, deployment, account, configuration }
    } catch (error) {
      const { argocdNamespace: namespace } = settings
      if (namespace === undefined || !isHidden(graph)) throw error
      return { ...USUAL_ARGOCD, namespace }
    }
  }
  const { subscriptionId } = settings.cluster
  const { exchangeAudience: audience } = services.endpoints
  const login = loginOf(graph, settings, { subscriptionId, audience, location })
  const other = inIdentityTenant(settings)
  const identityLogin =
    other &&
    loginOf(graph, other, {
      of: other.tenantId,
      subscriptionId: other.identity.subscriptionId,
      ...{ audience, location }
    })
  const known = addMembers(graph, other ?? settings, { login: identityLogin ?? login, location, removing })
  if (other && identityLogin) {
    giveRightsInAzure(graph, settings, { login, names, side: 'cluster', known: [] })
    giveRightsInAzure(graph, other, { login: identityLogin, names, side: 'identity', known })
  } else giveRightsInAzure(graph, settings, { login, names, side: 'everything', known })
  await giveRightsInCluster(graph, settings, {
    login,
    names,
    azureRbac: aks.output.then(
      (output) => output.azureRbac,
      () => false
    ),
    removing
  })
  graph.resource(pipelineFile, async () => {
    const { clientId } = await login.output
    const identityClientId = (await identityLogin?.output)?.clientId
    const { namespace } = await names()
    const complete = { ...settings, argocdNamespace: namespace }
    const { pipeline } = settings
    const content =
      pipeline.host === 'github'
        ? workflow(complete, pipeline, { clientId, identityClientId })
        : pipelineYaml(complete, pipeline)
    return { ...settings.file, content }
  })
  await graph.settled()
}

interface LoginFacts {
  /** The tenant, if it is not that of the cluster. */
  readonly of?: string
  /** That its service connection names. */
  readonly subscriptionId: string
  readonly audience: string
  readonly location: () => Promise<string>
}

/**
 * What the pipeline logs in as, with its federated credential; on Azure Pipelines that of a service connection, which
 * decides issuer and subject.
 */
function loginOf(
  graph: SetupGraph,
  settings: Settings,
  { of, subscriptionId, audience, location }: LoginFacts
): Node<Login> {
  const { pipeline, tenantId } = settings
  const { name } = settings.login
  const at = placeIn(of)
  const login =
    settings.login.kind === 'application'
      ? graph.resource(at(pipelineApplication), () => Promise.resolve({ name }), { of })
      : graph.resource(
          at(pipelineIdentity),
          async () => ({ ...settings.login, location: await location() }),
          { of }
        )
  const trusted =
    pipeline.host === 'github'
      ? Promise.resolve(pipeline)
      : graph.resource(
          serviceConnection,
          async () => {
            const { clientId } = await login.output
            const { organization, connection: name, project } = pipeline
            return { organization, name, project, tenantId, clientId, subscriptionId }
          },
          { of, uses: [login] }
        ).output
  graph.resource(
    at(pipelineTrust),
    async () => {
      // The login must exist before its credentials can be listed.
      const { holder } = await login.output
      const { issuer, subject } = await trusted
      return { holder, issuer, subject, audience, title: titleOf(pipeline) }
    },
    { of, uses: [login] }
  )
  return login
}

/**
 * The users in each organization: the pipeline, and Argo CD unless the pipeline itself adds it.
 *
 * @returns Argo CD's identity, where set-up makes it
 */
function addMembers(
  graph: SetupGraph,
  { tenantId, organizations, access, selfService, identity: own }: Settings,
  {
    login,
    location,
    removing
  }: { readonly login: Node<Login>; readonly location: () => Promise<string>; readonly removing: boolean }
): Node[] {
  for (const { name: organization, of, repositories } of organizations) {
    const user = graph.resource(
      pipelineUser,
      async () => ({ organization, principalId: (await login.output).principalId, tenantId }),
      { of, uses: [login] }
    )
    if (selfService)
      graph.resource(pipelineAdministrator, async () => ({ organization, member: await user.output }), {
        of,
        uses: [user]
      })
    const reader = async () => ({ organization, member: await user.output, access, repositories })
    if (!removing) graph.resource(pipelineReader, reader, { of })
  }
  if (selfService || removing) return []
  const argocdIdentity = graph.resource(
    announced(identity, (spec) => `Creating the identity ${spec.name} in ${spec.resourceGroup} for Argo CD.`),
    async () => ({ ...own, location: await location(), tags: {} })
  )
  for (const { name: organization, of, repositories } of organizations) {
    const member = graph.resource(
      announced(entitlement, (spec) => `Adding Argo CD's identity to ${spec.organization} with Basic.`),
      async () => ({ organization, principalId: (await argocdIdentity.output).principalId, tenantId }),
      { of }
    )
    const reader = async () => ({ organization, member: await member.output, access, repositories })
    const text = `Giving Argo CD's identity read access in ${organization}.`
    graph.resource(
      announced(permission, () => text),
      reader,
      { of }
    )
  }
  return [argocdIdentity]
}

/** @param of the tenant of the identity, if it is not that of the cluster */
function placeIn(of: string | undefined): typeof inClusterTenant {
  return of === undefined ? inClusterTenant : (resource) => resource
}

interface Rights {
  readonly login: Node<Login>
  readonly names: () => Promise<ArgocdNames>
}

function giveRightsInAzure(
  graph: SetupGraph,
  settings: Settings,
  { login, names, known, side }: Rights & { readonly known: readonly Node[]; readonly side: Side }
): void {
  const { subscriptionId } = side === 'identity' ? settings.identity : settings.cluster
  const of = side === 'identity' ? settings.tenantId : undefined
  const at = placeIn(of)
  const role = graph.resource(
    at(customRole('azure-role')),
    async () => {
      const { id: name, name: roleName } = roleOf(settings)
      const actions = actionsOf(settings, (await names()).configuration, side)
      const assignableScopes = assignableScopesOf(settings, side)
      return { subscriptionId, role: { name, roleName, actions, dataActions: [], assignableScopes } }
    },
    { of }
  )
  graph.resource(
    at(roleAssignment('azure-assignment')),
    async () => {
      const { principalId } = await login.output
      return { scopes: scopesOf(settings, side), roleId: await role.output, principalId }
    },
    { of, after: known, uses: [role, login] }
  )
}

/**
 * Where the cluster authorizes by Azure RBAC, a custom role at the scope of the namespace; elsewhere a Role and its
 * binding. The cluster may have changed its ways since, so both are taken away.
 */
async function giveRightsInCluster(
  graph: SetupGraph,
  settings: Settings,
  {
    login,
    names,
    azureRbac,
    removing
  }: Rights & { readonly azureRbac: Promise<boolean>; readonly removing: boolean }
): Promise<void> {
  const { cluster } = settings
  const { subscriptionId } = cluster
  const byAzure = await azureRbac
  if (byAzure || removing) {
    const role = graph.resource(inClusterTenant(customRole('aks-role')), async () => {
      const { id: name, name: roleName } = kubernetesRoleOf(settings)
      const dataActions = dataActionsOf(await names())
      const assignableScopes = [groupId(cluster)]
      return { subscriptionId, role: { name, roleName, actions: [], dataActions, assignableScopes } }
    })
    graph.resource(
      inClusterTenant(roleAssignment('aks-assignment')),
      async () => {
        const { principalId } = await login.output
        const { namespace } = await names()
        return { scopes: [namespaceScope(cluster, namespace)], roleId: await role.output, principalId }
      },
      { uses: [role, login] }
    )
  }
  if (byAzure && !removing) return
  graph.resource(
    kubernetesRole,
    async () => {
      const { principalId } = await login.output
      const name = settings.login.name.toLowerCase()
      return { clusterId: clusterId(cluster), argocd: await names(), name, principalId }
    },
    { uses: [login] }
  )
}

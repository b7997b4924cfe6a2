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
  type ArgocdNames
} from './rights.ts'
import type { SetupGraph, SetupServices } from './services.ts'
import { serviceConnection } from './service-connection.ts'
import { clusterId, groupId, kubernetesRoleOf, roleOf, type Settings } from './settings.ts'
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
  const { name } = settings.login
  const login =
    settings.login.kind === 'application'
      ? graph.resource(pipelineApplication, () => Promise.resolve({ name }))
      : graph.resource(pipelineIdentity, async () => ({ ...settings.login, location: await location() }))

  trustPipeline(graph, settings, services, login)
  const known = addMembers(graph, settings, { login, location, removing })
  giveRightsInAzure(graph, settings, { login, names, known })
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
    const { namespace } = await names()
    const complete = { ...settings, argocdNamespace: namespace }
    const { pipeline } = settings
    const content =
      pipeline.host === 'github' ? workflow(complete, pipeline, clientId) : pipelineYaml(complete, pipeline)
    return { ...settings.file, content }
  })
  await graph.settled()
}

/** The federated credential; on Azure Pipelines that of a service connection, which decides issuer and subject. */
function trustPipeline(
  graph: SetupGraph,
  settings: Settings,
  { endpoints }: SetupServices,
  login: Node<Login>
): void {
  const { pipeline, tenantId, cluster } = settings
  const trusted =
    pipeline.host === 'github'
      ? Promise.resolve(pipeline)
      : graph.resource(
          serviceConnection,
          async () => {
            const { clientId } = await login.output
            const { subscriptionId } = cluster
            const { organization, connection: name, project } = pipeline
            return { organization, name, project, tenantId, clientId, subscriptionId }
          },
          { uses: [login] }
        ).output
  const { exchangeAudience: audience } = endpoints
  graph.resource(
    pipelineTrust,
    async () => {
      // The login must exist before its credentials can be listed.
      const { holder } = await login.output
      const { issuer, subject } = await trusted
      return { holder, issuer, subject, audience, title: titleOf(pipeline) }
    },
    { uses: [login] }
  )
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

interface Rights {
  readonly login: Node<Login>
  readonly names: () => Promise<ArgocdNames>
}

function giveRightsInAzure(
  graph: SetupGraph,
  settings: Settings,
  { login, names, known }: Rights & { readonly known: readonly Node[] }
): void {
  const { subscriptionId } = settings.cluster
  const role = graph.resource(customRole('azure-role'), async () => {
    const { id: name, name: roleName } = roleOf(settings)
    const actions = actionsOf(settings, (await names()).configuration)
    const assignableScopes = assignableScopesOf(settings)
    return { subscriptionId, role: { name, roleName, actions, dataActions: [], assignableScopes } }
  })
  graph.resource(
    roleAssignment('azure-assignment'),
    async () => {
      const { principalId } = await login.output
      return { scopes: scopesOf(settings), roleId: await role.output, principalId }
    },
    { after: known, uses: [role, login] }
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
    const role = graph.resource(customRole('aks-role'), async () => {
      const { id: name, name: roleName } = kubernetesRoleOf(settings)
      const dataActions = dataActionsOf(await names())
      const assignableScopes = [groupId(cluster)]
      return { subscriptionId, role: { name, roleName, actions: [], dataActions, assignableScopes } }
    })
    graph.resource(
      roleAssignment('aks-assignment'),
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

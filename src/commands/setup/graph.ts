/** All that set-up makes, from the identity that the pipeline logs in as to the file that it runs. */
import { argocd } from '../../chain/argocd.ts'
import { cluster } from '../../chain/cluster.ts'
import { entitlement } from '../../chain/entitlement.ts'
import { identity } from '../../chain/identity.ts'
import { permission } from '../../chain/permission.ts'
import { warning, type Finding } from '../../core/finding.ts'
import { word } from '../../core/shell.ts'
import type { Node } from '../../engine/node.ts'
import { azureAssignment, azureRole } from './azure-rights.ts'
import { kubernetesRole } from './kubernetes-role.ts'
import { pipelineIdentity, pipelineTrust } from './login.ts'
import { pipelineAdministrator, pipelineReader, pipelineUser } from './member.ts'
import { pipelineYaml, workflow } from './pipeline-content.ts'
import { actionsOf, assignableScopesOf, scopesOf, type ArgocdNames } from './rights.ts'
import type { SetupGraph, SetupResource, SetupServices } from './services.ts'
import { serviceConnection } from './service-connection.ts'
import { clusterId, roleOf, type Settings } from './settings.ts'
import { pipelineFile } from './workspace-file.ts'

/**
 * @param removing only what set-up itself made is part of it: Argo CD's identity belongs to `patless remove`
 * @returns resolves when every resource has a result
 */
export async function runSetup(
  graph: SetupGraph,
  settings: Settings,
  { endpoints }: SetupServices,
  removing = false
): Promise<void> {
  const { tenantId, repositories, organization, access, pipeline, selfService } = settings
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
    const { namespace, deployment, account, configuration } = await instance.output
    return { namespace, deployment, account, configuration }
  }

  const login = graph.resource(pipelineIdentity, async () => ({
    ...settings.login,
    location: await location()
  }))
  const principal = async (): Promise<{ organization: string; principalId: string; tenantId: string }> => {
    const { principalId } = await login.output
    return { organization, principalId, tenantId }
  }
  const connection =
    pipeline.host === 'github'
      ? undefined
      : graph.resource(
          serviceConnection,
          async () => {
            const { clientId } = await login.output
            const { subscriptionId } = settings.cluster
            return {
              organization,
              name: pipeline.connection,
              project: pipeline.project,
              tenantId,
              clientId,
              subscriptionId
            }
          },
          { uses: [login] }
        )
  const trust = graph.resource(
    pipelineTrust,
    async () => {
      const { issuer, subject } =
        pipeline.host === 'github' ? pipeline : await (connection as NonNullable<typeof connection>).output
      const title =
        pipeline.host === 'github'
          ? `${pipeline.owner}-${pipeline.name}`
          : `${organization}-${pipeline.project}`
      // The identity must exist before its credentials can be listed.
      await login.output
      return { identity: settings.login, issuer, subject, audience: endpoints.exchangeAudience, title }
    },
    { uses: [login] }
  )
  const user = graph.resource(pipelineUser, principal, { uses: [login] })
  const reader = async () => ({ organization, member: await user.output, access, repositories })
  if (selfService) {
    const member = async () => ({ member: await user.output })
    graph.resource(pipelineAdministrator, member, { uses: [user] })
  }
  if (!removing) graph.resource(pipelineReader, reader)

  const known: Node[] = []
  if (!selfService && !removing) {
    const argocdIdentity = graph.resource(identity, async () => ({
      ...settings.identity,
      location: await location(),
      tags: {}
    }))
    const member = graph.resource(entitlement, async () => {
      const { principalId } = await argocdIdentity.output
      return { organization, principalId, tenantId }
    })
    graph.resource(permission, async () => ({
      organization,
      member: await member.output,
      access,
      repositories
    }))
    known.push(argocdIdentity)
  }
  const role = graph.resource(azureRole, async () => {
    const { id: name, name: roleName } = roleOf(settings)
    const actions = actionsOf(settings, (await names()).configuration)
    const assignableScopes = assignableScopesOf(settings)
    return {
      subscriptionId: settings.cluster.subscriptionId,
      role: { name, roleName, actions, assignableScopes }
    }
  })
  graph.resource(
    azureAssignment,
    async () => {
      const { principalId } = await login.output
      return { scopes: scopesOf(settings), roleId: await role.output, principalId }
    },
    { after: known, uses: [role, login] }
  )
  graph.resource(
    kubernetesRole,
    async () => {
      const { principalId } = await login.output
      const name = settings.login.name.toLowerCase()
      return { clusterId: clusterId(settings.cluster), argocd: await names(), name, principalId }
    },
    { uses: [login] }
  )
  graph.resource(pipelineFile, async () => {
    const { clientId } = await login.output
    const { namespace } = await names()
    const complete = { ...settings, argocdNamespace: namespace }
    const content =
      pipeline.host === 'github' ? workflow(complete, pipeline, clientId) : pipelineYaml(complete, pipeline)
    return { ...settings.file, content }
  })
  await Promise.all([trust.result, graph.settled()])
}

/** A resource of the chain that set-up looks at and leaves as it is. */
function onlyRead<Spec, State, Output>(
  resource: SetupResource<Spec, State, Output>,
  more: (differences: number, spec: Spec) => Finding[] = () => []
): SetupResource<Spec, State, Output> {
  return {
    kind: resource.kind,
    read: (spec, services, options) => resource.read(spec, services, options),
    assess(spec, state) {
      const { differences, findings = [], ...rest } = resource.assess(spec, state)
      return { ...rest, differences: [], findings: [...findings, ...more(differences.length, spec)] }
    }
  }
}

function notReady(
  differences: number,
  { name, resourceGroup = '' }: { readonly name: string; readonly resourceGroup?: string }
): Finding[] {
  if (differences === 0) return []
  const at = `-g ${word(resourceGroup)} -n ${word(name)}`
  return [
    warning({
      id: 'setup/cluster-not-ready',
      summary: `OIDC issuer or workload identity is off on ${name}, and the first apply needs both.`,
      remedy: `az aks update ${at} --enable-oidc-issuer --enable-workload-identity; this restarts the API server`
    })
  ]
}

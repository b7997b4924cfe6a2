/** Checks the Azure actions that the due writes need, each at the resource that it acts on. */
import { groupBy } from '../core/group-by.ts'
import { warning, type FindingFacts } from '../core/finding.ts'
import { word } from '../core/shell.ts'
import type { DesiredChain } from '../config/desired.ts'
import type { ResourceKind } from '../core/finding-titles.ts'
import { HttpProblem } from '../http/errors.ts'
import { ASKING, roleWith } from '../services/azure/roles.ts'
import type { Services } from '../services/services.ts'
import { PROVIDER } from './argocd.ts'
import { isConnected } from './connected-cluster.ts'
import { REGISTER } from './permissions.ts'
import { orNotKnown, type Due, type Rights, type Known } from './rights.ts'

interface Need extends Due {
  readonly arm?: readonly string[]
}

interface Wanted {
  readonly resource: ResourceKind
  readonly action: string
  readonly scope: string
}

const OF_CLUSTER: ReadonlySet<ResourceKind> = new Set(['cluster', 'argocd', 'workload'])

export function azureRights(
  needs: readonly Need[],
  known: Known,
  desired: DesiredChain,
  { arm, identityArm }: Services
): Promise<Rights>[] {
  const wanted = needs.flatMap((need) => wantedBy(need, known, desired))
  const byScope = groupBy(wanted, ({ scope }) => scope)
  return [...byScope].map(([scope, all]) => {
    const resource = all[0]?.resource ?? 'cluster'
    const actions = [...new Set(all.map(({ action }) => action))]
    const question = async (): Promise<Rights> => {
      const ofIdentity = !OF_CLUSTER.has(resource)
      const missing = await (ofIdentity ? identityArm : arm).missingActions(scope, actions)
      const { clientId } = (ofIdentity ? desired.identityLogin : undefined) ?? desired.login
      return { missing: missing.map((action) => lacks(action, scope, clientId)), findings: [] }
    }
    const asked = orNotKnown(question, { resource }, () => notKnown(actions, scope))
    return isLink(scope, known) ? asked.catch((error: unknown) => gone(error, resource, scope, known)) : asked
  })
}

/** Checks nothing at an unknown scope, and no cluster actions when the cluster is not in Azure. */
function wantedBy(
  { resource, arm = [], differences }: Need,
  { cluster, identity, registries }: Known,
  desired: DesiredChain
): Wanted[] {
  // A role is assigned, or taken, at each registry.
  if (resource === 'registry')
    return registries.flatMap(({ id, assigned }) =>
      arm
        .filter((action) => assigned === action.endsWith('/delete'))
        .map((action) => ({ resource, action, scope: id }))
    )
  if (!cluster) return wantedByInputs({ resource, arm }, desired)
  const subscription = `/subscriptions/${cluster.place.subscriptionId}`
  const group = groupOf(desired.identity, cluster.place)
  const scope = OF_CLUSTER.has(resource) ? cluster.id : (identity?.id ?? group)
  // Patless does not write a connected cluster.
  const isRead = resource === 'cluster' && isConnected(cluster.id)
  const own = scope === undefined || isRead ? [] : arm.map((action) => ({ resource, action, scope }))
  // A resource provider is registered once, at the subscription.
  const registering = differences.some(({ field }) => field === PROVIDER)
  const links = resource === 'cluster' && own.length > 0 ? cluster.links : []
  return [
    ...own,
    ...(registering ? [{ resource, action: REGISTER, scope: subscription }] : []),
    ...links.map((link) => ({ resource, ...link }))
  ]
}

/** Without the cluster, the resource group of the identity is known only as far as the inputs name it. */
function wantedByInputs(
  { resource, arm }: { readonly resource: ResourceKind; readonly arm: readonly string[] },
  { cluster, identity }: DesiredChain
): Wanted[] {
  if (cluster.kind !== 'aks' || OF_CLUSTER.has(resource)) return []
  const { subscriptionId = identity.subscriptionId, resourceGroup = identity.resourceGroup } = cluster
  if (subscriptionId === undefined || resourceGroup === undefined) return []
  const scope = groupOf(identity, { subscriptionId, resourceGroup })
  return arm.map((action) => ({ resource, action, scope }))
}

/** The resource group of the identity; what the inputs do not say is as for the cluster. */
function groupOf(
  identity: DesiredChain['identity'],
  place: { readonly subscriptionId: string; readonly resourceGroup: string }
): string {
  const { subscriptionId = place.subscriptionId, resourceGroup = place.resourceGroup } = identity
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`
}

function isLink(scope: string, { cluster }: Known): boolean {
  return (cluster?.links ?? []).some((link) => link.scope === scope)
}

/** A cluster may reference a deleted resource. Azure decides whether it accepts the write, so this only warns. */
function gone(error: unknown, resource: ResourceKind, scope: string, { cluster }: Known): Rights {
  if (!(error instanceof HttpProblem) || error.status !== 404) throw error
  const finding = warning({
    id: 'cluster/link-missing',
    summary: `The cluster uses ${scope}, which does not exist: Azure may refuse to write the cluster.`,
    remedy: 'if it does, take it out of the cluster first: the command does it for a workspace',
    ...(cluster && {
      command: `az aks disable-addons -g ${word(cluster.place.resourceGroup)} -n ${word(cluster.name)} --addons monitoring`
    })
  })
  return { missing: [], findings: [{ resource, finding }] }
}

function lacks(action: string, scope: string, clientId: string | undefined): FindingFacts {
  const { file, name } = roleWith(action) ?? { file: 'docs/permissions', name: 'Patless' }
  return {
    id: 'rights/azure',
    summary: `The login does not have the Azure permission ${action} at ${scope}.`,
    expected: action,
    actual: 'not granted',
    remedy: `assign the role of ${file}`,
    command: `az role assignment create --assignee ${word(clientId ?? '<client id>')} --role ${word(name)} --scope ${word(scope)}`,
    link: 'https://learn.microsoft.com/azure/role-based-access-control/role-assignments-cli'
  }
}

function notKnown(actions: readonly string[], scope: string): FindingFacts {
  return {
    id: 'rights/not-known',
    summary: `Whether the login has the Azure rights that this run needs at ${scope} is not known, since it may not ask: ${actions.join(', ')}.`,
    expected: ASKING,
    actual: 'not granted',
    remedy: `nothing has to be done if the run goes well; to have missing rights named before the first write, add ${ASKING} to the role (docs/permissions/azure-role.json)`,
    link: 'https://learn.microsoft.com/azure/role-based-access-control/permissions/management-and-governance'
  }
}

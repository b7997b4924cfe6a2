/** Which Azure actions the writes that are due need, each asked for at the resource that it acts on. */
import type { ProblemFacts } from '../core/problem.ts'
import { word } from '../core/shell.ts'
import type { Desired } from '../config/desired.ts'
import type { HopName } from '../engine/outcome.ts'
import { HttpProblem } from '../http/errors.ts'
import { ASKING, roleWith } from '../services/azure/roles.ts'
import type { Planes } from '../services/services.ts'
import { PROVIDER, REGISTER } from './permissions.ts'
import { orNotKnown, type Due, type Rights, type Standing } from './rights.ts'

interface Need extends Due {
  readonly arm?: readonly string[]
}

interface Wanted {
  readonly hop: HopName
  readonly action: string
  readonly scope: string
}

const OF_CLUSTER: ReadonlySet<HopName> = new Set(['cluster', 'argocd', 'workload'])

export function azureRights(
  needs: readonly Need[],
  standing: Standing,
  desired: Desired,
  { arm }: Planes
): Promise<Rights>[] {
  const wanted = needs.flatMap((need) => wantedBy(need, standing, desired))
  const byScope = Map.groupBy(wanted, ({ scope }) => scope)
  return [...byScope].map(([scope, all]) => {
    const hop = all[0]?.hop ?? 'cluster'
    const actions = [...new Set(all.map(({ action }) => action))]
    const question = async (): Promise<Rights> => {
      const missing = await arm.missingActions(scope, actions)
      return { missing: missing.map((action) => lacks(action, scope, desired)), notes: [] }
    }
    const asked = orNotKnown(question, hop, () => notKnown(actions, scope))
    return isLink(scope, standing) ? asked.catch((error: unknown) => gone(error, hop, scope)) : asked
  })
}

/** Nothing is asked at what is not known, and nothing in Azure of a cluster that is not. */
function wantedBy(
  { hop, arm = [], changes }: Need,
  { cluster, identity }: Standing,
  desired: Desired
): Wanted[] {
  if (!cluster) return []
  const subscription = `/subscriptions/${cluster.place.subscriptionId}`
  const group = `${subscription}/resourceGroups/${desired.identity.resourceGroup ?? cluster.place.resourceGroup}`
  const scope = OF_CLUSTER.has(hop) ? cluster.id : (identity?.id ?? group)
  const own = scope === undefined ? [] : arm.map((action) => ({ hop, action, scope }))
  // Registering is the subscription's affair, and done once.
  const registering = changes.some(({ field }) => field === PROVIDER)
  const links = hop === 'cluster' && own.length > 0 ? cluster.links : []
  return [
    ...own,
    ...(registering ? [{ hop, action: REGISTER, scope: subscription }] : []),
    ...links.map((link) => ({ hop, ...link }))
  ]
}

function isLink(scope: string, { cluster }: Standing): boolean {
  return (cluster?.links ?? []).some((link) => link.scope === scope)
}

/** A cluster may name what was deleted since; whether it can be written then is for Azure to say. */
function gone(error: unknown, hop: HopName, scope: string): Rights {
  if (!(error instanceof HttpProblem) || error.status !== 404) throw error
  const facts = {
    what: `The cluster uses ${scope}, which does not exist: Azure may refuse to write the cluster.`,
    remedy: 'if it does, take it out of the cluster first, e.g. az aks disable-addons --addons monitoring'
  }
  return { missing: [], notes: [{ hop, facts }] }
}

function lacks(action: string, scope: string, { login: { clientId } }: Desired): ProblemFacts {
  const { file, name } = roleWith(action) ?? { file: 'docs/permissions', name: 'Patless' }
  const who = clientId ?? '<client id>'
  return {
    what: `The login lacks the Azure right ${action} at ${scope}.`,
    expected: action,
    found: 'not granted',
    remedy: `assign the role of ${file}: az role assignment create --assignee ${who} --role ${word(name)} --scope ${word(scope)}`,
    link: 'https://learn.microsoft.com/azure/role-based-access-control/role-assignments-cli'
  }
}

function notKnown(actions: readonly string[], scope: string): ProblemFacts {
  return {
    what: `Whether the login has the Azure rights that this run needs at ${scope} is not known, since it may not ask: ${actions.join(', ')}.`,
    expected: ASKING,
    found: 'not granted',
    remedy: `nothing has to be done if the run goes well; to have missing rights named before the first write, add ${ASKING} to the role (docs/permissions/azure-role.json)`,
    link: 'https://learn.microsoft.com/azure/role-based-access-control/permissions/management-and-governance'
  }
}

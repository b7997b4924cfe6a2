/**
 * The plan of a dry run, from what its only pass found. A resource that waits for the identity was not compared with
 * anything, so its fields come from the inputs, and what only Azure can choose is known after apply.
 */
import { CLIENT_ID, LABEL, TENANT_ID } from '../argocd/identity.ts'
import type { DesiredChain, DesiredOrganization } from '../config/desired.ts'
import type { ResourceKind } from '../core/finding-titles.ts'
import type { Difference, ResourceOutcome } from '../engine/outcome.ts'
import { makePlan, type Plan, type PlannedField, type PlanStep } from '../engine/plan.ts'
import type { Known } from './rights.ts'

/** Apply changes objects of others here, also where what it writes is not there yet. */
const IN_PLACE: ReadonlySet<ResourceKind> = new Set(['cluster', 'workload'])

/** @param resources of the pass that read the chain */
export function applyPlan(resources: readonly ResourceOutcome[], known: Known, desired: DesiredChain): Plan {
  const unread = resources.some(({ result }) => result === 'failed')
  const steps = resources.flatMap((outcome): PlanStep[] => {
    const { resource, result, differences } = outcome
    if (result === 'unchanged' || result === 'failed') return []
    const made = IN_PLACE.has(resource) ? 'change' : 'create'
    const step = (
      action: PlanStep['action'],
      fields: readonly PlannedField[] = [],
      effects: readonly string[] = []
    ): PlanStep[] => [{ ...which(outcome), action, fields, effects }]
    if (differences.some(({ blocked }) => blocked)) return step('blocked', differences.map(plannedField))
    const target = targetOf(outcome, desired)
    const effects = effectsOf(outcome, known, target)
    if (result !== 'unknown') {
      const action = result === 'missing' ? made : 'change'
      const chosen = action === 'create' ? chosenByAzure(resource) : []
      return step(action, [...differences.map(plannedField), ...chosen], effects)
    }
    return unread ? step('unknown') : step(made, fieldsFromInputs(resource, known, desired, target), effects)
  })
  return makePlan(steps)
}

/** @param resources of a dry run of remove */
export function removePlan(resources: readonly ResourceOutcome[], known: Known): Plan {
  const steps = resources.flatMap((outcome): PlanStep[] => {
    const { resource, result, differences, summary } = outcome
    if (result === 'skipped') {
      const effects = summary === undefined ? [] : [summary]
      return [{ ...which(outcome), action: 'keep', fields: [], effects }]
    }
    if (result !== 'drifted') return []
    const fields = differences.map(({ field }): PlannedField => ({ field, before: 'exists' }))
    const effects = [
      ...(resource === 'workload' ? rollout(known) : []),
      ...(resource === 'entitlement' ? ['frees the license'] : [])
    ]
    return [{ ...which(outcome), action: 'delete', fields, effects }]
  })
  return makePlan(steps)
}

function which({ resource, of }: ResourceOutcome): Pick<PlanStep, 'resource' | 'organization'> {
  return { resource, ...(of !== undefined && { organization: of }) }
}

/** The organization of a resource, and what it reads there. */
type Target = Pick<DesiredOrganization, 'name' | 'repositories'>

function targetOf({ of }: ResourceOutcome, { organizations, repositories }: DesiredChain): Target {
  const [first] = organizations
  return organizations.find((one) => one.of === of) ?? { name: first?.name ?? '', repositories }
}

function plannedField({ field, expected, actual }: Difference): PlannedField {
  return { field, after: expected, ...(actual !== undefined && { before: actual }) }
}

function chosenByAzure(resource: ResourceKind): PlannedField[] {
  return resource === 'identity' ? [{ field: 'client id' }, { field: 'principal id' }] : []
}

function fieldsFromInputs(
  resource: ResourceKind,
  { instance, cluster }: Known,
  { access, application, repositories: all, registries, identityLogin }: DesiredChain,
  { name: organization, repositories }: Target
): PlannedField[] {
  switch (resource) {
    case 'federated-credential': {
      const { issuerUrl: issuer } = cluster ?? {}
      return [
        { field: 'issuer', ...(issuer !== undefined && { after: issuer }) },
        { field: 'subject', ...(instance && { after: instance.subject }) }
      ]
    }
    case 'entitlement':
      return [{ field: `member of ${organization}` }, { field: 'access level', after: 'Basic' }]
    case 'permission': {
      const projects = [...new Set(repositories.map(({ project }) => project))]
      if (access === 'project-readers')
        return projects.map((project) => ({ field: `Readers of ${project}`, after: 'member' }))
      return [
        ...repositories.map(({ project, repository }) => `Read on ${project}/${repository}`),
        ...projects.map((project) => `View project-level information of ${project}`)
      ].map((field) => ({ field, after: 'allow' }))
    }
    case 'workload':
      return [
        { field: `annotation ${CLIENT_ID}` },
        ...(identityLogin ? [{ field: `annotation ${TENANT_ID}`, after: identityLogin.tenantId }] : []),
        { field: `pod template label ${LABEL}`, after: 'true' }
      ]
    case 'connection':
      return all.map(({ url }) => ({ field: 'repository Secret', after: url }))
    case 'charts':
      return [...new Set(registries.map(({ url }) => url))].map((url) => ({
        field: 'Helm repository Secret',
        after: url
      }))
    case 'application':
      return [{ field: 'Application', ...(application && { after: application.name }) }]
    default:
      return []
  }
}

function effectsOf(
  { resource, differences }: ResourceOutcome,
  known: Known,
  { name: organization }: Target
): string[] {
  switch (resource) {
    case 'cluster':
      return ['updates the cluster and restarts its API server; the issuer cannot be turned off again']
    case 'argocd':
      return ['installs Argo CD as the AKS extension']
    case 'entitlement':
      return differences.length === 0 || differences.some(({ field }) => field !== 'status')
        ? [`takes one Basic license of ${organization}`]
        : []
    case 'workload':
      return rollout(known)
    default:
      return []
  }
}

function rollout({ instance }: Known): string[] {
  if (!instance) return ['rolls out the repo-server']
  const { namespace, deployment, replicas } = instance
  return [`rolls out ${namespace}/${deployment} (${replicas} pod${replicas === 1 ? '' : 's'})`]
}

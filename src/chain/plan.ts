/**
 * The plan of a dry run, from what its only pass found. A resource that waits for the identity was not compared with
 * anything, so its fields come from the inputs, and what only Azure can choose is known after apply.
 */
import { CLIENT_ID, LABEL } from '../argocd/identity.ts'
import type { Desired } from '../config/desired.ts'
import type { ResourceKind } from '../core/finding-titles.ts'
import type { Difference, ResourceOutcome } from '../engine/outcome.ts'
import { makePlan, type Plan, type PlannedField, type PlanStep } from '../engine/plan.ts'
import type { Known } from './rights.ts'

/** Apply changes objects of others here, also where what it writes is not there yet. */
const IN_PLACE: ReadonlySet<ResourceKind> = new Set(['cluster', 'workload'])

/** @param resources of the pass that read the chain */
export function applyPlan(resources: readonly ResourceOutcome[], known: Known, desired: Desired): Plan {
  const unread = resources.some(({ result }) => result === 'failed')
  const steps = resources.flatMap(({ resource, result, differences }): PlanStep[] => {
    if (result === 'unchanged' || result === 'failed') return []
    const made = IN_PLACE.has(resource) ? 'change' : 'create'
    if (differences.some(({ blocked }) => blocked))
      return [{ resource, action: 'blocked', fields: differences.map(plannedField), effects: [] }]
    const effects = effectsOf(resource, differences, known, desired)
    if (result !== 'unknown') {
      const action = result === 'missing' ? made : 'change'
      const fields = [
        ...differences.map(plannedField),
        ...(action === 'create' ? chosenByAzure(resource) : [])
      ]
      return [{ resource, action, fields, effects }]
    }
    if (unread) return [{ resource, action: 'unknown', fields: [], effects: [] }]
    return [{ resource, action: made, fields: fieldsFromInputs(resource, known, desired), effects }]
  })
  return makePlan(steps)
}

/** @param resources of a dry run of remove */
export function removePlan(resources: readonly ResourceOutcome[], known: Known): Plan {
  const steps = resources.flatMap(({ resource, result, differences, summary }): PlanStep[] => {
    if (result === 'skipped')
      return [{ resource, action: 'keep', fields: [], effects: summary === undefined ? [] : [summary] }]
    if (result !== 'drifted') return []
    const fields = differences.map(({ field }): PlannedField => ({ field, before: 'exists' }))
    const effects = [
      ...(resource === 'workload' ? rollout(known) : []),
      ...(resource === 'entitlement' ? ['frees the license'] : [])
    ]
    return [{ resource, action: 'delete', fields, effects }]
  })
  return makePlan(steps)
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
  { organization, repositories, access, application }: Desired
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
      return [{ field: `annotation ${CLIENT_ID}` }, { field: `pod template label ${LABEL}`, after: 'true' }]
    case 'connection':
      return repositories.map(({ url }) => ({ field: 'repository Secret', after: url }))
    case 'application':
      return [{ field: 'Application', ...(application && { after: application.name }) }]
    default:
      return []
  }
}

function effectsOf(
  resource: ResourceKind,
  differences: readonly Difference[],
  known: Known,
  { organization }: Desired
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
  return [
    `rolls out ${namespace}/${deployment}: ${replicas} pod${replicas === 1 ? '' : 's'}, one after another`
  ]
}

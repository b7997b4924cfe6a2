/** The plan in words: what each resource is for, and what it takes. */
import type { ResourceKind } from '../../core/finding-titles.ts'
import { nameOf, type ResourceOutcome } from '../../engine/outcome.ts'
import { inIdentityTenant, kubernetesRoleOf, roleOf, type Settings } from './settings.ts'

/** What it is for, and in which organization. */
type Describe = (settings: Settings, organization: Settings['organizations'][number] | undefined) => string

const DESCRIPTIONS: Readonly<Partial<Record<ResourceKind, Describe>>> = {
  'pipeline-identity': ({ login }) =>
    `identity ${login.name} in ${login.resourceGroup}, which the pipeline logs in as`,
  'pipeline-application': ({ login }) =>
    `application ${login.name} in Entra with its service principal, which the pipeline logs in as`,
  'pipeline-trust': ({ pipeline }) =>
    pipeline.host === 'github'
      ? `its trust in exactly ${pipeline.subject}`
      : `its trust in exactly the service connection ${pipeline.connection}`,
  'service-connection': ({ pipeline }) =>
    pipeline.host === 'github'
      ? ''
      : `service connection ${pipeline.connection} in ${pipeline.project}, without a secret`,
  'pipeline-user': (_settings, organization) =>
    `its membership in ${organization?.name ?? ''}, which takes one Basic license`,
  'pipeline-reader': ({ access }, organization) => `its read access to ${placesOf(organization, access)}`,
  'pipeline-administrator': (_settings, organization) =>
    `its membership in Project Collection Administrators of ${organization?.name ?? ''}`,
  identity: ({ identity }) =>
    `identity ${identity.name} in ${identity.resourceGroup}, which Argo CD reads as`,
  entitlement: (_settings, organization) =>
    `Argo CD's membership in ${organization?.name ?? ''}, which takes one Basic license`,
  permission: ({ access }, organization) => `Argo CD's read access to ${placesOf(organization, access)}`,
  'azure-role': (settings) => `custom role ${roleOf(settings).name}`,
  'azure-assignment': (settings) =>
    `that role for the pipeline at ${placesOfRole(settings).join(' and at ')}`,
  'aks-role': (settings) => `custom role ${kubernetesRoleOf(settings).name}, for objects in the cluster`,
  'aks-assignment': ({ cluster, argocdNamespace }) =>
    `that role for the pipeline in ${argocdNamespace ?? "Argo CD's namespace"} of ${cluster.name}`,
  'kubernetes-role': ({ login }) => `Role and RoleBinding ${login.name.toLowerCase()} in Argo CD's namespace`,
  'pipeline-file': ({ file }) => `file ${file.path}`
}

type Named = Pick<ResourceOutcome, 'resource' | 'of'>

export function describe({ resource, of }: Named, settings: Settings): string {
  const { organizations } = settings
  const organization = organizations.find((one) => one.of === of) ?? organizations[0]
  const other = inIdentityTenant(settings)
  const second = other !== undefined && other.tenantId === of
  const text = DESCRIPTIONS[resource]?.(second ? other : settings, organization)
  if (text === undefined) return nameOf({ resource, ...(of !== undefined && { of }) })
  return second ? `${text} (tenant ${other.tenantId})` : text
}

/** What a first pass found to be made or changed; an unknown resource depends on one that is missing. */
export function openIn(resources: readonly ResourceOutcome[]): ResourceOutcome[] {
  return resources.filter(
    ({ resource, result }) =>
      DESCRIPTIONS[resource] !== undefined && ['missing', 'drifted', 'unknown'].includes(result)
  )
}

export function planLines(open: readonly ResourceOutcome[], settings: Settings): string[] {
  const made = open.filter(({ result }) => result !== 'drifted').length
  const changed = open.length - made
  return [
    ...open.map((one) => `  ${one.result === 'drifted' ? '~' : '+'} ${describe(one, settings)}`),
    `Would create ${made}, change ${changed}, delete 0.`
  ]
}

/** With two tenants, the pipeline has a role in each. */
function placesOfRole({ tenantId, identityTenantId, cluster, identity, selfService }: Settings): string[] {
  const ofIdentity = selfService
    ? `the resource group ${identity.resourceGroup}`
    : `the identity ${identity.name}`
  const all = [`the cluster ${cluster.name}`, ofIdentity]
  if (identityTenantId === undefined) return all
  return tenantId === identityTenantId ? [ofIdentity] : [`the cluster ${cluster.name}`]
}

function placesOf(
  organization: Settings['organizations'][number] | undefined,
  access: Settings['access']
): string {
  const { repositories = [] } = organization ?? {}
  if (access === 'repository')
    return `the repositories ${repositories.map((one) => one.repository).join(', ')}`
  return `project ${[...new Set(repositories.map(({ project }) => project))].join(', ')}`
}

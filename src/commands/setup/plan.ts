/** The plan in words: what each resource is for, and what it takes. */
import type { ResourceKind } from '../../core/finding-titles.ts'
import type { ResourceOutcome } from '../../engine/outcome.ts'
import { scopesOf } from './rights.ts'
import { roleOf, type Settings } from './settings.ts'

type Describe = (settings: Settings) => string

const DESCRIPTIONS: Readonly<Partial<Record<ResourceKind, Describe>>> = {
  'pipeline-identity': ({ login }) =>
    `identity ${login.name} in ${login.resourceGroup}, which the pipeline logs in as`,
  'pipeline-trust': ({ pipeline }) =>
    pipeline.host === 'github'
      ? `its trust in exactly ${pipeline.subject}`
      : `its trust in exactly the service connection ${pipeline.connection}`,
  'service-connection': ({ pipeline }) =>
    pipeline.host === 'github'
      ? ''
      : `service connection ${pipeline.connection} in ${pipeline.project}, without a secret`,
  'pipeline-user': ({ organization }) => `its membership in ${organization}, which takes one Basic licence`,
  'pipeline-reader': ({ repositories, access }) =>
    `its read access to ${access === 'repository' ? 'the repositories' : projects(repositories)}`,
  'pipeline-administrator': ({ organization }) =>
    `its membership in Project Collection Administrators of ${organization}`,
  identity: ({ identity }) =>
    `identity ${identity.name} in ${identity.resourceGroup}, which Argo CD reads as`,
  entitlement: ({ organization }) => `Argo CD's membership in ${organization}, which takes one Basic licence`,
  permission: ({ repositories, access }) =>
    `Argo CD's read access to ${access === 'repository' ? 'the repositories' : projects(repositories)}`,
  'azure-role': (settings) => `custom role ${roleOf(settings).name}`,
  'azure-assignment': (settings) => `that role for the pipeline at ${scopesOf(settings).join(' and ')}`,
  'kubernetes-role': ({ login }) => `Role and RoleBinding ${login.name.toLowerCase()} in Argo CD's namespace`,
  'pipeline-file': ({ file }) => `file ${file.path}`
}

export function describe(kind: ResourceKind, settings: Settings): string {
  return DESCRIPTIONS[kind]?.(settings) ?? kind
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
    ...open.map(
      ({ resource, result }) => `  ${result === 'drifted' ? '~' : '+'} ${describe(resource, settings)}`
    ),
    `Would create ${made}, change ${changed}.`
  ]
}

function projects(repositories: Settings['repositories']): string {
  return `project ${[...new Set(repositories.map(({ project }) => project))].join(', ')}`
}

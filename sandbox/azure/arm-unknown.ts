/** Resource Manager's answer to a path that matches none of the twin's resources. */
import type { Answer } from '../wire.ts'
import { armError } from './arm-error.ts'

/** Namespaces and their types in the twin, in lower case. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  'microsoft.authorization': ['permissions', 'roleassignments', 'roledefinitions'],
  'microsoft.containerregistry': ['registries'],
  'microsoft.containerservice': ['managedclusters', 'locations'],
  'microsoft.kubernetes': ['connectedclusters'],
  'microsoft.kubernetesconfiguration': ['extensions'],
  'microsoft.managedidentity': [
    'userassignedidentities',
    'userassignedidentities/federatedidentitycredentials'
  ]
}

/**
 * The error depends on what is unknown: the namespace, its type, or only the resource. For an extension resource the
 * last provider counts, as in `…/managedClusters/one/providers/Microsoft.KubernetesConfiguration/extensions/two`.
 */
export function unknownResource({ pathname, searchParams }: URL): Answer {
  const [namespace = '', ...rest] =
    pathname
      .split(/\/providers\//i)
      .at(-1)
      ?.split('/') ?? []
  if (!/\/providers\//i.test(pathname) || rest.length === 0) return missing(pathname)
  const types = TYPES[namespace.toLowerCase()]
  if (!types)
    return armError(404, 'InvalidResourceNamespace', `The resource namespace '${namespace}' is invalid.`)
  // Types and names alternate.
  const type = rest.filter((_, index) => index % 2 === 0).join('/')
  if (types.some((one) => one === type.toLowerCase())) return missing(pathname)
  const version = searchParams.get('api-version') ?? ''
  const text = `The resource type '${type}' could not be found in the namespace '${namespace}' for api version '${version}'.`
  return armError(404, 'InvalidResourceType', text)
}

function missing(pathname: string): Answer {
  const more = 'For more details please go to https://aka.ms/ARMResourceNotFoundFix'
  return armError(404, 'ResourceNotFound', `The Resource '${pathname}' was not found. ${more}`)
}

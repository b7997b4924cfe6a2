/**
 * Discovery of Azure DevOps: the hosts of its areas and the routes of each host. Microsoft's clients compose every URL
 * from these and refuse routes that are not listed. Ids as in azure-devops-go-api and azure-devops-python-api 7.1.
 */
import type { Handler, Route } from '../wire.ts'
import { devopsError, type DevOpsContext } from './devops-context.ts'

export type DevOpsHost = 'devops' | 'graph' | 'entitlements'

type Location = readonly [
  id: string,
  area: string,
  resource: string,
  routeTemplate: string,
  /** Newest version of the resource, as in `7.1-preview.2`. */
  resourceVersion?: number
]

const RESOURCE_AREAS: Location = [
  'e81700f7-3be2-46de-8624-2eb35882fcaa',
  'Location',
  'ResourceAreas',
  '_apis/{resource}/{areaId}'
]
const REPOSITORY = '{project}/_apis/{area}/repositories/{repositoryId}/{resource}'
const SUBJECT = '_apis/{area}/{resource}/{subjectDescriptor}'
const NAMESPACE = '_apis/{resource}/{securityNamespaceId}'

const LOCATIONS: Readonly<Record<DevOpsHost, readonly Location[]>> = {
  devops: [
    RESOURCE_AREAS,
    ['603fe2ac-9723-48b9-88ad-09305aa6c6e1', 'core', 'projects', '_apis/{resource}/{*projectId}', 4],
    [
      '225f7195-f9c7-4d14-ab28-a83f7ff77e1f',
      'git',
      'repositories',
      '{project}/_apis/{area}/{resource}/{repositoryId}'
    ],
    ['c2570c3b-5b3f-41b8-98bf-5407bfde8d58', 'git', 'commits', `${REPOSITORY}/{commitId}`],
    ['2d874a60-a811-4f62-9c9f-963a6ea0a55b', 'git', 'refs', REPOSITORY, 2],
    ['ce7b9f95-fde9-4be8-a86d-83b366f0b87a', 'Security', 'SecurityNamespaces', NAMESPACE],
    ['18a2ad18-7571-46ae-bec7-0c7da1495885', 'Security', 'AccessControlLists', NAMESPACE],
    ['ac08c8ff-4323-4b08-af90-bcd018d380ce', 'Security', 'AccessControlEntries', NAMESPACE],
    ['dd3b8bd6-c7fc-4cbd-929a-933d9c011c9d', 'Security', 'Permissions', `${NAMESPACE}/{permissions}`, 2]
  ],
  graph: [
    RESOURCE_AREAS,
    ['048aee0a-7072-4cde-ab73-7af77b1e0b4e', 'Graph', 'Descriptors', '_apis/{area}/{resource}/{storageKey}'],
    ['eb85f8cc-f0f6-4264-a5b1-ffe2e4d4801f', 'Graph', 'StorageKeys', SUBJECT],
    ['ebbe6af8-0b91-4c13-8cf1-777c14858188', 'Graph', 'Groups', '_apis/{area}/{resource}/{groupDescriptor}'],
    [
      'e1dbb0ae-49cb-4532-95a1-86cd89cfcab4',
      'Graph',
      'ServicePrincipals',
      '_apis/{area}/{resource}/{servicePrincipalDescriptor}'
    ],
    ['3fd2e6ca-fb30-443a-b579-95b19ed0934c', 'Graph', 'Memberships', `${SUBJECT}/{containerDescriptor}`],
    [
      'e34b6394-6b30-4435-94a9-409a5eef3e31',
      'Graph',
      'MembershipsBatch',
      '_apis/{area}/Memberships/{subjectDescriptor}'
    ],
    ['1ffe5c94-1144-4191-907b-d0211cad36a8', 'Graph', 'MembershipStates', SUBJECT],
    ['28010c54-d0c0-4c89-a5b0-1c9e188b9fb7', 'IMS', 'Identities', '_apis/{resource}/{identityId}']
  ],
  entitlements: [
    RESOURCE_AREAS,
    [
      'f03dbf50-80f8-41b7-8ca2-65b6a178caba',
      'MemberEntitlementManagement',
      'ServicePrincipalEntitlements',
      '_apis/{resource}'
    ],
    [
      '1d491a66-190b-43ae-86b8-9c2688c55186',
      'MemberEntitlementManagement',
      'ServicePrincipalEntitlements',
      '_apis/{resource}/{servicePrincipalId}'
    ],
    [
      '1e8cabfb-1fda-461e-860f-eeeae54d06bb',
      'MemberEntitlementManagement',
      'MemberEntitlements',
      '_apis/{resource}',
      2
    ]
  ]
}

/** Areas that are in preview in every version: a request without `-preview` is refused. */
const PREVIEWS = /\/_apis\/(?:graph|(?:service|member|user)\w*entitlements)(?:\/|$)/i

/** The discovery requests that clients send to every host of Azure DevOps first. */
export function discoveryRoutes(
  { urls, guarded, organization: here }: DevOpsContext,
  host: DevOpsHost
): Route[] {
  const area = (organization: string, id: string, name: string, base: string) => ({
    id,
    name,
    locationUrl: `${base}/${organization}/`
  })
  const areas = (name: string) => [
    area(name, 'bb1e7ec9-e901-4b68-999a-de7012b920f8', 'graph', urls.graph),
    area(name, '8a3d49b8-91f0-46ef-b33d-dda338c25db3', 'ims', urls.graph),
    area(name, '68ddce18-2501-45f1-a17b-7931a9922690', 'MEMBERENTITLEMENTMANAGEMENT', urls.entitlements),
    area(name, '79134c72-4a58-4b42-976c-04e7115f32bf', 'core', urls.core),
    area(name, '4e080c62-fa21-4fbc-8fef-2a10a2b38049', 'git', urls.core)
  ]
  const locations: Handler = ({ params }) => {
    const wanted = params['area']?.toLowerCase()
    const value = LOCATIONS[host]
      .map(locationOf)
      .filter((one) => !wanted || one.area.toLowerCase() === wanted)
    return { status: 200, body: { count: value.length, value } }
  }
  return [
    [
      'GET',
      '/:org/_apis/resourceAreas',
      guarded((call) => {
        const value = areas(here(call).name)
        return { status: 200, body: { count: value.length, value } }
      })
    ],
    [
      'GET',
      '/:org/_apis/resourceAreas/:id',
      guarded((call) => {
        const { params } = call
        const found = areas(here(call).name).find(({ id }) => id === params['id']?.toLowerCase())
        return found
          ? { status: 200, body: found }
          : { status: 404, body: devopsError('ResourceAreaNotFoundException', 'No such area.') }
      })
    ],
    // Anonymous, as in the service: it contains nothing about the organization.
    ['OPTIONS', '/:org/_apis', locations],
    ['OPTIONS', '/:org/_apis/:area', locations]
  ]
}

function locationOf([id, area, resourceName, routeTemplate, resourceVersion = 1]: Location) {
  const path = routeTemplate.replace('{area}', area).replace('{resource}', resourceName)
  return {
    id,
    area,
    resourceName,
    routeTemplate,
    resourceVersion,
    minVersion: '1.0',
    maxVersion: '7.2',
    releasedVersion: PREVIEWS.test(`/${path}`) ? '0.0' : '7.1'
  }
}

/**
 * Why the service refuses the api-version of a request: it is missing in a write, or not marked as a preview.
 *
 * @param version from the query, or from the media type in Accept or Content-Type
 * @returns undefined when it is valid
 */
export function versionRefused(method: string, path: string, version: string | undefined): unknown {
  if (version === undefined) {
    if (['GET', 'HEAD', 'OPTIONS'].includes(method)) return undefined
    return devopsError(
      'VssVersionNotSpecifiedException',
      `No api-version was supplied for the "${method}" request. The version must be supplied either as part of the Accept header (e.g. "application/json; api-version=1.0") or as a query parameter (e.g. "?api-version=1.0").`
    )
  }
  if (!PREVIEWS.test(path) || /-preview/.test(version)) return undefined
  return devopsError(
    'VssInvalidPreviewVersionException',
    `The requested version "${version}" of the resource is under preview. The -preview flag must be supplied in the api-version for such requests. For example: "${version}-preview"`
  )
}

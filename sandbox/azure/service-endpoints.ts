/**
 * Service connections of Azure Pipelines with workload identity federation: the service itself decides issuer and subject
 * (MicrosoftDocs/azure-devops-docs, automate-service-connections).
 */
import { randomUUID } from 'node:crypto'
import type { Answer, Call, Route } from '../wire.ts'
import { devopsError, mayAt, PROJECT, projectToken, type DevOpsContext } from './devops-context.ts'
import type { ServiceEndpoint } from './organization.ts'
import { IDS } from './state.ts'

interface Body {
  readonly name?: string
  readonly type?: string
  readonly description?: string
  readonly authorization?: { scheme?: string; parameters?: Record<string, string> }
  readonly data?: Record<string, string>
  readonly serviceEndpointProjectReferences?: { projectReference?: { id?: string }; name?: string }[]
}

export function serviceEndpointRoutes(context: DevOpsContext & { readonly issuer: string }): Route[] {
  const { guarded, organization, callerOf, issuer } = context
  const mayCreate = async (call: Call, projectId: string): Promise<boolean> => {
    const here = organization(call)
    const project = here.project(projectId)
    return project !== undefined && mayAt(here, await callerOf(call), projectToken(project), PROJECT.manage)
  }
  const forbidden: Answer = {
    status: 403,
    body: devopsError(
      'AccessCheckException',
      'You do not have permissions to perform this operation on the service connection. A user having Creator or Administrator role permissions can do it.'
    )
  }
  const resource = ({
    id,
    name,
    description,
    clientId,
    subscriptionId,
    projectId,
    subject
  }: ServiceEndpoint) => ({
    id,
    name,
    type: 'azurerm',
    description,
    url: 'https://management.azure.com/',
    isReady: true,
    isShared: false,
    owner: 'library',
    data: { environment: 'AzureCloud', scopeLevel: 'Subscription', subscriptionId, creationMode: 'Manual' },
    authorization: {
      scheme: 'WorkloadIdentityFederation',
      parameters: {
        tenantid: IDS.tenantId,
        serviceprincipalid: clientId,
        workloadIdentityFederationIssuer: issuer,
        workloadIdentityFederationSubject: subject
      }
    },
    serviceEndpointProjectReferences: [{ projectReference: { id: projectId }, name, description }]
  })
  const create = async (call: Call): Promise<Answer> => {
    const { name = '', type, description = '', authorization, data, ...rest } = (await call.json()) as Body
    const [reference] = rest.serviceEndpointProjectReferences ?? []
    const projectId = reference?.projectReference?.id ?? ''
    const { serviceprincipalid: clientId = '', tenantid = '' } = authorization?.parameters ?? {}
    const bad = (message: string): Answer => ({
      status: 400,
      body: devopsError('VssPropertyValidationException', message)
    })
    if (type?.toLowerCase() !== 'azurerm' || authorization?.scheme !== 'WorkloadIdentityFederation')
      return bad('The twin makes connections of the type azurerm with workload identity federation only.')
    if (name === '' || clientId === '' || tenantid === '')
      return bad('Following fields in the service connection are not expected to be empty.')
    if (!(await mayCreate(call, projectId))) return forbidden
    const here = organization(call)
    const project = here.project(projectId)
    const all = here.serviceEndpoints
    if (all.some((one) => one.projectId === projectId && one.name.toLowerCase() === name.toLowerCase())) {
      const message = `Service connection with name ${name} already exists. Only a user having Administrator/User role permissions on service connection ${name} can see it.`
      return { status: 409, body: devopsError('DuplicateServiceConnectionException', message) }
    }
    const made: ServiceEndpoint = {
      id: randomUUID(),
      name,
      description,
      clientId,
      subscriptionId: data?.['subscriptionId'] ?? '',
      projectId,
      subject: `sc://${here.name}/${project?.name ?? ''}/${name}`
    }
    all.push(made)
    return { status: 200, body: resource(made) }
  }
  return [
    ['POST', '/:org/_apis/serviceendpoint/endpoints', guarded(create)],
    [
      'GET',
      '/:org/:project/_apis/serviceendpoint/endpoints',
      guarded((call) => {
        const { params, url } = call
        const here = organization(call)
        const project = here.project(params['project'] ?? '')
        const names = url.searchParams.get('endpointNames')?.toLowerCase().split(',')
        const value = here.serviceEndpoints.filter(
          (one) =>
            one.projectId === project?.id && (names === undefined || names.includes(one.name.toLowerCase()))
        )
        return { status: 200, body: { count: value.length, value: value.map(resource) } }
      })
    ],
    [
      'DELETE',
      '/:org/_apis/serviceendpoint/endpoints/:id',
      guarded(async (call) => {
        const all = organization(call).serviceEndpoints
        const at = all.findIndex(({ id }) => id === call.params['id'])
        if (at < 0) return { status: 204 }
        if (!(await mayCreate(call, all[at]?.projectId ?? ''))) return forbidden
        all.splice(at, 1)
        return { status: 204 }
      })
    ]
  ]
}

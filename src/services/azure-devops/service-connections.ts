/**
 * Service connections of Azure Pipelines that log in with workload identity federation
 * (MicrosoftDocs/azure-devops-docs, automate-service-connections; vsts-rest-api-specs, serviceEndpoint 7.1).
 */
import * as z from 'zod/mini'
import type { Organization } from './client.ts'
import { list } from './shapes.ts'
import { GUID } from '../azure/ids.ts'
import { orAbsent, understood, type Request } from '../../http/request.ts'

const API = 'api-version=7.1'
const claim = z.string().check(z.minLength(1), z.maxLength(600))

const endpointShape = z.looseObject({
  id: z.string().check(z.regex(GUID)),
  name: z.string(),
  description: z.nullish(z.string()),
  authorization: z.looseObject({
    scheme: z.string(),
    parameters: z.nullish(
      z.looseObject({
        serviceprincipalid: z.nullish(z.string()),
        workloadIdentityFederationIssuer: z.nullish(claim),
        workloadIdentityFederationSubject: z.nullish(claim)
      })
    )
  })
})

export interface Connection {
  readonly id: string
  readonly name: string
  readonly description: string
  /** The application or identity that it logs in as. */
  readonly clientId: string | undefined
  /** Decided by Azure DevOps; absent: it logs in in another way. */
  readonly trust: { readonly issuer: string; readonly subject: string } | undefined
}

export interface NewConnection {
  readonly name: string
  readonly description: string
  readonly project: { readonly id: string; readonly name: string }
  readonly tenantId: string
  readonly clientId: string
  readonly subscriptionId: string
}

export class ServiceConnections {
  readonly #organization: Organization
  constructor(organization: Organization) {
    this.#organization = organization
  }

  /** The connection with this name in the project; undefined when there is none that the login may see. */
  async named(project: string, name: string): Promise<Connection | undefined> {
    const path = `${encodeURIComponent(project)}/_apis/serviceendpoint/endpoints`
    const query = `endpointNames=${encodeURIComponent(name)}&includeFailed=true&${API}`
    const request = this.#organization.get(`${this.#organization.url}/${path}?${query}`)
    const { value } = understood(list(endpointShape), await this.#organization.send(request), request)
    return value.map(connectionOf).find((one) => one.name.toLowerCase() === name.toLowerCase())
  }

  async create({ name, description, project, ...login }: NewConnection): Promise<void> {
    const body = bodyOf({ name, description, project, ...login })
    await this.#organization.send({ ...this.#request(''), method: 'POST', body })
  }

  /** Succeeds when it is already gone. */
  async remove(id: string, projectId: string): Promise<void> {
    const request = this.#request(`/${id}`, `&projectIds=${projectId}`)
    await orAbsent(this.#organization.send({ ...request, method: 'DELETE' }))
  }

  #request(path: string, more = ''): Request {
    const { url } = this.#organization
    return this.#organization.get(`${url}/_apis/serviceendpoint/endpoints${path}?${API}${more}`)
  }
}

/** The body of a POST of the connection. */
export function bodyOf({ name, description, project, ...login }: NewConnection): object {
  const { tenantId, clientId, subscriptionId } = login
  return {
    name,
    description,
    type: 'azurerm',
    url: 'https://management.azure.com/',
    authorization: {
      scheme: 'WorkloadIdentityFederation',
      parameters: { tenantid: tenantId, serviceprincipalid: clientId }
    },
    data: {
      environment: 'AzureCloud',
      scopeLevel: 'Subscription',
      creationMode: 'Manual',
      subscriptionId,
      subscriptionName: subscriptionId
    },
    isShared: false,
    serviceEndpointProjectReferences: [{ projectReference: project, name, description }]
  }
}

function connectionOf({ id, name, description, authorization }: z.infer<typeof endpointShape>): Connection {
  const { parameters } = authorization
  const issuer = parameters?.workloadIdentityFederationIssuer
  const subject = parameters?.workloadIdentityFederationSubject
  return {
    id,
    name,
    description: description ?? '',
    clientId: parameters?.serviceprincipalid ?? undefined,
    trust: issuer && subject ? { issuer, subject } : undefined
  }
}

/** The clients of set-up: those of a run, and those that only set-up needs. */
import { Administrators } from '../../services/azure-devops/administrators.ts'
import { ServiceConnections } from '../../services/azure-devops/service-connections.ts'
import { Applications } from '../../services/entra/applications.ts'
import { GRAPH_SCOPE } from '../../services/endpoints.ts'
import { RoleAssignments } from '../../services/azure/role-assignments.ts'
import type { Services } from '../../services/services.ts'
import type { Dependents } from '../../chain/dependents.ts'
import type { Graph } from '../../engine/graph.ts'
import type { Resource } from '../../engine/resource.ts'

export interface SetupServices extends Services {
  readonly applications: Applications
  readonly roles: RoleAssignments
  /** Of an organization, by its name. */
  readonly connections: (organization: string) => ServiceConnections
  readonly administrators: (organization: string) => Administrators
}

export type SetupResource<Spec, State, Output> = Resource<Spec, State, Output, SetupServices, Dependents>
export type SetupGraph = Graph<SetupServices, Dependents>

export function setupServices(services: Services): SetupServices {
  const { devops } = services
  const { arm, bearer, wire } = services.base
  return {
    ...services,
    applications: new Applications(services.endpoints.graph, bearer(GRAPH_SCOPE), wire),
    roles: new RoleAssignments(arm),
    connections: (organization) => new ServiceConnections(devops(organization).client),
    administrators: (organization) => new Administrators(devops(organization).client)
  }
}

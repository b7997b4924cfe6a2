/** The clients of set-up: those of a run, and those that only set-up needs. */
import { Administrators } from '../../services/azure-devops/administrators.ts'
import { ServiceConnections } from '../../services/azure-devops/service-connections.ts'
import { RoleAssignments } from '../../services/azure/role-assignments.ts'
import type { Services } from '../../services/services.ts'
import type { Dependents } from '../../chain/dependents.ts'
import type { Graph } from '../../engine/graph.ts'
import type { Resource } from '../../engine/resource.ts'

export interface SetupServices extends Services {
  readonly roles: RoleAssignments
  readonly connections: ServiceConnections
  readonly administrators: Administrators
}

export type SetupResource<Spec, State, Output> = Resource<Spec, State, Output, SetupServices, Dependents>
export type SetupGraph = Graph<SetupServices, Dependents>

export function setupServices(services: Services, organization: string): SetupServices {
  const { client } = services.devops(organization)
  return {
    ...services,
    roles: new RoleAssignments(services.base.arm),
    connections: new ServiceConnections(client),
    administrators: new Administrators(client)
  }
}

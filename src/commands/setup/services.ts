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

/** What each tenant has of its own. */
type InTenant = Pick<SetupServices, 'identities' | 'applications' | 'roles'>

export interface SetupServices extends Services {
  readonly applications: Applications
  readonly roles: RoleAssignments
  /** Of the tenant of the cluster; the same, unless that is another one. */
  readonly ofCluster: InTenant
  /** Of an organization, by its name. */
  readonly connections: (organization: string) => ServiceConnections
  readonly administrators: (organization: string) => Administrators
}

export type SetupResource<Spec, State, Output> = Resource<Spec, State, Output, SetupServices, Dependents>
export type SetupGraph = Graph<SetupServices, Dependents>

/** @param ofCluster of the tenant of the cluster, where identity and organizations are in another one */
export function setupServices(services: Services, ofCluster?: Services): SetupServices {
  const { devops } = services
  const own = inTenant(services)
  const { arm, connected, extensions, kubernetes, argocd } = ofCluster ?? services
  return {
    ...services,
    ...{ arm, connected, extensions, kubernetes, argocd },
    ...own,
    ofCluster: ofCluster ? inTenant(ofCluster) : own,
    connections: (organization) => new ServiceConnections(devops(organization).client),
    administrators: (organization) => new Administrators(devops(organization).client)
  }
}

function inTenant({ identities, endpoints, base: { arm, bearer, wire } }: Services): InTenant {
  return {
    identities,
    applications: new Applications(endpoints.graph, bearer(GRAPH_SCOPE), wire),
    roles: new RoleAssignments(arm)
  }
}

/** The resource in the tenant of the cluster. */
export function inClusterTenant<Spec, State, Output>(
  resource: SetupResource<Spec, State, Output>
): SetupResource<Spec, State, Output> {
  const there = (services: SetupServices): SetupServices => ({ ...services, ...services.ofCluster })
  return {
    ...resource,
    read: (spec, services, options) => resource.read(spec, there(services), options),
    async apply(spec, state, services, policy) {
      await resource.apply?.(spec, state, there(services), policy)
    },
    async delete(spec, state, services, policy) {
      await resource.delete?.(spec, state, there(services), policy)
    }
  }
}

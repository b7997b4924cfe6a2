/** The engine's contract for the resources of this chain, which call the services of one run. */
import type { Graph } from '../engine/graph.ts'
import type { Resource } from '../engine/resource.ts'
import type { Services } from '../services/services.ts'
import type { Dependents } from './dependents.ts'

export type ChainResource<Spec, State, Output> = Resource<Spec, State, Output, Services, Dependents>
export type ChainGraph = Graph<Services, Dependents>

/** The engine's contract, for the resources of this chain: what they call are the services of one run. */
import type { Hop } from '../engine/resource.ts'
import type { Planes } from '../services/services.ts'

export type ChainHop<Want, Seen, Given> = Hop<Want, Seen, Given, Planes>

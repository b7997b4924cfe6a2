/** What each way of installing Argo CD answers about the identity. */
import type { RunPatience } from '../../http/retry.ts'
import type { Planes } from '../../services/services.ts'
import type { ProblemFacts } from '../../core/problem.ts'
import type { Change } from '../../engine/outcome.ts'
import type { Identified, Workload } from '../identity.ts'
import type { Instance } from '../instance.ts'

export interface Install<Settings = unknown> {
  /** What the owner itself is set to. Reads only. `fresh`: use nothing read before. */
  observe(instance: Instance, planes: Planes, fresh: boolean): Promise<Settings>
  /** The client id that the owner gives to the pods; undefined where the service account alone says it. */
  clientIdIn(instance: Instance, settings: Settings): string | undefined
  /** How that differs; empty when in order. Pure. */
  compare(want: Identified, settings: Settings): Change[]
  /** Writes what differs, and waits until the new pods serve. */
  apply(want: Identified, workload: Workload, planes: Planes, patience: RunPatience): Promise<void>
  /** Takes it away again, and waits likewise. The annotation goes last: while it stands, a next run knows to go on. */
  remove(want: Identified, workload: Workload, planes: Planes, patience: RunPatience): Promise<void>
  /** What has to stand in somebody's source so that it lasts; undefined when this tool wrote it there. */
  lasting(want: Identified): ProblemFacts | undefined
}

/** What each way of installing Argo CD answers about the identity. */
import type { RunRetryPolicy } from '../../http/retry.ts'
import type { Services } from '../../services/services.ts'
import type { FindingFacts } from '../../core/finding.ts'
import type { Difference } from '../../engine/outcome.ts'
import type { Identified, Workload } from '../identity.ts'
import type { Instance } from '../instance.ts'

export interface Install<Settings = unknown> {
  /** What the owner itself is set to. Reads only. `fresh`: use nothing read before. */
  read(instance: Instance, services: Services, fresh: boolean): Promise<Settings>
  /** The client id that the owner gives to the pods; undefined where the service account alone says it. */
  clientIdIn(instance: Instance, settings: Settings): string | undefined
  /** How that differs; empty when in order. Pure. */
  assess(spec: Identified, settings: Settings): Difference[]
  /** Writes what differs, and waits until the new pods serve. */
  apply(spec: Identified, workload: Workload, services: Services, policy: RunRetryPolicy): Promise<void>
  /** Takes it away again, and waits likewise. The annotation goes last: while it stands, a next run knows to go on. */
  delete(spec: Identified, workload: Workload, services: Services, policy: RunRetryPolicy): Promise<void>
  /** What has to stand in somebody's source so that it lasts; undefined when this tool wrote it there. */
  lasting(spec: Identified): FindingFacts | undefined
}

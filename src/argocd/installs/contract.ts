/** How the identity is read and written, per way of installing Argo CD. */
import type { RunRetryPolicy } from '../../http/retry.ts'
import type { Services } from '../../services/services.ts'
import type { FindingFacts } from '../../core/finding.ts'
import type { Difference } from '../../engine/outcome.ts'
import type { Identified, Workload } from '../identity.ts'
import type { Instance } from '../instance.ts'

export interface Install<Settings = unknown> {
  /** Reads the owner's own settings. `fresh`: without anything read before. */
  read(instance: Instance, services: Services, fresh: boolean): Promise<Settings>
  /** The client id that the owner gives to the pods; undefined where only the service account has it. */
  clientIdIn(instance: Instance, settings: Settings): string | undefined
  /** How the settings differ; empty when they match. Pure. */
  assess(spec: Identified, settings: Settings): Difference[]
  /** What the owner's source must contain so that the change lasts; undefined when apply wrote it there. */
  lasting(spec: Identified): FindingFacts | undefined
}

/** How it is written: loaded only by a run that writes. */
export interface InstallWrites {
  /** Writes what differs and waits until the new pods serve. */
  apply(spec: Identified, workload: Workload, services: Services, policy: RunRetryPolicy): Promise<void>
  /**
   * Removes the identity and waits until the new pods serve. The annotation goes last, so that the next run resumes
   * after an interruption.
   */
  delete(spec: Identified, workload: Workload, services: Services, policy: RunRetryPolicy): Promise<void>
}

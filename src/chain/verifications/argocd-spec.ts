/** The spec of the verification through Argo CD. */
import type { Finding } from '../../core/finding.ts'
import type { Connection } from '../connection.ts'
import type { Pods } from '../workload.ts'
import type { Reading } from './access.ts'
import type { AskingConditions } from './asking-conditions.ts'

export interface ArgocdSpec {
  readonly connection: Connection
  readonly pods: Pods
  /** Argo CD's version; undefined when it cannot be determined. */
  readonly version: string | undefined
  /** Reads refs with the identity's token. */
  readonly reading: Reading
  /** This run changed the login of an existing Secret. */
  readonly rewritten: boolean
  readonly conditions: AskingConditions
  /** Reports a finding that somebody should know although it says nothing about access. */
  readonly report: (finding: Finding) => void
}

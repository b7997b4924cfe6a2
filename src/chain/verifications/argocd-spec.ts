/** What the verification through Argo CD is told. */
import type { Finding } from '../../core/finding.ts'
import type { Connection } from '../connection.ts'
import type { Pods } from '../workload.ts'
import type { Reading } from './access.ts'

export interface ArgocdSpec {
  readonly connection: Connection
  readonly pods: Pods
  /** Of Argo CD; undefined when it cannot be told. */
  readonly version: string | undefined
  /** Reads refs with the identity's token. */
  readonly reading: Reading
  /** This run changed the login of a Secret that was there before. */
  readonly rewritten: boolean
  /** What somebody should know, though it is no word on the access. */
  readonly report: (finding: Finding) => void
}

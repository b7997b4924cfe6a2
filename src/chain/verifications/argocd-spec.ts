/** The spec of the verification through Argo CD, and what it finds. */
import type { Finding, FindingFacts } from '../../core/finding.ts'
import type { Connection } from '../connection.ts'
import type { Pods } from '../workload.ts'
import type { Reading } from './access.ts'
import type { AskingConditions } from './asking-conditions.ts'

export interface ArgocdSpec {
  readonly connection: Connection
  readonly pods: Pods
  /** Argo CD's version; undefined when it cannot be determined. */
  readonly version: string | undefined
  /** Why this run must not write, although it is one that writes. */
  readonly refused: FindingFacts | undefined
  /** Reads refs with the identity's token. */
  readonly reading: Reading
  /** This run changed the login of an existing Secret. */
  readonly rewritten: boolean
  readonly conditions: AskingConditions
  /** Reports a finding that somebody should know although it says nothing about access. */
  readonly report: (finding: Finding) => void
}

/** How Patless knows that Argo CD can read. */
export interface Word {
  /** URL → the revision that Argo CD read; undefined: nothing new was read. */
  readonly commits: Readonly<Record<string, string>> | undefined
  /** What was observed, by whom and when. */
  readonly reason: string
}

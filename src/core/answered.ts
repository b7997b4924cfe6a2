/** What a failure was met with: kept beside a finding, so that the diagnosis can judge it again with more evidence. */

/** What a service answered, in its own words. */
export interface Failure {
  readonly service: string
  readonly request: string
  readonly status: number
  readonly code: string | undefined
  /** One safe line, bounded. */
  readonly detail: string
  /** All of it, for judgment only. */
  readonly whole: string
}

/** What git printed. */
export interface GitFailure {
  /** For judgment only. */
  readonly stderr: string
  /** Its deciding line, safe to show. */
  readonly reason: string
}

/**
 * What Argo CD was doing. `reading`: our repository. `installation`: Argo CD reads no repository at all. `project`,
 * `cluster`: the Application's project and destination. `other source`: another repository of the same Application.
 * `application`: what Argo CD does with the content that it has read. `unknown`: a text of no known phase.
 */
export type Phase =
  'reading' | 'installation' | 'project' | 'cluster' | 'other source' | 'application' | 'unknown'

/** What Argo CD reports on an Application. */
export interface Complaint {
  readonly phase: Phase
  readonly application: { readonly namespace: string; readonly name: string; readonly project: string }
  /** Without the words that only name the phase; for judgment only. */
  readonly whole: string
}

export interface Answered {
  readonly failure?: Failure
  readonly git?: GitFailure
  readonly complaint?: Complaint
}

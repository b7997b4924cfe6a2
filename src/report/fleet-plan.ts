/** What `mode: plan` found: the targets with their jobs, and what the identities take. Plain data. */
export interface FleetPlan {
  readonly targets: readonly PlannedTarget[]
  readonly identities: readonly PlannedIdentity[]
  /** Basic licenses: one per identity and organization. */
  readonly licenses: number
  readonly jobs: number
}

export interface PlannedTarget {
  readonly name: string
  readonly cluster: string
  readonly identity: string
  readonly organizations: readonly string[]
  /** How many. */
  readonly repositories: number
  /** Of the job that runs it: its own name, or that of a batch. */
  readonly job: string
}

export interface PlannedIdentity {
  readonly name: string
  /** How many targets use it, with one federated credential each. */
  readonly targets: number
  /** Names of credentials that are there already and of none of them; absent: not read. */
  readonly others?: readonly string[]
}

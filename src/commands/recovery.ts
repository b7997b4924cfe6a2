/** What came of what an earlier migration left in the cluster. `recover.ts` makes it; loaded only where something is left. */
import type { Finding, FindingFacts } from '../core/finding.ts'

export interface Recovery {
  readonly findings: readonly Finding[]
  /** Why the run must not write anything of its own now. */
  readonly problems: readonly FindingFacts[]
  /** Whether Secrets are not as they were read before. */
  readonly changed: boolean
}

export const NOTHING_LEFT: Recovery = { findings: [], problems: [], changed: false }

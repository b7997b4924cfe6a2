/** The outcome of a run that ended at the login: nothing was read, so nothing is known of any resource. */
import type { Desired } from '../config/desired.ts'
import type { FindingFacts } from '../core/finding.ts'
import type { Outcome } from '../engine/outcome.ts'

export function outcomeWithoutLogin(desired: Desired, problem: FindingFacts): Outcome {
  const mode = desired.mode === 'diagnose' ? 'check' : desired.mode
  const isDry = desired.mode !== 'audit' && mode !== 'check' && desired.dryRun
  return {
    mode: isDry ? 'dry-run' : mode,
    resources: [],
    verification: { result: 'skipped', reason: 'the run ended at the login', commits: {}, start: 0, end: 0 },
    verifications: {},
    outputs: {},
    changed: false,
    drift: false,
    problems: [problem],
    endedAt: 'login'
  }
}

/**
 * `mode: diagnose`: a check that reads all evidence, also where nothing failed, writes nothing, and adds a block to
 * paste into an issue.
 */
import type { DesiredChain } from '../config/desired.ts'
import type { RunContext } from '../engine/graph.ts'
import type { Reporter } from '../report/events.ts'
import type { Ended } from '../report/report.ts'
import type { Services } from '../services/services.ts'
import { reconcile, type Hooks } from './reconcile.ts'

export async function diagnose(
  desired: DesiredChain,
  context: RunContext<Services>,
  reporter: Pick<Reporter, 'phase' | 'on'>,
  hooks: Pick<Hooks, 'recover'>
): Promise<Ended> {
  // A check reads what it may and goes on where a right is missing; what depends on that is then unknown.
  const checked = { ...desired, mode: 'check' as const, dryRun: false }
  return { outcome: await reconcile(checked, context, reporter, { ...hooks, everything: true }) }
}

/** From the inputs of a host to the report of its run. Whatever is large is loaded after the inputs parse. */
import { parseInputs } from '../config/parse.ts'
import { findUnexpanded } from '../config/unexpanded.ts'
import type { Report } from '../report/report.ts'
import type { InputHost } from './run.ts'

/**
 * @throws {InvalidInputs} with every fault of the inputs
 * @throws {Problem} for a run that has no report
 */
export async function runMode(host: InputHost): Promise<Report> {
  const mode = host.given.get('mode')?.trim()
  if (mode === 'plan') {
    const { planTargets } = await import('./plan-targets.ts')
    return planTargets(host)
  }
  if (mode === 'summarize') {
    const { summarize } = await import('./summarize.ts')
    return summarize(host)
  }
  const targets = host.given.get('targets')?.trim() ?? ''
  // What the host left unexpanded is no path, and is listed with the faults of the other inputs.
  if (targets !== '' && !findUnexpanded(targets)) {
    const { runTargets } = await import('./targets.ts')
    return runTargets(host)
  }
  const desired = parseInputs(host.given, host.environment, host.faults, host)
  const { run } = await import('./run.ts')
  return run(desired, host)
}

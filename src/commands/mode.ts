/** From the inputs of a host to the report of its run. Whatever is large is loaded after the inputs parse. */
import type { InputFault } from '../config/inputs.ts'
import { parseInputs, type InputSource } from '../config/parse.ts'
import type { Report } from '../report/report.ts'
import type { RunHost } from './run.ts'

/** What a run needs from its host, including the inputs. */
export interface InputHost extends RunHost, InputSource {
  /** Raw text by input name. */
  readonly given: ReadonlyMap<string, string>
  /** Faults that the host itself found in the inputs. */
  readonly faults?: readonly InputFault[]
}

/**
 * @throws {InvalidInputs} with every fault of the inputs
 * @throws {Problem} for a run that has no report
 */
export async function runMode(host: InputHost): Promise<Report> {
  if ((host.given.get('targets') ?? '').trim() !== '') {
    const { runTargets } = await import('./targets.ts')
    return runTargets(host)
  }
  const desired = parseInputs(host.given, host.environment, host.faults, host)
  const { run } = await import('./run.ts')
  return run(desired, host)
}

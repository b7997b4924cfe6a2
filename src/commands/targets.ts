/** A run for a target of a file: its values become the inputs, and the rest is as for any cluster. */
import type { Desired } from '../config/desired.ts'
import { InvalidInputs } from '../config/inputs.ts'
import { parseInputs } from '../config/parse.ts'
import { targetOf } from '../config/targets/select.ts'
import { inputsOf, readFleet, type Fleet } from '../config/targets/targets.ts'
import type { FileTarget } from '../config/targets/file.ts'
import type { Report } from '../report/report.ts'
import { run, type InputHost } from './run.ts'

/** @throws {InvalidInputs} for faults of the file or of the inputs beside it: nothing was read or written */
export async function runTargets(host: InputHost): Promise<Report> {
  const fleet = readFleet(host.given, host.environment)
  const target = targetOf(fleet, host.given.get('target') ?? '')
  return run(desiredOf(fleet, target, host), host)
}

function desiredOf(fleet: Fleet, target: FileTarget, host: InputHost): Desired {
  const { given, located } = inputsOf(fleet, target, host.given)
  try {
    const desired = parseInputs(given, host.environment, host.faults, host)
    return { ...desired, target: { name: target.name, plan: fleet.digest } }
  } catch (error) {
    if (error instanceof InvalidInputs) throw new InvalidInputs(error.faults.map(located), error.secrets)
    throw error
  }
}

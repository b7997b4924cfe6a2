/** Choose the host, run, publish. Every failure ends here and is reported once. */
import { reportable, type FindingFacts } from './core/finding.ts'
import { hostOf } from './host/choose.ts'
import type { Host } from './host/ports.ts'
import { InvalidInputs } from './config/inputs.ts'
import { parseInputs } from './config/parse.ts'

const host = await hostOf(process.env, process.argv.slice(2))
if (host) {
  try {
    await (host.command ?? (() => runMode(host)))()
  } catch (error) {
    if (error instanceof InvalidInputs) for (const secret of error.secrets) host.mask(secret)
    host.refuse(await factsOf(error))
  }
}

// An SDK request that cannot be aborted must not keep the step alive; without one, the timer does not fire (unref).
setTimeout(() => process.exit(), 2_000).unref()

async function runMode(host: Host): Promise<void> {
  const desired = parseInputs(host.given, host.environment, host.faults, host)
  // Loaded late, so that an input error does not wait for the clients.
  const { run } = await import('./commands/run.ts')
  await host.publish(await run(desired, host))
}

async function factsOf(error: unknown): Promise<FindingFacts> {
  if (error instanceof InvalidInputs) return error.facts
  const { explain } = await import('./diagnosis/explain.ts')
  return reportable(await explain(error))
}

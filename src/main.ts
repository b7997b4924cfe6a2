/** Pick the host, run, finish. Every failure ends here, and is reported once. */
import type { FindingFacts } from './core/finding.ts'
import { hostOf } from './host/choose.ts'
import { InvalidInputs } from './config/inputs.ts'
import { parseInputs } from './config/parse.ts'

const host = await hostOf(process.env, process.argv.slice(2))
if (host) {
  try {
    const desired = parseInputs(host.given, host.environment, host.faults, host)
    // Loaded only now: an input error must not wait for the clients.
    const { run } = await import('./commands/run.ts')
    await host.publish(await run(desired, host))
  } catch (error) {
    if (error instanceof InvalidInputs) for (const secret of error.secrets) host.mask(secret)
    host.refuse(await factsOf(error))
  }
}

// A request that an SDK cannot end must not keep the step alive: this timer only fires while something does.
setTimeout(() => process.exit(), 2_000).unref()

async function factsOf(error: unknown): Promise<FindingFacts> {
  if (error instanceof InvalidInputs) return error.facts
  const { explain } = await import('./diagnosis/catalogue.ts')
  return explain(error)
}

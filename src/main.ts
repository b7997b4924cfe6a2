/** Choose the host, run, publish. Every failure ends here and is reported once. */
import { reportable, type FindingFacts } from './core/finding.ts'
import { runMode } from './commands/mode.ts'
import { hostOf } from './host/choose.ts'
import { InvalidInputs } from './config/inputs.ts'

const host = await hostOf(process.env, process.argv.slice(2))
if (host) {
  try {
    await (host.command ?? (async () => host.publish(await runMode(host))))()
  } catch (error) {
    if (error instanceof InvalidInputs) for (const secret of error.secrets) host.mask(secret)
    host.refuse(await factsOf(error))
  }
}

// An SDK request that cannot be aborted must not keep the step alive; without one, the timer does not fire (unref).
setTimeout(() => process.exit(), 2_000).unref()

async function factsOf(error: unknown): Promise<FindingFacts> {
  if (error instanceof InvalidInputs) return error.facts
  const { explain } = await import('./diagnosis/explain.ts')
  return reportable(await explain(error))
}

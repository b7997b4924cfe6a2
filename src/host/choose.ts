/** Which place this is. The SDK of the other places is never loaded: azure-pipelines-task-lib deletes INPUT_* at import. */
import type { Place } from '../config/row.ts'
import { camelCase, inputsFor } from '../config/table.ts'
import type { Host } from './ports.ts'
import { keepGoing } from './streams.ts'
import { withKeyFolder } from './task-lib.ts'

/**
 * A runner starts its action, and an agent its task, without arguments and with INPUT_* of every default. The variables
 * that tell the hosts apart are inherited by each script step, and by whatever that starts: such a child is a terminal.
 */
export async function hostOf(
  environment: NodeJS.ProcessEnv,
  argv: readonly string[]
): Promise<Host | undefined> {
  const lost = keepGoing()
  const isStarted = (place: Place, nameOf: (name: string) => string): boolean =>
    argv.length === 0 &&
    inputsFor(place).some(({ name }) => environment[`INPUT_${nameOf(name).toUpperCase()}`] !== undefined)
  if (environment['GITHUB_ACTIONS'] === 'true' && isStarted('elsewhere', (name) => name)) {
    const { githubHost } = await import('./github.ts')
    return githubHost(environment)
  }
  if (
    (environment['SYSTEM_TEAMFOUNDATIONCOLLECTIONURI'] ?? '') !== '' &&
    (environment['AGENT_ID'] ?? '') !== '' &&
    isStarted('azure-pipelines', camelCase)
  ) {
    const names = Object.keys(environment)
    // The library takes it away, and writes it into the debug log whenever it is asked for it.
    const proxyPassword = environment['SECRET_AGENT_PROXYPASSWORD']
    const { azurePipelinesHost } = await withKeyFolder(environment, () => import('./azure-pipelines.ts'))
    return azurePipelinesHost(environment, names, { lost, proxyPassword })
  }
  return terminal(environment, argv)
}

async function terminal(environment: NodeJS.ProcessEnv, argv: readonly string[]): Promise<Host | undefined> {
  const { terminalHost } = await import('./terminal.ts')
  return terminalHost(environment, argv)
}

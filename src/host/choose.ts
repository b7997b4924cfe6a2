/** Which place this is. The SDK of the other places is never loaded: azure-pipelines-task-lib deletes INPUT_* at import. */
import type { Host } from './ports.ts'
import { keepGoing } from './streams.ts'
import { withKeyFolder } from './task-lib.ts'

export async function hostOf(
  environment: NodeJS.ProcessEnv,
  argv: readonly string[]
): Promise<Host | undefined> {
  const lost = keepGoing()
  // Runners and agents pass no arguments: with some, it is a command in a step of theirs.
  if (argv.length > 0) return terminal(environment, argv)
  if (environment['GITHUB_ACTIONS'] === 'true') {
    const { githubHost } = await import('./github.ts')
    return githubHost(environment)
  }
  if (
    (environment['SYSTEM_TEAMFOUNDATIONCOLLECTIONURI'] ?? '') !== '' &&
    (environment['AGENT_ID'] ?? '') !== ''
  ) {
    const names = Object.keys(environment)
    const { azurePipelinesHost } = await withKeyFolder(environment, () => import('./azure-pipelines.ts'))
    return azurePipelinesHost(environment, names, lost)
  }
  return terminal(environment, argv)
}

async function terminal(environment: NodeJS.ProcessEnv, argv: readonly string[]): Promise<Host | undefined> {
  const { terminalHost } = await import('./terminal.ts')
  return terminalHost(environment, argv)
}

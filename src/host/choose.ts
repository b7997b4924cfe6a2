/** Chooses the host. SDKs of other hosts are never loaded: azure-pipelines-task-lib deletes INPUT_* at import. */
import type { HostKind } from '../config/row.ts'
import { camelCase, inputsFor } from '../config/table.ts'
import type { Host } from './ports.ts'
import { surviveLostOutput } from './streams.ts'

/**
 * Runners and agents start Patless without arguments and with an INPUT_* variable for every default. The variables of
 * the host alone do not decide: script steps and their children inherit them, and there Patless runs as in a terminal.
 */
export async function hostOf(
  environment: NodeJS.ProcessEnv,
  argv: readonly string[]
): Promise<Host | undefined> {
  const lost = surviveLostOutput()
  const isStarted = (kind: HostKind, nameOf: (name: string) => string): boolean =>
    argv.length === 0 &&
    inputsFor(kind).some(({ name }) => environment[`INPUT_${nameOf(name).toUpperCase()}`] !== undefined)
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
    // The library deletes this variable, and writes its value to the debug log on every read.
    const proxyPassword = environment['SECRET_AGENT_PROXYPASSWORD']
    const { withKeyFolder } = await import('./task-lib.ts')
    const { azurePipelinesHost } = await withKeyFolder(environment, () => import('./azure-pipelines.ts'))
    return azurePipelinesHost(environment, names, { lost, proxyPassword })
  }
  return terminal(environment, argv)
}

async function terminal(environment: NodeJS.ProcessEnv, argv: readonly string[]): Promise<Host | undefined> {
  const { terminalHost } = await import('./terminal.ts')
  return terminalHost(environment, argv)
}

/** Which place this is. The SDK of the other places is never loaded: azure-pipelines-task-lib deletes INPUT_* at import. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Host } from './ports.ts'

export async function hostOf(
  environment: NodeJS.ProcessEnv,
  argv: readonly string[]
): Promise<Host | undefined> {
  if (environment['GITHUB_ACTIONS'] === 'true') {
    const { githubHost } = await import('./github.ts')
    return githubHost(environment)
  }
  if (
    (environment['SYSTEM_TEAMFOUNDATIONCOLLECTIONURI'] ?? '') !== '' &&
    (environment['AGENT_ID'] ?? '') !== ''
  ) {
    const names = Object.keys(environment)
    // The library keeps its secrets there, and their key; without it in the current folder.
    if ((environment['AGENT_TEMPDIRECTORY'] ?? '') === '')
      environment['AGENT_TEMPDIRECTORY'] = mkdtempSync(join(tmpdir(), 'patless-'))
    const { azurePipelinesHost } = await import('./azure-pipelines.ts')
    return azurePipelinesHost(environment, names)
  }
  const { terminalHost } = await import('./terminal.ts')
  return terminalHost(environment, argv)
}

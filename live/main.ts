/**
 * `npm run test:live`: the whole life on real services. `-- --twin`: the same on the twin. See docs/live.md.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTwin } from '../sandbox/twin.ts'
import { runLife } from './run-life.ts'
import { NotStarted, settingsOf } from './settings.ts'
import { settingsOfTwin } from './twin.ts'

const stopped = new AbortController()
// A second signal does not end the cleaning sooner.
process.on('SIGINT', () => {
  stopped.abort()
})
process.on('SIGTERM', () => {
  stopped.abort()
})

if (process.argv.includes('--twin')) await onTwin()
else await live(process.env)

/** Its recordings are not kept unless a folder is given. */
async function onTwin(): Promise<void> {
  const twin = await startTwin()
  const folder = await mkdtemp(join(tmpdir(), 'patless-live-twin-'))
  try {
    await twin.bindDocumentedRole('kubernetes-role.yaml', 'kubernetes-role-remove.yaml')
    const { PATLESS_LIVE_FOLDER = folder } = process.env
    await live({ ...settingsOfTwin(twin), PATLESS_LIVE_FOLDER })
  } finally {
    await twin.close()
    await rm(folder, { recursive: true, force: true })
  }
}

async function live(environment: NodeJS.ProcessEnv): Promise<void> {
  try {
    const failures = await runLife(settingsOf(environment), environment, stopped.signal, (line) => {
      process.stdout.write(`${line}\n`)
    })
    process.exitCode = failures.length === 0 ? 0 : 1
  } catch (error) {
    if (!(error instanceof NotStarted)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  }
}

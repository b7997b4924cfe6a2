/**
 * `npm run live:compare -- [folder [folder of the twin]]`: recordings of a live run against the twin's answers. Without
 * the second folder, the twin is recorded first. Ends with 1 when there is a difference.
 */
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compareRecordings } from './comparison.ts'
import { readRecordings } from './recording.ts'

const [, , live = fileURLToPath(new URL('.', import.meta.url)), twin] = process.argv
const differences = compareRecordings(
  await readRecordings(live),
  twin === undefined ? await recordTwin() : await readRecordings(twin)
)
for (const line of differences) process.stdout.write(`${line}\n`)
process.stdout.write(`${differences.length} differences\n`)
process.exitCode = differences.length === 0 ? 0 : 1

async function recordTwin(): Promise<Awaited<ReturnType<typeof readRecordings>>> {
  const folder = await mkdtemp(join(tmpdir(), 'patless-live-twin-'))
  try {
    const main = fileURLToPath(new URL('main.ts', import.meta.url))
    const { status } = spawnSync(process.execPath, ['--no-warnings', main, '--twin'], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, PATLESS_LIVE_FOLDER: folder }
    })
    if (status !== 0) throw new Error('the life on the twin failed: npm run test:live -- --twin')
    return await readRecordings(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

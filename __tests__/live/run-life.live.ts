/** A run that is refused touches nothing; one that is stopped in the middle of a write leaves nothing. */
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runLife } from '../../live/run-life.ts'
import { settingsOf } from '../../live/settings.ts'
import { settingsOfTwin } from '../../live/twin.ts'
import { startTwin, type Twin } from '../../sandbox/twin.ts'
import { isWrite } from '../../sandbox/in-process.ts'
import { runGitHubJob } from '../../sandbox/job.ts'

let twin: Twin
let folder: string
beforeEach(async () => {
  twin = await startTwin()
  folder = await mkdtemp(join(tmpdir(), 'patless-live-test-'))
})
afterEach(async () => {
  await twin.close()
  await rm(folder, { recursive: true, force: true })
})

async function live(stopped: AbortSignal): Promise<{ failures: string[]; said: string }> {
  const environment = { ...settingsOfTwin(twin), PATLESS_LIVE_FOLDER: folder }
  const lines: string[] = []
  const failures = await runLife(settingsOf(environment), environment, stopped, (line) => lines.push(line))
  return { failures, said: lines.join('\n') }
}

test('a chain that somebody built with Patless on this Argo CD stays as it is', async () => {
  await runGitHubJob({ environment: twin.environment })
  const before = JSON.stringify(twin.state())
  twin.journal.clear()
  const { failures, said } = await live(new AbortController().signal)
  expect(failures).toEqual(['01-check-before'])
  expect(said).toMatch(/has an identity .* which this suite would change/)
  expect(twin.journal.entries.filter((entry) => isWrite(entry) && entry.by === undefined)).toEqual([])
  expect(JSON.stringify(twin.state())).toBe(before)
})

test('stopped in the middle of apply, it cleans up and still writes what it recorded', async () => {
  const stop = new AbortController()
  twin.journal.waitFor({
    service: 'arm',
    method: 'PUT',
    path: 'federatedIdentityCredentials',
    moment: 'after',
    tell: () => {
      stop.abort()
    }
  })
  const { failures, said } = await live(stop.signal)
  expect(failures).toEqual(['stopped', '02-apply'])
  expect(said).toMatch(/cleaning up\nrecorded in/)
  expect((await readdir(folder)).sort()).toEqual([
    '01-check-before.json',
    '02-apply.json',
    '99-cleaning.json',
    'answers.md'
  ])
  expect(JSON.stringify(twin.state())).not.toMatch(/id-patless-live/)
})

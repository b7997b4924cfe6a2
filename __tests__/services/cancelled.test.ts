/** A run that is cancelled says so, whatever a program was doing at that moment. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Wire } from '../../src/http/request.ts'
import { accountOfAz } from '../../src/services/entra/az.ts'
import { Git } from '../../src/services/git/git.ts'

let folder: string
let environment: NodeJS.ProcessEnv
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'patless-cancelled-'))
  environment = { PATH: `${folder}:${process.env['PATH'] ?? ''}` }
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const run = (signal: AbortSignal): Wire => ({
  policy: { deadline: Date.now() + 600_000, report: () => undefined, signal },
  debug: () => undefined,
  timeout: 50_000,
  warn: () => undefined,
  proxyFor: () => undefined
})
const program = (text: string): void => {
  for (const name of ['git', 'az']) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`)
    chmodSync(join(folder, name), 0o755)
  }
}
const PROGRAMS: [string, (wire: Wire) => Promise<unknown>][] = [
  ['git', (wire) => new Git(environment, wire).assertUsable()],
  ['az', (wire) => accountOfAz(environment, wire)]
]

// A program that is not stopped takes longer than a test may.
describe.each(PROGRAMS)('%s', (_name, start) => {
  test.each([0, 1, 2, 3, 5, 8, 13, 30, 80])('cancelled %i ms after its start', async (ms) => {
    program('exec sleep 60')
    const stop = new AbortController()
    const work = start(run(stop.signal))
    if (ms > 0)
      void sleep(ms).then(() => {
        stop.abort()
      })
    else stop.abort()
    await expect(work).rejects.toMatchObject({ name: 'Cancelled', facts: { code: 'Cancelled' } })
  })

  test.each(['TERM', 'INT', 'KILL'])('ended by SIG%s together with the run, and first', async (signal) => {
    program(`kill -${signal} $$`)
    const stop = new AbortController()
    const work = start(run(stop.signal))
    void sleep(150).then(() => {
      stop.abort()
    })
    await expect(work).rejects.toMatchObject({ name: 'Cancelled' })
  })
})

test('a program that a signal ends by itself is a failure of its own', async () => {
  program('kill -TERM $$')
  const work = new Git(environment, run(new AbortController().signal)).assertUsable()
  await expect(work).rejects.toThrow('The git on PATH does not work.')
})

/** The depth of a run is what waits for what: a slow machine makes it no deeper, and a fast one no flatter. */
import { expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { get } from 'node:https'
import { promisify } from 'node:util'
import { inWaves } from '../../sandbox/waves.ts'
import { useTwin } from '../twin.ts'

const twin = useTwin({ shared: true })

const ask = async (path = '/held'): Promise<void> => {
  await (await fetch(twin.azure.urls.arm + path)).text()
}
const askByHttps = (): Promise<void> =>
  new Promise((resolve, reject) => {
    get(`${twin.azure.urls.arm}/held`, (reply) => reply.resume().on('end', resolve)).on('error', reject)
  })
const busy = (ms: number): void => {
  for (const until = performance.now() + ms; performance.now() < until;);
}

test.each<[string, number[], () => Promise<unknown>]>([
  ['at once', [3], () => Promise.all([ask(), ask(), askByHttps()])],
  [
    'one after another',
    [1, 1, 1],
    async () => {
      await ask()
      await askByHttps()
      await ask()
    }
  ],
  [
    'a long branch beside a short one',
    [2, 1, 1],
    async () => {
      const short = ask()
      await ask()
      await ask()
      await ask()
      await short
    }
  ],
  [
    'at once, although the machine is busy before, between and after',
    [3, 3],
    async () => {
      for (let round = 0; round < 2; round += 1) {
        await Promise.all(
          [40, 80, 20].map(async (ms) => {
            await readFile(import.meta.filename)
            busy(ms)
            await ask()
            busy(ms)
          })
        )
      }
    }
  ],
  [
    'at once, although one of them needs a file, a program or another answer first',
    [4],
    () =>
      Promise.all([
        ask(),
        readFile(import.meta.filename).then(() => ask()),
        promisify(execFile)('sh', ['-c', 'sleep 0.2']).then(() => ask()),
        ask('/aside').then(() => ask())
      ])
  ]
])('%s', async (_case, expected, work) => {
  const { waves } = await inWaves(twin.journal, ({ path }) => path === '/held', work)
  expect(waves.map((wave) => wave.length)).toEqual(expected)
})

test('what fails is passed on, and nothing is held any more', async () => {
  const failing = inWaves(
    twin.journal,
    () => true,
    async () => {
      void ask('/left').catch(() => undefined)
      await ask()
      throw new Error('the work failed')
    }
  )
  await expect(failing).rejects.toThrow('the work failed')
  await ask()
  expect(twin.journal.entries.at(-1)?.status).toBeGreaterThan(0)
})

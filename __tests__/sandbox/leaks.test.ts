/** The grep that every suite ends with. */
import { describe, expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { startWorldUnderTest } from '../../sandbox/in-process.ts'
import { leakCheck, leaked, leaksIn } from '../../sandbox/leaks.ts'

describe('a secret is found', () => {
  const secret = 'eyJhbGciOi.payload.c2lnbmF0dXJlLW9mLWEtdG9rZW4tdGhhdC1pcy1sb25nLWVub3VnaA~/+'
  test.each([
    ['whole', secret],
    ['URL-encoded', encodeURIComponent(secret)],
    ...[0, 1, 2].map((offset) => [
      `in base64 after ${offset} bytes`,
      Buffer.from(`${'x'.repeat(offset)}${secret}yz`).toString('base64')
    ])
  ])('%s', (_how, text = '') => {
    expect(leaksIn(`before ${text} after`, [secret])).toHaveLength(1)
    expect(leaksIn('before after', [secret])).toEqual([])
  })
})

test('a token that the twin issued during a run is looked for in it and in the arguments of what it starts, unless shown for the runner to mask it', async () => {
  const world = await startWorldUnderTest()
  try {
    const check = leakCheck()
    await world.check({ verification: 'none' })
    const [token = ''] = world.twin.issued().slice(-1)
    check(`::add-mask::${token}`)
    expect(leaked).toEqual([])
    check(`debug: ${Buffer.from(token).toString('base64')}`)
    expect(leaked.splice(0)).toEqual([expect.stringContaining('a secret (')])
    const during = leakCheck()
    await promisify(execFile)('git', ['version', token]).catch(() => undefined)
    during('')
    expect(leaked.splice(0)).toEqual([expect.stringContaining('git version')])
  } finally {
    await world.twin.close()
  }
})

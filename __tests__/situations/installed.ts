/** Each defect of the cluster alone in a chain in order, on one way to install Argo CD: a suite each, side by side. */
import { expect, test } from '@jest/globals'
import { brokenOn, type INSTALLS } from './defects.ts'
import { SEED } from '../today.ts'
import { useWorld } from '../world.ts'
import { Chains, Tally } from './injected.ts'

/**
 * As diagnosis.situations.ts on plain manifests.
 *
 * @param days in how many days each has its turn; SITUATIONS_SHARD=1/1 asks for all at once
 */
export function injectEach(install: (typeof INSTALLS)[number], days = 1): void {
  const chains = new Chains(useWorld({ shared: true }))
  const tally = new Tally((report) => chains.firstOf(report))
  const turns = process.env['SITUATIONS_SHARD'] === '1/1' ? 1 : days
  const due = brokenOn(install).filter((_one, at) => at % turns === Math.abs(SEED) % turns)
  test.each(due.map((one) => [one.defects.join(' + '), one] as const))(
    '%s',
    async (name, one) => {
      await chains.inOrder(install)
      tally.count(name, one, await chains.injected(one))
    },
    120_000
  )

  test('all that can be observed is named, and nothing is green or red that is not', () => {
    process.stdout.write(`\n${install}: ${tally.toString()}\n`)
    expect([...tally.candidates, ...tally.falseGreen, ...tally.falseRed]).toEqual([])
  })
}

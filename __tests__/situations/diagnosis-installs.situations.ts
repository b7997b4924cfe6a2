/**
 * Each defect of the cluster alone in a chain in order, on every other way to install Argo CD (Helm, operator, AKS
 * extension, several repo-servers): as diagnosis.situations.ts on plain manifests.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { startWorldUnderTest, type WorldUnderTest } from '../../sandbox/in-process.ts'
import { brokenOn, INSTALLS } from './defects.ts'
import { Chains, Tally } from './injected.ts'

let world: WorldUnderTest
let chains: Chains
beforeAll(async () => {
  world = await startWorldUnderTest()
  chains = new Chains(world)
})
afterAll(() => world.twin.close())

const asked = process.env['INSTALLS']?.split(',')
describe.each(INSTALLS.filter((one) => asked?.includes(one) !== false))('%s', (install) => {
  const tally = new Tally((report) => chains.firstOf(report))

  test.each(brokenOn(install).map((one) => [one.defects.join(' + '), one] as const))(
    '%s',
    async (name, one) => {
      await chains.inOrder(install)
      const injected = await chains.injected(one)
      tally.count(name, one, injected)
    },
    120_000
  )

  test('all that can be observed is named, and nothing is green or red that is not', () => {
    process.stdout.write(`\n${install}: ${tally.toString()}\n`)
    expect([...tally.candidates, ...tally.falseGreen, ...tally.falseRed]).toEqual([])
  })
})

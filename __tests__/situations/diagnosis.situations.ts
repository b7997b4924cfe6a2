/**
 * Each defect alone in a chain in order: never verified where Argo CD cannot read, in apply always where it can, and the
 * first finding names it. Whether it can is the word of the twin's own Argo CD. The other installs:
 * diagnosis-helm.situations.ts and those beside it.
 */
import { expect, test } from '@jest/globals'
import { faultsOf } from '../diagnosis/runnable.ts'
import { useWorld } from '../world.ts'
import { BROKEN, UNFIT } from './defects.ts'
import { Chains, Tally } from './injected.ts'

const world = useWorld({ shared: true })
const chains = new Chains(world)
const tally = new Tally((report) => chains.firstOf(report))

test.each(BROKEN.map((one) => [one.defects.join(' + '), one] as const))(
  '%s',
  async (name, one) => {
    await chains.inOrder(one.on ?? 'manifests')
    const { check, before, apply, after } = await chains.injected(one)
    tally.count(name, one, { check, before, apply, after })
    expect([name, chains.firstOf(check)]).toEqual([name, one.id])
    if (one.says) expect(JSON.stringify(check.findings[0])).toMatch(one.says)
    expect([...check.findings, ...apply.findings].flatMap(faultsOf)).toEqual([])
    expect([apply.verdict.summary, apply.outputs.verification === 'verified']).toEqual([
      apply.verdict.summary,
      one.apply !== 'stays'
    ])
  },
  120_000
)

test.each(UNFIT)('%s', async (defect, id) => {
  world.twin.reset()
  world.twin.defect(defect)
  const report = await world.apply({ 'verification-timeout': '1' })
  expect([defect, report.findings[0]?.id]).toEqual([defect, id])
  expect(report.outputs.verification).not.toBe('verified')
})

test('all that can be observed is named, and nothing is green or red that is not', () => {
  process.stdout.write(`\n${tally.toString()}\n`)
  expect([...tally.candidates, ...tally.falseGreen, ...tally.falseRed]).toEqual([])
})

test('a chain in order stays without a diagnosis, and reads nothing more', async () => {
  await chains.inOrder('manifests')
  world.twin.journal.clear()
  const report = await chains.check()
  const asked = world.twin.journal.entries.map(({ path }) => path)
  expect(report.outputs.verification).toBe('verified')
  expect(report.findings.filter(({ severity }) => severity !== 'note')).toEqual([])
  expect(asked.filter((path) => /events|networkpolicies|endpointslices|mutatingwebhook/.test(path))).toEqual(
    []
  )
})

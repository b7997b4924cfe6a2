/** Two defects at a time, other pairs each day: both are named, the cause before the consequence. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { startWorldUnderTest, type WorldUnderTest } from '../../sandbox/in-process.ts'
import { ruleOf } from '../../src/diagnosis/registry.ts'
import { LINKS } from '../../src/diagnosis/rule.ts'
import { SEED } from '../today.ts'
import { BROKEN, type Broken } from './defects.ts'
import { Chains } from './injected.ts'

const PAIRS = 50

let world: WorldUnderTest
let chains: Chains
beforeAll(async () => {
  world = await startWorldUnderTest()
  chains = new Chains(world)
})
afterAll(() => world.twin.close())

/** Shown by an answer only, which nobody gets as long as something is wrong before it; or by new pods. */
const ANSWERED = /^(?:entra|azure-devops|network)\//
const ALONE = BROKEN.filter(
  ({ id, defects, restart, asked, apply, on }) =>
    !ANSWERED.test(id) &&
    defects.length === 1 &&
    ![restart, asked, on].some((one) => one !== undefined) &&
    apply !== 'tomorrow'
)

/** What nobody can see, or break, as long as the first is wrong. */
const HIDES: readonly (readonly [first: RegExp, second: RegExp])[] = [
  // Without an issuer there is nothing to compare a credential with.
  [/^cluster\//, /^federated-credential\//],
  // A new identity has no credential, no license and no permission.
  [/^identity\//, /^(?:federated-credential|entitlement|permission|workload)\//],
  // Without the account there is no token to compare with a credential.
  [/^workload\/service-account-missing/, /^federated-credential\//],
  // Who is no member has no permissions, and an organization of another tenant shows nothing.
  [/^entitlement\/(?:not-a-member|other-tenant)/, /^permission\//]
]

const linkOf = ({ id }: Broken): number =>
  LINKS.findIndex((link) => link === (ruleOf(id)?.link ?? id.split('/')[0]))

function isPair([first, second]: readonly [Broken, Broken]): boolean {
  return (
    linkOf(first) < linkOf(second) &&
    !HIDES.some(([one, other]) => one.test(first.id) && other.test(second.id))
  )
}

const any = fc.constantFrom(...ALONE)
const pairs = fc.sample(fc.tuple(any, any).filter(isPair), { numRuns: PAIRS, seed: SEED })

test.each(
  pairs.map(
    ([first, second]) => [`${first.defects.join()} and ${second.defects.join()}`, first, second] as const
  )
)(
  `%s (seed ${SEED})`,
  async (_name, first, second) => {
    await chains.inOrder('manifests')
    await chains.broken({ defects: [...first.defects, ...second.defects] })
    const report = await chains.check()
    const causes = report.findings.filter(({ because }) => because === undefined).map(({ id }): string => id)
    expect(causes.filter((id) => id === first.id || id === second.id)).toEqual([first.id, second.id])
    expect(report.outputs.verification).not.toBe('verified')
  },
  120_000
)

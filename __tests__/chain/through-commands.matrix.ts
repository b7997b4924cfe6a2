/** The modes that take longer, through commands that a real kubectl runs in the cluster. */
import { unescape } from 'node:querystring'
import { describe, expect, test } from '@jest/globals'
import { makeOrganization } from '../../sandbox/argocd/organization.ts'
import { has } from '../../sandbox/by-hand.ts'
import { leaksIn } from '../../sandbox/leaks.ts'
import { wordsOf } from '../../sandbox/in-process.ts'
import type { Report } from '../../src/report/report.ts'
import type { ReportedCredential } from '../../src/report/stored-credentials.ts'
import { contentOf, storePat, urlOf } from '../migration/pats.ts'
import { useWorld } from '../world.ts'

const world = useWorld()
const withKubectl = has('kubectl') ? describe : describe.skip
const COMMANDS = { 'cluster-access': 'run-command' }

const audit = (inputs: Readonly<Record<string, string>> = {}): Promise<Report> =>
  world.run({ mode: 'audit', 'repository-url': '', ...inputs })
const idsOf = ({ findings }: Report): string[] => findings.map(({ id }) => id)
/** Everything that Azure keeps. */
const kept = (): string =>
  world.twin.azure
    .commands()
    .flatMap(({ command, logs }) => [command, logs, unescape(logs)])
    .join('\n')

withKubectl('a cluster without a way there', () => {
  test('is set up, checked and cleared through commands by who says so, and Azure keeps no secret', async () => {
    world.twin.defect('no-route')
    const token = storePat(world, 'of-others', urlOf(world, 'other'))
    const built = await world.apply(COMMANDS)
    expect(built.verification).toMatchObject({
      result: 'verified',
      reason: expect.stringMatching(/^Argo CD itself refreshed a probe at /)
    })
    expect(Object.values(wordsOf(built))).not.toContain('failed')
    expect(contentOf(world, 'of-others')).toMatchObject({ password: token.secret })
    const removed = await world.remove(COMMANDS)
    expect(removed.verdict.exitCode).toBe(0)
    expect(leaksIn(kept(), [...world.twin.issued(), ...world.twin.azure.personalTokens, 'anna'])).toEqual([])
    const commands = world.twin.azure.commands()
    expect(commands.every(({ withToken, exitCode }) => withToken && exitCode === 0)).toBe(true)
  })

  test('is audited by the names of keys, with the same result', async () => {
    world.twin.defect('argocd-controller-down')
    makeOrganization(world.twin, 60)
    const near = await audit()
    world.twin.defect('no-route')
    const far = await audit()
    const known = ({ object, verdict, keys, url, serves, fingerprint }: ReportedCredential) => ({
      ...{ object, verdict, keys, url, serves, fingerprint }
    })
    expect(far.storedCredentials?.map(known)).toEqual(near.storedCredentials?.map(known))
    expect(far.storedCredentials?.filter(({ user }) => user !== undefined)).toEqual([])
    expect(idsOf(far)).toContain('run-command/values-not-compared')
  })
})

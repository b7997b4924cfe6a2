/** Azure DevOps' rate limits count per identity, over REST and git; Argo CD lives on the same identity as the proof. */
import { describe, expect, test } from '@jest/globals'
import { IDS } from '../../sandbox/azure/state.ts'
import { IdentityPace } from '../../src/http/pace.ts'
import { useWorld } from '../world.ts'

const world = useWorld()

const urls = (count: number): string =>
  Array.from({ length: count }, (_, index) =>
    (world.twin.environment['SANDBOX_REPOSITORY_URL'] ?? '').replace(/[^/]+$/, `service-${index + 1}`)
  ).join('\n')
const identity = (): string => {
  const { azure } = world.twin.state() as { azure: { identities: readonly { principalId: string }[] } }
  return azure.identities[0]?.principalId ?? ''
}
const inputs = (count: number): Readonly<Record<string, string>> => ({
  'repository-url': urls(count),
  verification: 'access'
})
const own = () =>
  world.twin.journal.entries.filter(({ by, service }) => by === undefined && service === 'git')

describe('the identity that reads', () => {
  test('many URLs wait together for as long as the first answer says, and all are read', async () => {
    world.twin.defect('fifty-repositories')
    await world.apply({ ...inputs(6), verification: 'none' })
    const { limits } = world.twin.azure
    limits.set({ principalId: identity(), free: 6, delayed: 0, window: 1_000, delay: 0 })
    world.twin.journal.clear()
    const report = await world.check(inputs(6))
    expect(report.repositories.map(({ verifications }) => verifications.access?.result)).toEqual(
      Array.from({ length: 6 }, () => 'verified')
    )
    // Those that were on their way when the limit was met, and per block one question for how long.
    expect(limits.blocked).toBeLessThanOrEqual(36)
    const blocked = own().filter(({ status }) => status === 429)
    expect(blocked.length).toBeGreaterThan(0)
    // After the last of a block nothing is asked until the service says so.
    const calm = own().filter(
      ({ start, status }) => status === 200 && blocked.some((one) => start > one.end && start < one.end + 300)
    )
    expect(calm.length).toBeLessThanOrEqual(1)
    expect(world.printed.some((line) => /limits this identity: waiting [12] s/.test(line))).toBe(true)
  })

  test('a wait that is longer than the run may last says nothing about the access', async () => {
    await world.applied()
    world.twin.azure.limits.set({ principalId: identity(), free: 0, delayed: 0, window: 3_600_000, delay: 0 })
    const began = Date.now()
    const report = await world.check({ verification: 'access', 'verification-timeout': '5' })
    expect(Date.now() - began).toBeLessThan(20_000)
    expect(report.verification.result).toBe('inconclusive')
    expect(report.verdict.exitCode).toBe(0)
    expect(report.findings.filter(({ severity }) => severity === 'warning')).toMatchObject([
      { id: 'azure-devops/throttled' }
    ])
    const applied = await world.apply({ verification: 'access', 'verification-timeout': '5' })
    expect(applied.verdict.exitCode).toBe(1)
  })
})

describe('the login', () => {
  test('is one identity in all organizations', async () => {
    world.twin.azure.limits.set({
      principalId: IDS.deployerPrincipalId,
      free: 8,
      delayed: 0,
      window: 1_000,
      delay: 0
    })
    const second = (world.twin.environment['SANDBOX_REPOSITORY_URL'] ?? '').replace(
      IDS.organization,
      IDS.secondOrganization
    )
    const first = world.twin.environment['SANDBOX_REPOSITORY_URL'] ?? ''
    const report = await world.apply({ 'repository-url': `${first}\n${second}`, verification: 'none' })
    expect(report.verdict.exitCode).toBe(0)
    expect(report.outputs.changed).toBe('true')
  })

  test('a delayed answer makes the next ones go one after another', async () => {
    world.twin.defect('fifty-repositories')
    const more = { ...inputs(3), access: 'repository', verification: 'none' }
    await world.apply(more)
    const { limits, ids } = world.twin.azure
    limits.set({ principalId: ids.deployerPrincipalId, free: 0, delayed: 999, window: 50, delay: 5 })
    world.twin.journal.clear()
    expect((await world.check(more)).outputs.drift).toBe('false')
    const [first, ...later] = world.twin.journal.entries.filter(({ service }) =>
      ['devops', 'graph', 'entitlements'].includes(service)
    )
    expect(later.length).toBeGreaterThan(6)
    const next = later.filter(({ start }) => start > (first?.end ?? 0) + 1)
    expect(
      next.filter((one) => next.some((other) => other.start < one.start && other.end > one.start))
    ).toEqual([])
  })

  test('that is blocked for hours is reported at once', async () => {
    await world.applied()
    world.twin.azure.limits.set({
      principalId: IDS.deployerPrincipalId,
      free: 0,
      delayed: 0,
      window: 7_200_000,
      delay: 0
    })
    const report = await world.check()
    expect(report.verdict.exitCode).toBe(1)
    expect(report.findings.find(({ severity }) => severity === 'error')).toMatchObject({
      id: 'azure-devops/throttled'
    })
  })
})

describe('the headers of any server', () => {
  const policy = {
    deadline: Date.now() + 60_000,
    report: () => undefined,
    signal: new AbortController().signal
  }
  const isThrottled = async (...headers: readonly (readonly [string, string])[]): Promise<boolean> => {
    const pace = new IdentityPace()
    pace.hear(new Headers(headers.map(([name, value]): [string, string] => [name, value])))
    return pace
      .turn({ ...policy, deadline: Date.now() + 100 }, () => Promise.resolve(false))
      .catch(() => true)
  }
  test.each([
    ['-5', false],
    ['0', false],
    ['soon', false],
    ['1e9', false],
    ['0x10', false],
    ['Mon, 23 Nov 2020 10:00:05 GMT', false],
    ['9'.repeat(60), true],
    ['3600', true]
  ])('Retry-After: %s', async (value, throttled) => {
    expect(await isThrottled(['retry-after', value])).toBe(throttled)
  })

  test('odd limits slow nothing down for ever', async () => {
    expect(await isThrottled(['x-ratelimit-delay', 'NaN'], ['x-ratelimit-remaining', '-1'])).toBe(false)
    expect(await isThrottled(['x-ratelimit-delay', '1'.repeat(40)])).toBe(false)
  })

  test('what waits in line goes on, whoever fails or is cancelled before', async () => {
    const pace = new IdentityPace()
    pace.hear(new Headers({ 'x-ratelimit-delay': '1.5' }))
    let [running, most] = [0, 0]
    const work = (index: number) => async (): Promise<number> => {
      running += 1
      most = Math.max(most, running)
      await new Promise((resolve) => setImmediate(resolve))
      running -= 1
      if (index % 3 === 0) throw new Error('no')
      return index
    }
    const all = await Promise.allSettled(
      Array.from({ length: 12 }, (_, index) => pace.turn(policy, work(index)))
    )
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(8)
    expect(most).toBe(1)
  })
})

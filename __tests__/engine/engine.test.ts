/** The engine alone, over resources that are nothing but a value. */
import { describe, expect, jest, test } from '@jest/globals'
import type { Dependents } from '../../src/chain/dependents.ts'
import type { Node } from '../../src/engine/node.ts'
import type {
  Difference,
  ResourceOutcome,
  VerificationName,
  VerificationOutcome
} from '../../src/engine/outcome.ts'
import type { Evidence, NotNeeded as Unneeded } from '../../src/engine/verification.ts'
import type { Cell, ValueGraph, ValueResource } from './values.ts'

// First: what is loaded after it waits by its clock.
await import('./jumping-clock.ts')
const { Inconclusive, note, Problem } = await import('../../src/core/finding.ts')
const { Graph } = await import('../../src/engine/graph.ts')
const { MissingOutput } = await import('../../src/engine/node.ts')
const { NotNeeded } = await import('../../src/engine/verification.ts')
const { writeUntilConverged } = await import('../../src/engine/converge.ts')
const { answer, BY_HAND, cell, context, policy, specOf, valueOf } = await import('./values.ts')
const graphOf = (...[run, pass]: ConstructorParameters<typeof Graph<unknown, Dependents>>): ValueGraph =>
  new Graph<unknown, Dependents>(run, pass)

/** The two passes of an apply over one resource. */
async function applied(
  hop: ValueResource,
  want = 'b'
): Promise<{ first: ResourceOutcome; second: ResourceOutcome; run: ValueGraph }> {
  const observed = graphOf(context())
  await observed.resource(hop, specOf(want)).output.catch(() => undefined)
  const run = graphOf(context(), { verifies: true, before: observed })
  await run.resource(hop, specOf(want)).output.catch(() => undefined)
  const [first, second] = [observed.resources[0], run.resources[0]]
  if (!first || !second) throw new Error('a hop without an outcome')
  return { first, second, run }
}

describe('one resource', () => {
  test('that is as wanted is unchanged, is not read twice and not written', async () => {
    const held = cell('b')
    const { first, second, run } = await applied(valueOf(held))
    expect([first.result, second.result]).toEqual(['unchanged', 'unchanged'])
    expect(held).toMatchObject({ reads: 1, writes: 0 })
    expect(second).toMatchObject({ resource: 'identity', differences: [], summary: 'value b' })
    expect(run.outputs).toEqual({ clientId: 'b' })
  })

  test.each([
    [undefined, 'missing', 'created'],
    ['a', 'drifted', 'updated']
  ])('that is %s is %s, then %s', async (before, seen, word) => {
    const held = cell(before)
    const { first, second } = await applied(valueOf(held))
    expect([first.result, second.result]).toEqual([seen, word])
    expect(second.differences).toEqual([{ field: 'value', expected: 'b', actual: before }])
    expect(held).toMatchObject({ value: 'b', writes: 1 })
  })

  test('is observed anew when it is wanted differently by then', async () => {
    const held = cell('b')
    const observed = graphOf(context())
    await observed.resource(valueOf(held), specOf('b')).output
    await graphOf(context(), { verifies: true, before: observed }).resource(valueOf(held), specOf('c')).output
    expect(held).toMatchObject({ value: 'c', reads: 3, writes: 1 })
  })

  test('that cannot be read has failed, with the reason; what needs it is unknown, or skipped', async () => {
    const hop = valueOf(cell(), 'cluster', { read: () => Promise.reject(answer(403)) })
    const observed = graphOf(context())
    const above = observed.resource(hop, specOf('b')).output
    const below = observed.resource(valueOf(cell('b')), async () => {
      await above
      return 'b'
    }).output
    await expect(below).rejects.toBeInstanceOf(MissingOutput)
    expect(observed.resources.map(({ result }) => result)).toEqual(['failed', 'unknown'])
    expect(observed.resources[0]?.problem?.summary).toBe('ARM answered 403 to PUT /x: text')
    expect(observed.resources[1]?.problem).toEqual({
      id: 'resource/depends-on',
      summary: 'depends on cluster',
      remedy: 'see cluster'
    })
    const run = graphOf(context(), { verifies: true, before: observed })
    await run
      .resource(valueOf(cell('b')), () => Promise.reject(new MissingOutput('cluster')))
      .output.catch(() => undefined)
    expect(run.resources[0]?.result).toBe('skipped')
  })

  test('that is blocked is not written, and says why', async () => {
    const held = cell('a')
    const blocked = BY_HAND
    const differences = (): Difference[] => [{ field: 'value', expected: 'b', actual: 'a', blocked }]
    const { second } = await applied(valueOf(held, 'identity', { differences }))
    expect(second).toMatchObject({ result: 'failed', problem: blocked })
    expect(held.writes).toBe(0)
  })

  test('that only reads says that it is not written by this tool', async () => {
    const reading = valueOf(cell('a'), 'argocd')
    delete reading.apply
    const { second } = await applied(reading)
    expect(second.problem).toMatchObject({
      summary: 'argocd differs, and Patless does not manage it.',
      expected: 'b',
      actual: 'a'
    })
  })

  test('whose write has no effect says what still differs', async () => {
    const { second } = await applied(valueOf(cell('a'), 'identity', { apply: () => Promise.resolve() }))
    expect(second.result).toBe('failed')
    expect(second.problem).toMatchObject({
      summary: 'value still differs after the write.',
      expected: 'b',
      actual: 'a',
      remedy: 'check whether another tool (an operator, GitOps, a policy) reverts it, then run again'
    })
  })

  test('that is blocked after its write says why', async () => {
    const blocked = BY_HAND
    const held = cell('a')
    const differences = (want: string, seen: string | undefined): Difference[] => [
      { field: 'value', expected: want, actual: seen, ...(held.writes > 0 && { blocked }) }
    ]
    const { second } = await applied(valueOf(held, 'identity', { differences }))
    expect(second).toMatchObject({ result: 'failed', problem: blocked })
  })

  test('is believed in apply as check saw it, and asked for anew after a write', async () => {
    const observe = jest.fn<ValueResource['read']>(() => Promise.resolve('a'))
    await applied(valueOf(cell('a'), 'identity', { read: observe }))
    const asked = observe.mock.calls.map(([, , { fresh }]) => fresh)
    expect(asked[0]).toBe(false)
    expect(new Set(asked.slice(1))).toEqual(new Set([true]))
  })

  test('is asked for anew where a run says so, or where it is wanted differently by then', async () => {
    const observe = jest.fn<ValueResource['read']>(() => Promise.resolve('b'))
    const hop = valueOf(cell('b'), 'identity', { read: observe })
    await graphOf(context(), { fresh: true }).resource(hop, specOf('b')).output
    const observed = graphOf(context())
    await observed.resource(hop, specOf('c')).output
    await graphOf(context(), { before: observed }).resource(hop, specOf('b')).output
    expect(observe.mock.calls.map(([, , { fresh }]) => fresh)).toEqual([true, false, true])
  })

  test('that gives nothing yet has no summary and no facts; who awaits it hears of that', async () => {
    const run = graphOf(context())
    const node = run.resource(valueOf(cell()), specOf('b'))
    await expect(node.output).rejects.toThrow('identity does not exist')
    expect(run.resources[0]).not.toHaveProperty('summary')
    expect(run.outputs).toEqual({})
    expect(await node.result).toBe('missing')
  })

  test('may have notes, and needs no facts', async () => {
    const found = note({ ...BY_HAND, summary: 'two replicas' })
    const noted = valueOf(cell('b'), 'identity', { findings: () => [found] })
    const run = graphOf(context())
    await run.resource(noted, specOf('b')).output
    await run.resource(valueOf(cell('b'), 'cluster'), specOf('b')).output
    expect(run.resources.map(({ findings }) => findings)).toEqual([[found], []])
    expect(run.outputs).toEqual({ clientId: 'b' })
  })

  test('is reported as it ends, with its time', async () => {
    const done = jest.fn<(hop: ResourceOutcome) => void>()
    const run = graphOf(context(done))
    await run.resource(valueOf(cell('b')), specOf('b')).output
    expect(done).toHaveBeenCalledTimes(1)
    const [outcome] = run.resources
    expect(outcome).toMatchObject({ resource: 'identity', result: 'unchanged' })
    expect(outcome?.end).toBeGreaterThanOrEqual(outcome?.start ?? Infinity)
    // Since the run began.
    expect(outcome?.end).toBeLessThan(60_000)
  })
})

describe('nothing is written on what does not stand', () => {
  const attempt = async (afterIn: (run: ValueGraph) => Node) => {
    const held = cell('a')
    const observed = graphOf(context())
    await observed.resource(valueOf(held), specOf('b')).output
    const run = graphOf(context(), { verifies: true, before: observed })
    const after = afterIn(run)
    const below = run.resource(valueOf(held), specOf('b'), { after: [undefined, after] })
    await below.output.catch(() => undefined)
    const outcome = run.resources.find(({ resource }) => resource === 'identity')
    return { word: outcome?.result, writes: held.writes, why: outcome?.problem?.summary }
  }

  test('not after a resource that is not there', async () => {
    const lost = (run: ValueGraph): Node =>
      run.resource(valueOf(cell(), 'cluster'), () => Promise.reject(answer(403)))
    expect(await attempt(lost)).toMatchObject({ word: 'skipped', writes: 0 })
  })

  const verifying = (verify: () => Promise<object>) => (run: ValueGraph) =>
    run.verification('access', verify as () => Promise<Evidence>, { requires: [] })

  test('not after a verification that failed', async () => {
    const failing = verifying(() => Promise.reject(new Problem({ ...BY_HAND, summary: 'no refs' })))
    expect(await attempt(failing)).toEqual({
      word: 'skipped',
      writes: 0,
      why: 'depends on access verification'
    })
  })

  test.each([
    ['was verified', verifying(() => Promise.resolve({ commits: {}, reason: 'read' }))],
    ['needed no verification', verifying(() => Promise.resolve(new NotNeeded('nothing has changed')))],
    ['could not be verified', verifying(() => Promise.reject(new Inconclusive(BY_HAND)))]
  ])('but after what %s', async (_word, after) => {
    expect(await attempt(after)).toEqual({ word: 'updated', writes: 1 })
  })

  test('a pass has ended when every node has', async () => {
    const run = graphOf(context(), { verifies: true })
    const slow = run.resource(valueOf(cell('b'), 'cluster'), async () => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      return 'b'
    })
    run.resource(valueOf(cell('b')), () => slow.output)
    run.verification('access', () => Promise.resolve({ commits: {}, reason: 'read' }), { requires: [slow] })
    await run.settled()
    expect(run.resources.map(({ resource: hop }) => hop)).toEqual(['cluster', 'identity'])
    expect(await run.verifications()).toMatchObject({ access: { result: 'verified' } })
  })
})

describe('a verification', () => {
  const commits = { url: 'c0ffee' }
  const verified = async (
    run: ValueGraph,
    name: VerificationName,
    verify: () => Promise<Evidence | Unneeded>,
    requires: readonly Node[]
  ): Promise<VerificationOutcome> => {
    run.verification(name, verify, { requires })
    const outcome = (await run.verifications())[name]
    if (!outcome) throw new Error('a verification without an outcome')
    return outcome
  }

  test('is skipped in a pass that does not prove', async () => {
    const run = graphOf(context())
    expect(
      await verified(run, 'access', () => Promise.resolve({ commits, reason: 'git data was read' }), [])
    ).toMatchObject({
      result: 'skipped',
      reason: 'this run changed nothing that could be verified',
      commits: {}
    })
  })

  test('is verified by what it read', async () => {
    const run = graphOf(context(), { verifies: true })
    const rest = run.resource(valueOf(cell('b')), specOf('b'))
    const outcome = await verified(
      run,
      'access',
      () => Promise.resolve({ commits, reason: 'git data was read' }),
      [rest]
    )
    expect(outcome).toMatchObject({ result: 'verified', commits })
    expect(outcome.reason).toContain('git data was read')
    expect(await run.verifications()).toEqual({ access: outcome })
  })

  test.each([
    ['access', 'failed'],
    ['argocd', 'skipped']
  ] as const)('%s is not tried while a hop it rests on is not in order: it has %s', async (name, word) => {
    const run = graphOf(context(), { verifies: true })
    const proof = jest.fn(() => Promise.resolve({ commits, reason: 'git data was read' }))
    const rest = run.resource(valueOf(cell('a')), specOf('b'))
    expect(await verified(run, name, proof, [rest])).toMatchObject({
      result: word,
      reason: 'identity is drifted'
    })
    expect(
      await verified(run, name, () => Promise.reject(new MissingOutput('connection')), [])
    ).toMatchObject({
      result: word,
      reason: 'connection does not exist'
    })
    expect(proof).not.toHaveBeenCalled()
  })

  test.each([undefined, 'a'])('is tried on what was just written, where there was %s', async (before) => {
    const observed = graphOf(context())
    await observed.resource(valueOf(cell(before)), specOf('b')).output.catch(() => undefined)
    const run = graphOf(context(), { verifies: true, before: observed })
    const rest = run.resource(valueOf(cell(before)), specOf('b'))
    const outcome = await verified(
      run,
      'argocd',
      () => Promise.resolve({ commits, reason: 'git data was read' }),
      [rest]
    )
    expect(outcome).toMatchObject({ result: 'verified', commits })
    expect(outcome.reason).toBe('git data was read')
  })

  test('that is not needed says why', async () => {
    const run = graphOf(context(), { verifies: true })
    const unneeded = new NotNeeded('nothing has changed')
    expect(await verified(run, 'argocd', () => Promise.resolve(unneeded), [])).toMatchObject({
      result: 'skipped',
      reason: 'nothing has changed',
      commits: {}
    })
  })

  test.each([
    ['failed', Problem],
    ['inconclusive', Inconclusive]
  ] as const)('that has %s says why', async (result, Kind) => {
    const run = graphOf(context(), { verifies: true })
    const problem = { ...BY_HAND, summary: 'no refs' }
    expect(await verified(run, 'access', () => Promise.reject(new Kind(problem)), [])).toMatchObject({
      result,
      reason: 'no refs',
      problem
    })
  })
})

describe('writing until it is as wanted', () => {
  const steps = (held: Cell, write: () => Promise<void>) => ({
    write: () => {
      held.writes += 1
      return write()
    },
    read: () => {
      held.reads += 1
      return Promise.resolve(held.value)
    },
    remaining: (seen: string | undefined) =>
      seen === 'b' ? undefined : { ...BY_HAND, summary: 'still open' }
  })

  const writing = (held: Cell, write: () => Promise<void>): Promise<string | undefined> =>
    writeUntilConverged('a', steps(held, write), policy())

  test('a lost race is run again, from a fresh look', async () => {
    const held = cell('a')
    const write = (): Promise<void> => {
      if (held.writes < 3) return Promise.reject(answer(409))
      held.value = 'b'
      return Promise.resolve()
    }
    expect(await writing(held, write)).toBe('b')
    expect(held).toMatchObject({ writes: 3, reads: 3 })
  })

  test('and is won when another wrote the same meanwhile', async () => {
    const held = cell('b')
    expect(await writing(held, () => Promise.reject(answer(412)))).toBe('b')
    expect(held.writes).toBe(1)
  })

  test('eight lost races are enough', async () => {
    const held = cell('a')
    const lost = answer(409)
    await expect(writing(held, () => Promise.reject(lost))).rejects.toBe(lost)
    expect(held.writes).toBe(8)
  })

  test('propagation is waited for as long as the run may last', async () => {
    const held = cell('a')
    const write = (): Promise<void> => {
      if (held.writes <= 9) return Promise.reject(answer(400, { propagating: true }))
      held.value = 'b'
      return Promise.resolve()
    }
    const said: string[] = []
    expect(
      await writeUntilConverged(
        'a',
        steps(held, write),
        policy((text) => said.push(text))
      )
    ).toBe('b')
    expect(held.writes).toBe(10)
    // At the floor: the Retry-After of the answer is below it.
    expect(said).toHaveLength(9)
    expect(said[1]).toMatch(/^Still the same\. Trying again in 0\.2 s/)
  })

  test('and no longer than such an answer may last, which is what is said', async () => {
    const held = cell('a')
    const fresh = answer(400, { propagating: 700 })
    const said: string[] = []
    const stopped = writeUntilConverged(
      'a',
      steps(held, () => Promise.reject(fresh)),
      policy((text) => said.push(text))
    )
    await expect(stopped).rejects.toBe(fresh)
    expect(held.writes).toBeLessThan(6)
    for (const text of said) expect(text).toMatch(/, 0\.\d s left/)
  })

  test('what is hopeless is thrown at once', async () => {
    const held = cell('a')
    const refused = answer(400)
    await expect(writing(held, () => Promise.reject(refused))).rejects.toBe(refused)
    expect(held).toMatchObject({ writes: 1, reads: 0 })
  })

  test('a replica that still tells what was before is looked at again, not written again', async () => {
    const held = cell('a')
    const late = {
      ...steps(held, () => Promise.resolve()),
      read: () => {
        held.reads += 1
        return Promise.resolve(held.reads < 3 ? 'a' : 'b')
      }
    }
    expect(await writeUntilConverged('a', late, policy())).toBe('b')
    expect(held).toMatchObject({ writes: 1, reads: 3 })
  })

  test('a write that is not seen at the third look had no effect', async () => {
    const held = cell('a')
    await expect(writing(held, () => Promise.resolve())).rejects.toThrow('still open')
    expect(held).toMatchObject({ writes: 1, reads: 3 })
  })
})

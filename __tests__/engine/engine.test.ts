/** The engine alone, over hops that are nothing but a value. */
import { describe, expect, jest, test } from '@jest/globals'
import type { Evidence, Graph as AnyGraph, NotNeeded as Unneeded, Node } from '../../src/engine/graph.ts'
import type { Change, HopOutcome, ProofName, ProofOutcome } from '../../src/engine/outcome.ts'
import type { Cell, ValueHop } from './hops.ts'

// First: what is loaded after it waits by its clock.
await import('./jumping-clock.ts')
const { Pending, Problem } = await import('../../src/core/problem.ts')
const { Graph, NotGiven, NotNeeded } = await import('../../src/engine/graph.ts')
const { written } = await import('../../src/engine/written.ts')
const { answer, cell, context, hopOn, patience, wanting } = await import('./hops.ts')

/** The two passes of an apply over one hop. */
async function applied(
  hop: ValueHop,
  want = 'b'
): Promise<{ first: HopOutcome; second: HopOutcome; run: AnyGraph<unknown> }> {
  const observed = new Graph(context())
  await observed.resource(hop, wanting(want)).output.catch(() => undefined)
  const run = new Graph(context(), { proving: true, observed })
  await run.resource(hop, wanting(want)).output.catch(() => undefined)
  const [first, second] = [observed.hops[0], run.hops[0]]
  if (!first || !second) throw new Error('a hop without an outcome')
  return { first, second, run }
}

describe('one hop', () => {
  test('that is as wanted is unchanged, is not read twice and not written', async () => {
    const held = cell('b')
    const { first, second, run } = await applied(hopOn(held))
    expect([first.result, second.result]).toEqual(['unchanged', 'unchanged'])
    expect(held).toMatchObject({ reads: 1, writes: 0 })
    expect(second).toMatchObject({ hop: 'identity', changes: [], summary: 'value b' })
    expect(run.facts).toEqual({ clientId: 'b' })
  })

  test.each([
    [undefined, 'missing', 'created'],
    ['a', 'drifted', 'updated']
  ])('that is %s is %s, then %s', async (before, seen, word) => {
    const held = cell(before)
    const { first, second } = await applied(hopOn(held))
    expect([first.result, second.result]).toEqual([seen, word])
    expect(second.changes).toEqual([{ field: 'value', expected: 'b', found: before }])
    expect(held).toMatchObject({ value: 'b', writes: 1 })
  })

  test('is observed anew when it is wanted differently by then', async () => {
    const held = cell('b')
    const observed = new Graph(context())
    await observed.resource(hopOn(held), wanting('b')).output
    await new Graph(context(), { proving: true, observed }).resource(hopOn(held), wanting('c')).output
    expect(held).toMatchObject({ value: 'c', reads: 3, writes: 1 })
  })

  test('that cannot be read has failed, with the reason; what needs it is unknown, or skipped', async () => {
    const hop = hopOn(cell(), 'cluster', { observe: () => Promise.reject(answer(403)) })
    const observed = new Graph(context())
    const above = observed.resource(hop, wanting('b')).output
    const below = observed.resource(hopOn(cell('b')), async () => {
      await above
      return 'b'
    }).output
    await expect(below).rejects.toBeInstanceOf(NotGiven)
    expect(observed.hops.map(({ result }) => result)).toEqual(['failed', 'unknown'])
    expect(observed.hops[0]?.problem?.what).toBe('ARM answered 403 to PUT /x: text')
    expect(observed.hops[1]?.problem).toEqual({ what: 'depends on cluster', remedy: 'see cluster' })
    const run = new Graph(context(), { proving: true, observed })
    await run
      .resource(hopOn(cell('b')), () => Promise.reject(new NotGiven('cluster')))
      .output.catch(() => undefined)
    expect(run.hops[0]?.result).toBe('skipped')
  })

  test('that is blocked is not written, and says why', async () => {
    const held = cell('a')
    const blocked = { what: 'a human has to', remedy: 'do it' }
    const compare = (): Change[] => [{ field: 'value', expected: 'b', found: 'a', blocked }]
    const { second } = await applied(hopOn(held, 'identity', { compare }))
    expect(second).toMatchObject({ result: 'failed', problem: blocked })
    expect(held.writes).toBe(0)
  })

  test('that only reads says that it is not written by this tool', async () => {
    const reading = hopOn(cell('a'), 'argocd')
    delete reading.apply
    const { second } = await applied(reading)
    expect(second.problem).toMatchObject({
      what: 'argocd is not as wanted, and is not written by this tool.',
      expected: 'b',
      found: 'a'
    })
  })

  test('whose write has no effect says what still differs', async () => {
    const { second } = await applied(hopOn(cell('a'), 'identity', { apply: () => Promise.resolve() }))
    expect(second.result).toBe('failed')
    expect(second.problem).toMatchObject({
      what: 'value still differs after the write.',
      expected: 'b',
      found: 'a',
      remedy: 'see whether another tool (an operator, GitOps, a policy) writes it back, then run again'
    })
  })

  test('that is blocked after its write says why', async () => {
    const blocked = { what: 'a human has to', remedy: 'do it' }
    const held = cell('a')
    const compare = (want: string, seen: string | undefined): Change[] => [
      { field: 'value', expected: want, found: seen, ...(held.writes > 0 && { blocked }) }
    ]
    const { second } = await applied(hopOn(held, 'identity', { compare }))
    expect(second).toMatchObject({ result: 'failed', problem: blocked })
  })

  test('is believed in apply as check saw it, and asked for anew after a write', async () => {
    const observe = jest.fn<ValueHop['observe']>(() => Promise.resolve('a'))
    await applied(hopOn(cell('a'), 'identity', { observe }))
    const asked = observe.mock.calls.map(([, , fresh]) => fresh)
    expect(asked[0]).toBe(false)
    expect(new Set(asked.slice(1))).toEqual(new Set([true]))
  })

  test('is asked for anew where a run says so, or where it is wanted differently by then', async () => {
    const observe = jest.fn<ValueHop['observe']>(() => Promise.resolve('b'))
    const hop = hopOn(cell('b'), 'identity', { observe })
    await new Graph(context(), { fresh: true }).resource(hop, wanting('b')).output
    const observed = new Graph(context())
    await observed.resource(hop, wanting('c')).output
    await new Graph(context(), { observed }).resource(hop, wanting('b')).output
    expect(observe.mock.calls.map(([, , fresh]) => fresh)).toEqual([true, false, true])
  })

  test('that gives nothing yet has no summary and no facts; who awaits it hears of that', async () => {
    const run = new Graph(context())
    const node = run.resource(hopOn(cell()), wanting('b'))
    await expect(node.output).rejects.toThrow('identity is not there')
    expect(run.hops[0]).not.toHaveProperty('summary')
    expect(run.facts).toEqual({})
    expect(await node.result).toBe('missing')
  })

  test('may have notes, and needs no facts', async () => {
    const note = { what: 'two replicas', remedy: 'none' }
    const noted = hopOn(cell('b'), 'identity', { notes: () => [note] })
    delete noted.facts
    const run = new Graph(context())
    await run.resource(noted, wanting('b')).output
    await run.resource(hopOn(cell('b'), 'cluster'), wanting('b')).output
    expect(run.hops.map(({ notes }) => notes)).toEqual([[note], []])
    expect(run.facts).toEqual({ clientId: 'b' })
  })

  test('is told as it ends, with its time', async () => {
    const done = jest.fn<(hop: HopOutcome) => void>()
    const run = new Graph(context(done))
    await run.resource(hopOn(cell('b')), wanting('b')).output
    expect(done).toHaveBeenCalledTimes(1)
    const [outcome] = run.hops
    expect(outcome).toMatchObject({ hop: 'identity', result: 'unchanged' })
    expect(outcome?.end).toBeGreaterThanOrEqual(outcome?.start ?? Infinity)
    // Since the run began.
    expect(outcome?.end).toBeLessThan(60_000)
  })
})

describe('nothing is written on what does not stand', () => {
  const attempt = async (afterIn: (run: AnyGraph<unknown>) => Node) => {
    const held = cell('a')
    const observed = new Graph(context())
    await observed.resource(hopOn(held), wanting('b')).output
    const run = new Graph(context(), { proving: true, observed })
    const after = afterIn(run)
    const below = run.resource(hopOn(held), wanting('b'), { after: [undefined, after] })
    await below.output.catch(() => undefined)
    const outcome = run.hops.find(({ hop }) => hop === 'identity')
    return { word: outcome?.result, writes: held.writes, why: outcome?.problem?.what }
  }

  test('not after a resource that is not there', async () => {
    const lost = (run: AnyGraph<unknown>): Node =>
      run.resource(hopOn(cell(), 'cluster'), () => Promise.reject(answer(403)))
    expect(await attempt(lost)).toMatchObject({ word: 'skipped', writes: 0 })
  })

  const verifying = (verify: () => Promise<{ commits: object } | Unneeded>) => (run: AnyGraph<unknown>) =>
    run.verification('access', verify as () => Promise<Evidence>, { requires: [] })

  test('not after a verification that failed', async () => {
    const failing = verifying(() => Promise.reject(new Problem({ what: 'no refs', remedy: 'push' })))
    expect(await attempt(failing)).toEqual({
      word: 'skipped',
      writes: 0,
      why: 'depends on access verification'
    })
  })

  test.each([
    ['was verified', verifying(() => Promise.resolve({ commits: {} }))],
    ['needed no verification', verifying(() => Promise.resolve(new NotNeeded('nothing has changed')))],
    ['could not be verified', verifying(() => Promise.reject(new Pending({ what: 'x', remedy: 'y' })))]
  ])('but after what %s', async (_word, after) => {
    expect(await attempt(after)).toEqual({ word: 'updated', writes: 1 })
  })

  test('a pass has ended when every node has', async () => {
    const run = new Graph(context(), { proving: true })
    const slow = run.resource(hopOn(cell('b'), 'cluster'), async () => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      return 'b'
    })
    run.resource(hopOn(cell('b')), () => slow.output)
    run.verification('access', () => Promise.resolve({ commits: {} }), { requires: [slow] })
    await run.settled()
    expect(run.hops.map(({ hop }) => hop)).toEqual(['cluster', 'identity'])
    expect(await run.proofs()).toMatchObject({ access: { verification: 'verified' } })
  })
})

describe('the proof', () => {
  const commits = { url: 'c0ffee' }
  const verified = async (
    run: AnyGraph<unknown>,
    name: ProofName,
    verify: () => Promise<Evidence | Unneeded>,
    requires: readonly Node[]
  ): Promise<ProofOutcome> => {
    run.verification(name, verify, { requires })
    const outcome = (await run.proofs())[name]
    if (!outcome) throw new Error('a verification without an outcome')
    return outcome
  }

  test('is skipped in a pass that does not prove', async () => {
    const run = new Graph(context())
    expect(await verified(run, 'access', () => Promise.resolve({ commits }), [])).toMatchObject({
      verification: 'skipped',
      reason: 'nothing was written that could be proved',
      commits: {}
    })
  })

  test('is verified by what it read', async () => {
    const run = new Graph(context(), { proving: true })
    const rest = run.resource(hopOn(cell('b')), wanting('b'))
    const outcome = await verified(run, 'access', () => Promise.resolve({ commits }), [rest])
    expect(outcome).toMatchObject({ verification: 'verified', commits })
    expect(outcome.reason).toContain('git data was read')
    expect(await run.proofs()).toEqual({ access: outcome })
  })

  test.each([
    ['access', 'failed'],
    ['argocd', 'skipped']
  ] as const)('%s is not tried while a hop it rests on is not in order: it has %s', async (name, word) => {
    const run = new Graph(context(), { proving: true })
    const proof = jest.fn(() => Promise.resolve({ commits }))
    const rest = run.resource(hopOn(cell('a')), wanting('b'))
    expect(await verified(run, name, proof, [rest])).toMatchObject({
      verification: word,
      reason: 'not tried: identity is drifted'
    })
    expect(await verified(run, name, () => Promise.reject(new NotGiven('connection')), [])).toMatchObject({
      verification: word,
      reason: 'not tried: connection is not there'
    })
    expect(proof).not.toHaveBeenCalled()
  })

  test.each([undefined, 'a'])('is tried on what was just written, where there was %s', async (before) => {
    const observed = new Graph(context())
    await observed.resource(hopOn(cell(before)), wanting('b')).output.catch(() => undefined)
    const run = new Graph(context(), { proving: true, observed })
    const rest = run.resource(hopOn(cell(before)), wanting('b'))
    const outcome = await verified(run, 'argocd', () => Promise.resolve({ commits }), [rest])
    expect(outcome).toMatchObject({ verification: 'verified', commits })
    expect(outcome.reason).toContain('Argo CD itself')
  })

  test('that is not needed says why', async () => {
    const run = new Graph(context(), { proving: true })
    const unneeded = new NotNeeded('nothing has changed')
    expect(await verified(run, 'argocd', () => Promise.resolve(unneeded), [])).toMatchObject({
      verification: 'skipped',
      reason: 'nothing has changed',
      commits: {}
    })
  })

  test.each([
    ['failed', Problem],
    ['inconclusive', Pending]
  ] as const)('that has %s says why', async (verification, Kind) => {
    const run = new Graph(context(), { proving: true })
    const problem = { what: 'no refs', remedy: 'push' }
    expect(await verified(run, 'access', () => Promise.reject(new Kind(problem)), [])).toMatchObject({
      verification,
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
    observe: () => {
      held.reads += 1
      return Promise.resolve(held.value)
    },
    open: (seen: string | undefined) => (seen === 'b' ? undefined : { what: 'still open', remedy: 'wait' })
  })

  const writing = (held: Cell, write: () => Promise<void>): Promise<string | undefined> =>
    written('a', steps(held, write), patience())

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
      await written(
        'a',
        steps(held, write),
        patience((text) => said.push(text))
      )
    ).toBe('b')
    expect(held.writes).toBe(10)
    // At the floor: the Retry-After of the answer is below it.
    expect(said).toHaveLength(9)
    expect(said[1]).toMatch(/^Still the same\. Trying again in 0\.2 s/)
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
      observe: () => {
        held.reads += 1
        return Promise.resolve(held.reads < 3 ? 'a' : 'b')
      }
    }
    expect(await written('a', late, patience())).toBe('b')
    expect(held).toMatchObject({ writes: 1, reads: 3 })
  })

  test('a write that is not seen at the third look had no effect', async () => {
    const held = cell('a')
    await expect(writing(held, () => Promise.resolve())).rejects.toThrow('still open')
    expect(held).toMatchObject({ writes: 1, reads: 3 })
  })
})

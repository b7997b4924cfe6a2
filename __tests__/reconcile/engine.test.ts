/** The engine alone: hops that are nothing but a value, in a service that is nothing but a variable. */
import { describe, expect, jest, test } from '@jest/globals'
import type { Planes } from '../../src/clients/planes.ts'
import type { RunPatience } from '../../src/clients/retries.ts'
import { HttpProblem } from '../../src/clients/wire-problems.ts'
import { Problem } from '../../src/diagnosis/problem.ts'
import type { Hop } from '../../src/reconcile/hop.ts'
import { identityServesOthers, readElsewhere } from '../../src/reconcile/others.ts'
import type { Change, HopName, HopOutcome } from '../../src/reconcile/outcomes.ts'
import { carriedOut, dueOf, planOf } from '../../src/reconcile/removal.ts'
import { NotGiven, Run, type RunContext } from '../../src/reconcile/run.ts'
import { written } from '../../src/reconcile/written.ts'

const planes = {} as Planes
function patience(say: (text: string) => void = () => undefined): RunPatience {
  return { deadline: Date.now() + 60_000, budget: 60_000, say, signal: new AbortController().signal }
}
function context(done: (hop: HopOutcome) => void = () => undefined): RunContext {
  return { planes, patience: patience(), started: Date.now(), done }
}
const answer = (status: number, more: { propagating?: boolean } = {}): HttpProblem =>
  new HttpProblem({ plane: 'ARM', request: 'PUT /x', status, detail: 'text', retryAfter: 1, ...more })

/** What a service holds. */
interface Cell {
  value: string | undefined
  reads: number
  writes: number
}
const cell = (value?: string): Cell => ({ value, reads: 0, writes: 0 })

type ValueHop = Hop<string, string | undefined, string>
function hopOn(held: Cell, name: HopName = 'identity', more: Partial<ValueHop> = {}): ValueHop {
  return {
    name,
    observe: () => {
      held.reads += 1
      return Promise.resolve(held.value)
    },
    exists: (seen) => seen !== undefined,
    compare: (want, seen): Change[] =>
      want === seen ? [] : [{ field: 'value', expected: want, found: seen }],
    given: (_want, seen) => seen,
    facts: (given) => ({ clientId: given }),
    summary: (given) => `value ${given}`,
    apply: (want) => {
      held.writes += 1
      held.value = want
      return Promise.resolve()
    },
    ...more
  }
}
const wanting = (value: string) => (): Promise<string> => Promise.resolve(value)

/** The two passes of an apply over one hop. */
async function applied(
  hop: ValueHop,
  want = 'b'
): Promise<{ first: HopOutcome; second: HopOutcome; run: Run }> {
  const observed = new Run(context())
  await observed.hop(hop, wanting(want)).catch(() => undefined)
  const run = new Run(context(), { proving: true, observed })
  await run.hop(hop, wanting(want)).catch(() => undefined)
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
    const observed = new Run(context())
    await observed.hop(hopOn(held), wanting('b'))
    await new Run(context(), { proving: true, observed }).hop(hopOn(held), wanting('c'))
    expect(held).toMatchObject({ value: 'c', reads: 3, writes: 1 })
  })

  test('that cannot be read has failed, with the reason; what needs it is unknown, or skipped', async () => {
    const hop = hopOn(cell(), 'cluster', { observe: () => Promise.reject(answer(403)) })
    const observed = new Run(context())
    const above = observed.hop(hop, wanting('b'))
    const below = observed.hop(hopOn(cell('b')), async () => {
      await above
      return 'b'
    })
    await expect(below).rejects.toBeInstanceOf(NotGiven)
    expect(observed.hops.map(({ result }) => result)).toEqual(['failed', 'unknown'])
    expect(observed.hops[0]?.problem?.what).toBe('ARM answered 403 to PUT /x: text')
    expect(observed.hops[1]?.problem).toEqual({ what: 'depends on cluster', remedy: 'see cluster' })
    const run = new Run(context(), { proving: true, observed })
    await run.hop(hopOn(cell('b')), () => Promise.reject(new NotGiven('cluster'))).catch(() => undefined)
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
      found: 'a'
    })
  })

  test('is told as it ends, with its time', async () => {
    const done = jest.fn<(hop: HopOutcome) => void>()
    const run = new Run(context(done))
    await run.hop(hopOn(cell('b')), wanting('b'))
    expect(done).toHaveBeenCalledTimes(1)
    const [outcome] = run.hops
    expect(outcome).toMatchObject({ hop: 'identity', result: 'unchanged' })
    expect(outcome?.end).toBeGreaterThanOrEqual(outcome?.start ?? Infinity)
  })
})

describe('nothing is written on what does not stand', () => {
  const attempt = async (after: Promise<unknown>): Promise<{ word: string | undefined; writes: number }> => {
    const held = cell('a')
    const observed = new Run(context())
    await observed.hop(hopOn(held), wanting('b'))
    const run = new Run(context(), { proving: true, observed })
    await run.hop(hopOn(held), wanting('b'), [undefined, after]).catch(() => undefined)
    return { word: run.hops[0]?.result, writes: held.writes }
  }

  test('not after a hop that is not there', async () => {
    const after = Promise.reject(new NotGiven('cluster'))
    expect(await attempt(after)).toEqual({ word: 'skipped', writes: 0 })
  })

  test('not after a proof that failed', async () => {
    expect(await attempt(Promise.resolve({ verification: 'failed' }))).toEqual({ word: 'skipped', writes: 0 })
  })

  test.each([{ verification: 'verified' }, { verification: 'skipped' }, undefined])(
    'but after %j',
    async (value) => {
      expect(await attempt(Promise.resolve(value))).toEqual({ word: 'updated', writes: 1 })
    }
  )
})

describe('the proof', () => {
  const commits = { url: 'c0ffee' }

  test('is skipped in a pass that does not prove', async () => {
    const run = new Run(context())
    expect(await run.prove('access', () => Promise.resolve(commits), [])).toMatchObject({
      verification: 'skipped',
      reason: 'nothing was written that could be proved',
      commits: {}
    })
  })

  test('is verified by what it read', async () => {
    const run = new Run(context(), { proving: true })
    const rest = run.hop(hopOn(cell('b')), wanting('b'))
    const outcome = await run.prove('access', () => Promise.resolve(commits), [rest])
    expect(outcome).toMatchObject({ verification: 'verified', commits })
    expect(outcome.reason).toContain('git data was read')
    expect(await run.proofs()).toEqual({ access: outcome })
  })

  test('is not tried while a hop it rests on is not in order', async () => {
    const run = new Run(context(), { proving: true })
    const proof = jest.fn(() => Promise.resolve(commits))
    const rest = run.hop(hopOn(cell('a')), wanting('b'))
    expect(await run.prove('access', proof, [rest])).toMatchObject({
      verification: 'failed',
      reason: 'not tried: identity is drifted'
    })
    expect(proof).not.toHaveBeenCalled()
  })

  test('that fails says why', async () => {
    const run = new Run(context(), { proving: true })
    const problem = { what: 'no refs', remedy: 'push' }
    expect(await run.prove('access', () => Promise.reject(new Problem(problem)), [])).toMatchObject({
      verification: 'failed',
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
    expect(await writing(held, write)).toBe('b')
    expect(held.writes).toBe(10)
  })

  test('what is hopeless is thrown at once', async () => {
    const held = cell('a')
    const refused = answer(400)
    await expect(writing(held, () => Promise.reject(refused))).rejects.toBe(refused)
    expect(held).toMatchObject({ writes: 1, reads: 0 })
  })

  test('a replica that still tells what was before is looked at again, not written again', async () => {
    const held = cell('a')
    const write = (): Promise<void> => {
      setTimeout(() => (held.value = 'b'), 30)
      return Promise.resolve()
    }
    expect(await writing(held, write)).toBe('b')
    expect(held.writes).toBe(1)
  })
})

describe('the way back', () => {
  /** Removable things, in the order in which they are read; `remove` takes them out of `there`. */
  function world(names: readonly HopName[], more: Partial<Record<HopName, Partial<ValueHop>>> = {}) {
    const there = new Set<string>(names)
    const order: string[] = []
    const run = new Run(context())
    const read = names.map((name) =>
      run.hop(
        hopOn(cell('b'), name, {
          observe: () => Promise.resolve(there.has(name) ? 'b' : undefined),
          belonging: (_want, seen) => (seen === undefined ? undefined : { what: `the ${name}` }),
          remove: () => {
            there.delete(name)
            order.push(name)
            return Promise.resolve()
          },
          ...more[name]
        }),
        wanting('b')
      )
    )
    return { there, order, run, ready: Promise.allSettled(read) }
  }
  const ALL: readonly HopName[] = [
    'identity',
    'federated-credential',
    'entitlement',
    'permission',
    'workload',
    'connection'
  ]
  interface Turn {
    readonly dryRun: boolean
    readonly withIdentity: boolean
    readonly say: (text: string) => void
  }
  const going = (say: (text: string) => void = () => undefined) => ({
    patience: patience(say),
    started: Date.now(),
    done: () => undefined
  })

  const carried = async (run: Run, more: Partial<Turn> = {}): Promise<HopOutcome[]> => {
    const { dryRun = false, withIdentity = true, say } = more
    const done: HopOutcome[] = []
    await carriedOut({ ...planOf(run.removables), withIdentity }, dryRun, going(say), done)
    return done
  }

  test('takes the last first, and says each before it does', async () => {
    const { there, order, run, ready } = world(ALL)
    await ready
    const said: string[] = []
    const plan = planOf(run.removables)
    expect(dueOf(plan)).toEqual(ALL.toReversed())
    const outcomes = await carried(run, { say: (text) => said.push(`${text} ${order.length}`) })
    expect(outcomes.map(({ hop, result }) => [hop, result])).toEqual(
      ALL.toReversed().map((hop) => [hop, 'removed'])
    )
    expect(order).toEqual(ALL.toReversed())
    expect(said[0]).toBe('Removing the connection. 0')
    expect(said[5]).toBe('Removing the identity. 5')
    expect(outcomes[0]?.changes).toEqual([{ field: 'the connection', expected: 'nothing', found: 'there' }])
    expect(there.size).toBe(0)
  })

  test('leaves the identity, and says nothing of it, until it is its turn', async () => {
    const { order, run, ready } = world(['identity', 'connection'])
    await ready
    expect(await carried(run, { withIdentity: false })).toMatchObject([{ hop: 'connection' }])
    expect(order).toEqual(['connection'])
  })

  test('only tells in a dry run', async () => {
    const { order, run, ready } = world(ALL)
    await ready
    const outcomes = await carried(run, { dryRun: true })
    expect(
      outcomes.every(({ result, summary }) => result === 'drifted' && summary === 'would be removed')
    ).toBe(true)
    expect(order).toEqual([])
  })

  test('leaves what has to stay, with the reason, and goes on', async () => {
    const { order, run, ready } = world(['identity', 'connection'], {
      connection: { belonging: () => ({ what: 'the Secret', keep: 'somebody else made it' }) }
    })
    await ready
    const plan = planOf(run.removables)
    expect(dueOf(plan)).toEqual(['identity'])
    const [first, second] = await carried(run)
    expect(first).toMatchObject({ result: 'skipped', summary: 'left: the Secret: somebody else made it' })
    expect(second?.result).toBe('removed')
    expect(order).toEqual(['identity'])
  })

  test('stops after a failure, so that the rest is found by the next run', async () => {
    const { order, run, ready } = world(ALL, { workload: { remove: () => Promise.reject(answer(403)) } })
    await ready
    const outcomes = await carried(run)
    expect(outcomes.map(({ result }) => result)).toEqual([
      'removed',
      'failed',
      'skipped',
      'skipped',
      'skipped',
      'skipped'
    ])
    expect(outcomes[2]?.summary).toBe('left: the permission: workload is not removed yet')
    expect(outcomes[1]?.problem?.what).toContain('403')
    expect(order).toEqual(['connection'])
  })

  test('after a failure, what has to stay anyway keeps its own reason', async () => {
    const { run, ready } = world(['identity', 'entitlement', 'workload'], {
      workload: { remove: () => Promise.reject(answer(403)) },
      entitlement: { belonging: () => ({ what: 'the licence', keep: 'other projects need it' }) }
    })
    await ready
    const [, licence, identity] = await carried(run, { withIdentity: false })
    expect(licence?.summary).toBe('left: the licence: other projects need it')
    expect(identity?.summary).toBe('left: the identity: workload is not removed yet')
  })

  test('says so when a thing is there again', async () => {
    const { run, ready } = world(['identity'], { identity: { remove: () => Promise.resolve() } })
    await ready
    const [outcome] = await carried(run)
    expect(outcome?.problem?.what).toBe('the identity is still there after it was removed.')
  })

  test('knows who else rests on the chain; not to know is no reason to think nobody does', async () => {
    const { run, ready } = world(['connection', 'federated-credential', 'entitlement'], {
      connection: { others: () => ({ repositories: ['https://other'] }) },
      'federated-credential': { others: () => ({ credentials: ['another'] }) },
      entitlement: { others: () => ({ projects: ['p'], unmarked: true }) }
    })
    await ready
    expect(planOf(run.removables).others).toEqual({
      repositories: ['https://other'],
      credentials: ['another'],
      projects: ['p'],
      unmarked: true
    })
    expect(planOf(new Map()).others).toEqual({
      repositories: ['(they could not be read)'],
      credentials: ['(they could not be read)'],
      projects: [],
      unmarked: false
    })
  })

  test('gives the reason why what the identity has must stay', () => {
    const nobody = { repositories: [], credentials: [], projects: [], unmarked: false }
    expect(identityServesOthers(nobody)).toBeUndefined()
    expect(identityServesOthers({ ...nobody, unmarked: true })).toContain('no tag managed-by: patless')
    expect(identityServesOthers({ ...nobody, credentials: ['a', 'b'] })).toBe(
      'the identity has other federated credentials: a, b'
    )
    expect(identityServesOthers({ ...nobody, repositories: ['u', 'v'] })).toBe(readElsewhere(['u', 'v']))
    expect(readElsewhere(['u', 'v'])).toBe('Argo CD reads other repositories with it: u, v')
  })
})

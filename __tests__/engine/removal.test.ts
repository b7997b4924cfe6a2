/** The way back alone, over things that are nothing but a name. */
import { describe, expect, test } from '@jest/globals'
import { identityServesOthers, readElsewhere } from '../../src/engine/dependents.ts'
import type { HopName, HopOutcome } from '../../src/engine/outcome.ts'
import { carriedOut, dueOf, planOf } from '../../src/engine/delete.ts'
import { removed } from '../../src/commands/remove.ts'
import { Graph } from '../../src/engine/graph.ts'
import { waits } from './jumping-clock.ts'
import { answer, cell, context, hopOn, patience, wanting, type ValueHop } from './hops.ts'

describe('the way back', () => {
  /** Removable things, in the order in which they are read; `remove` takes them out of `there`. */
  function world(names: readonly HopName[], more: Partial<Record<HopName, Partial<ValueHop>>> = {}) {
    const there = new Set<string>(names)
    const order: string[] = []
    const run = new Graph(context())
    const read = names.map(
      (name) =>
        run.resource(
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
        ).output
    )
    return { there, order, run, ready: Promise.allSettled(read) }
  }
  const ALL: readonly HopName[] = [
    'identity',
    'federated-credential',
    'entitlement',
    'permission',
    'workload',
    'connection',
    'application'
  ]
  interface Turn {
    readonly dryRun: boolean
    readonly withIdentity: boolean
    readonly say: (text: string) => void
  }
  const going = (say: (text: string) => void = () => undefined) => ({
    ...context(),
    patience: patience(say)
  })

  const carried = async (run: Graph<unknown>, more: Partial<Turn> = {}): Promise<HopOutcome[]> => {
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
    expect(said[0]).toBe('Removing the application. 0')
    expect(said[6]).toBe('Removing the identity. 6')
    expect(outcomes[0]).toMatchObject({
      changes: [{ field: 'the application', expected: 'nothing', found: 'there' }],
      notes: []
    })
    for (const { start, end } of outcomes) {
      expect(start).toBeLessThan(60_000)
      expect(end).toBeLessThan(60_000)
    }
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

  test('leaves what has to stay, with the reason, and goes on with what it does not use', async () => {
    const { order, run, ready } = world(['identity', 'connection'], {
      connection: {
        belonging: () => ({ what: 'the Secret', keep: 'somebody else made it', detached: true })
      }
    })
    await ready
    const plan = planOf(run.removables)
    expect(dueOf(plan)).toEqual(['identity'])
    const [first, second] = await carried(run)
    expect(first).toMatchObject({ result: 'skipped', summary: 'left: the Secret: somebody else made it' })
    expect(second?.result).toBe('removed')
    expect(order).toEqual(['identity'])
  })

  const kept = { belonging: () => ({ what: 'a thing', keep: 'somebody else made it' }) }
  const STAYS: readonly (readonly [name: HopName, stays: readonly HopName[]])[] = [
    ['application', ALL],
    ['connection', ALL.filter((name) => name !== 'application')],
    ['workload', ['identity', 'federated-credential', 'entitlement', 'permission', 'workload']],
    ['permission', ['identity', 'entitlement', 'permission']],
    ['entitlement', ['identity', 'entitlement']],
    ['federated-credential', ['identity', 'federated-credential']],
    ['identity', ['identity']]
  ]
  test.each(STAYS)('what %s rests on stays with it, and says why', async (name, stays) => {
    const { there, run, ready } = world(ALL, { [name]: kept })
    await ready
    expect(dueOf(planOf(run.removables))).toEqual(ALL.filter((one) => !stays.includes(one)).toReversed())
    const outcomes = await carried(run)
    expect([...there]).toEqual(ALL.filter((one) => stays.includes(one)))
    for (const { hop, summary } of outcomes.filter(({ result }) => result === 'skipped')) {
      expect(summary).toBe(
        hop === name
          ? 'left: a thing: somebody else made it'
          : `left: the ${hop}: the ${name} needs it, and stays (a thing: somebody else made it)`
      )
    }
  })

  test('what a part of a thing rests on stays, though the rest of it goes', async () => {
    const left = { what: 'our Secret', left: 'their Secret: not ours' }
    const { there, run, ready } = world(['identity', 'workload', 'connection'], {
      connection: { belonging: (_want, seen) => (seen === undefined ? undefined : left) }
    })
    await ready
    expect((await carried(run, { dryRun: true }))[0]?.summary).toBe(
      'would be removed; left: their Secret: not ours'
    )
    const [first, second] = await carried(run)
    expect(first).toMatchObject({ result: 'removed', summary: 'removed; left: their Secret: not ours' })
    expect(second?.summary).toContain('the connection needs it, and stays (their Secret: not ours)')
    expect([...there]).toEqual(['identity', 'workload'])
  })

  test('also through what is not there: a wide template may stand for the Secret', async () => {
    const { there, run, ready } = world(['identity', 'workload', 'application'], { application: kept })
    await ready
    await carried(run)
    expect(there.size).toBe(3)
  })

  test("after a lost race, what is somebody else's by now is not taken", async () => {
    let looks = 0
    const tries: string[] = []
    const { run, ready } = world(['connection'], {
      connection: {
        observe: () => Promise.resolve((looks += 1) === 1 ? 'ours' : 'theirs'),
        belonging: (_want, seen) =>
          seen === 'theirs' ? { what: 'a Secret', keep: 'not ours' } : { what: 'a Secret' },
        remove: (_want, seen) => {
          tries.push(String(seen))
          return Promise.reject(answer(409))
        }
      }
    })
    await ready
    await carried(run)
    expect(tries).toEqual(['ours'])
  })

  test('stops after a failure, so that the rest is found by the next run', async () => {
    const { order, run, ready } = world(ALL, { workload: { remove: () => Promise.reject(answer(403)) } })
    await ready
    const outcomes = await carried(run)
    expect(outcomes.map(({ result }) => result)).toEqual([
      'removed',
      'removed',
      'failed',
      'skipped',
      'skipped',
      'skipped',
      'skipped'
    ])
    expect(outcomes[3]).toMatchObject({
      summary: 'left: the permission: workload is not removed yet',
      changes: []
    })
    expect(outcomes[2]?.problem?.what).toContain('403')
    expect(order).toEqual(['application', 'connection'])
  })

  test('after a failure, what has to stay anyway keeps its own reason', async () => {
    const { run, ready } = world(['identity', 'entitlement', 'workload'], {
      workload: { remove: () => Promise.reject(answer(403)) },
      entitlement: {
        belonging: () => ({ what: 'the licence', keep: 'other projects need it', detached: true })
      }
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
    expect(outcome?.problem).toMatchObject({
      what: 'the identity is still there after it was removed.',
      remedy: 'see whether another tool (an operator, GitOps, a policy) writes it back, then run again'
    })
  })

  test('what is left because it has to stay is not "still there"', async () => {
    const { order, run, ready } = world(['connection'], {
      connection: {
        belonging: (_want, seen) =>
          seen === undefined
            ? { what: 'the Secret of others', keep: 'not made by Patless' }
            : { what: 'our Secret' }
      }
    })
    await ready
    expect(await carried(run)).toMatchObject([{ hop: 'connection', result: 'removed' }])
    expect(order).toEqual(['connection'])
  })

  test.each([
    ['cannot be removed', { belonging: () => ({ what: 'a thing' }) }],
    ['says of nothing that it is its own', { remove: () => Promise.resolve() }]
  ])('never touches a hop that %s', async (_case, more: Partial<ValueHop>) => {
    const run = new Graph(context())
    await run.resource(hopOn(cell('b'), 'entitlement', more), wanting('b')).output
    expect(run.removables.size).toBe(0)
  })

  test('asks anew whether a thing is gone', async () => {
    const asked: boolean[] = []
    const observe = (_want: string, _planes: unknown, fresh: boolean): Promise<string | undefined> => {
      asked.push(fresh)
      return Promise.resolve(asked.length === 1 ? 'b' : undefined)
    }
    const { run, ready } = world(['identity'], { identity: { observe } })
    await ready
    expect(await carried(run)).toMatchObject([{ result: 'removed' }])
    expect(asked).toEqual([false, true])
  })

  test('knows who else rests on the chain; not to know is no reason to think nobody does', async () => {
    const { run, ready } = world(['connection', 'federated-credential', 'entitlement'], {
      connection: { others: () => ({ repositories: ['https://other'] }) },
      'federated-credential': { others: () => ({ credentials: ['another'] }) },
      entitlement: { others: () => ({ projects: ['p'], identity: 'ours' }) }
    })
    await ready
    expect(planOf(run.removables).others).toEqual({
      repositories: ['https://other'],
      credentials: ['another'],
      projects: ['p'],
      identity: 'ours'
    })
    const alone = world(['connection', 'federated-credential'])
    await alone.ready
    expect(planOf(alone.run.removables).others).toMatchObject({ repositories: [], credentials: [] })
    expect(planOf(new Map()).others).toEqual({
      repositories: ['(they could not be read)'],
      credentials: ['(they could not be read)'],
      projects: [],
      identity: 'foreign'
    })
  })

  test('gives the reason why what the identity has must stay', () => {
    const nobody = { repositories: [], credentials: [], projects: [], identity: 'ours' } as const
    expect(identityServesOthers(nobody)).toBeUndefined()
    for (const identity of ['foreign', 'absent'] as const)
      expect(identityServesOthers({ ...nobody, identity })).toContain('no tag managed-by: patless')
    expect(identityServesOthers({ ...nobody, credentials: ['a', 'b'] })).toBe(
      'the identity has other federated credentials: a, b'
    )
    expect(identityServesOthers({ ...nobody, repositories: ['u', 'v'] })).toBe(readElsewhere(['u', 'v']))
    expect(readElsewhere(['u', 'v'])).toBe('Argo CD reads other repositories with it: u, v')
  })
})

describe('mode: remove looks and takes away until nothing is left', () => {
  /** What a look finds of each hop: there, gone, unreadable, or there for good. */
  type Sight = 'there' | 'gone' | 'unread' | 'kept'
  type Sights = Partial<Record<HopName, readonly Sight[]>>

  /** One sight per look, the last one for good; a thing that was removed is gone from then on. */
  async function removing(
    sights: Sights,
    more: { dryRun?: boolean; lacking?: readonly HopName[]; stuck?: HopName; abort?: boolean } = {}
  ) {
    const taken: HopName[] = []
    const told: string[] = []
    const asked: HopName[][] = []
    const aborter = new AbortController()
    let looks = 0
    const done = ({ hop, result }: HopOutcome): void => void told.push(`${hop} ${result}`)
    const going = { ...context(done), patience: { ...patience(), signal: aborter.signal } }
    const observed = async (of: typeof going): Promise<Graph<unknown>> => {
      const at = looks
      looks += 1
      const run = new Graph(of, { fresh: at > 0 })
      const seen = (name: HopName): Sight => {
        const all = sights[name] ?? []
        const sight = all[Math.min(at, all.length - 1)] ?? 'gone'
        return sight === 'there' && taken.includes(name) ? 'gone' : sight
      }
      const names = Object.keys(sights) as HopName[]
      await Promise.allSettled(
        ['cluster' as const, ...names].map(
          (name) =>
            run.resource(
              hopOn(cell(), name, {
                observe: () => {
                  const sight = name === 'cluster' ? 'there' : seen(name)
                  return sight === 'unread'
                    ? Promise.reject(answer(403))
                    : Promise.resolve(sight === 'gone' || taken.includes(name) ? undefined : sight)
                },
                ...(name === 'cluster'
                  ? {}
                  : {
                      belonging: (_want, sight) =>
                        sight === undefined
                          ? undefined
                          : {
                              what: `the ${name}`,
                              ...(sight === 'kept' && { keep: 'others need it', detached: true })
                            },
                      remove: () => {
                        if (more.stuck === name) return Promise.reject(answer(403))
                        if (more.abort === true) aborter.abort()
                        taken.push(name)
                        return Promise.resolve()
                      }
                    })
              }),
              wanting('there')
            ).output
        )
      )
      return run
    }
    const first = await observed(going)
    told.length = 0
    const outcome = await removed(first, {
      dryRun: more.dryRun ?? false,
      context: going,
      phase: (work) => work(),
      look: () => observed({ ...going, done: () => undefined }),
      lacking: (due) => {
        asked.push([...due])
        return Promise.resolve(
          due
            .filter((hop) => more.lacking?.includes(hop))
            .map((hop) => ({ what: `no right to remove ${hop}`, remedy: 'grant it' }))
        )
      }
    })
    const words = Object.fromEntries(
      outcome.hops.map(({ hop, result, summary }) => [hop, `${result}: ${summary ?? ''}`])
    )
    return { outcome, words, taken, told, asked, looks }
  }

  test('what is there goes at the first look; the identity once all else is gone', async () => {
    const { outcome, taken, words, told, asked, looks } = await removing({
      identity: ['there'],
      entitlement: ['there'],
      connection: ['there']
    })
    expect(taken).toEqual(['connection', 'entitlement', 'identity'])
    expect(outcome).toMatchObject({ mode: 'remove', changed: true, drift: false, problems: [] })
    expect(words).toEqual({
      cluster: 'unchanged: left as it is, others may rest on it: value there',
      connection: 'removed: ',
      entitlement: 'removed: ',
      identity: 'removed: '
    })
    expect(told).toEqual(['connection removed', 'entitlement removed', 'identity removed'])
    expect(asked).toEqual([['connection', 'entitlement', 'identity'], []])
    expect(looks).toBe(2)
  })

  test('what looks absent is looked for four times, ever later, before the identity goes', async () => {
    const late = await removing({ identity: ['there'], entitlement: ['gone', 'gone', 'there'] })
    expect(late.taken).toEqual(['entitlement', 'identity'])
    waits.length = 0
    const never = await removing({ identity: ['there'], entitlement: ['gone'] })
    expect(waits).toEqual([200, 400, 800])
    expect(never.taken).toEqual(['identity'])
    expect(never.looks).toBe(4)
    expect(never.words['entitlement']).toBe('unchanged: nothing to remove')
  })

  test('nothing is touched when the first look could not read all', async () => {
    const { taken, words, told, outcome, looks } = await removing({
      identity: ['there'],
      entitlement: ['unread'],
      connection: ['there']
    })
    expect([taken, looks]).toEqual([[], 1])
    expect(outcome.problems).toEqual([])
    expect(words).toMatchObject({
      identity: 'skipped: left: the identity: entitlement could not be read',
      connection: 'skipped: left: the connection: entitlement could not be read',
      entitlement: 'failed: '
    })
    expect(told).toEqual(['identity skipped', 'connection skipped'])
  })

  test('a later look that fails is made again, up to the fourth', async () => {
    const once = await removing({ identity: ['there'], entitlement: ['there', 'unread', 'gone'] })
    expect(once.taken).toEqual(['entitlement', 'identity'])
    const always = await removing({ identity: ['there'], entitlement: ['there', 'unread'] })
    expect(always.taken).toEqual(['entitlement'])
    expect(always.looks).toBe(4)
    // Its own word is final: what failed then belongs to no hop any more.
    expect(always.outcome.problems).toMatchObject([{ what: 'ARM answered 403 to PUT /x: text' }])
    expect(always.words).toMatchObject({
      entitlement: 'removed: ',
      identity: 'skipped: left: the identity: entitlement could not be read'
    })
    const other = await removing({ identity: ['there', 'unread'], entitlement: ['there'] })
    expect(other.outcome.problems).toEqual([])
    expect(other.told).toEqual(['entitlement removed', 'identity failed'])
  })

  test('a right that is missing is named before anything goes; the rest says why it stays', async () => {
    const { taken, words, outcome } = await removing(
      { identity: ['there'], connection: ['there'] },
      { lacking: ['identity'] }
    )
    expect(taken).toEqual([])
    expect(outcome.problems).toEqual([{ what: 'no right to remove identity', remedy: 'grant it' }])
    expect(words).toMatchObject({
      identity: 'skipped: left: the identity: a right is missing',
      connection: 'skipped: left: the connection: a right is missing'
    })
  })

  test('a right is asked for once', async () => {
    const { asked } = await removing({ identity: ['there'], entitlement: ['gone', 'there'] })
    expect(asked).toEqual([['identity'], ['entitlement'], []])
  })

  test('it ends after a failure: the next run finds the rest', async () => {
    const { taken, words, looks } = await removing(
      { identity: ['there'], entitlement: ['there'], connection: ['there'] },
      { stuck: 'entitlement' }
    )
    expect([taken, looks]).toEqual([['connection'], 1])
    expect(words).toMatchObject({
      connection: 'removed: ',
      entitlement: 'failed: ',
      identity: 'skipped: left: the identity: entitlement is not removed yet'
    })
  })

  test('what has to stay has its reason, and the identity its turn', async () => {
    const { taken, words, looks } = await removing({ identity: ['there'], connection: ['kept'] })
    expect(words['connection']).toBe('skipped: left: the connection: others need it')
    expect([taken, looks]).toEqual([['identity'], 2])
  })

  test('a dry run looks once, asks for no right and takes nothing', async () => {
    const { taken, words, outcome, asked, looks } = await removing(
      { identity: ['there'], entitlement: ['gone'], connection: ['there'] },
      { dryRun: true }
    )
    expect([taken, asked, looks]).toEqual([[], [[]], 1])
    expect(outcome).toMatchObject({ mode: 'dry-run', changed: false })
    expect(words).toMatchObject({
      identity: 'drifted: would be removed',
      connection: 'drifted: would be removed',
      entitlement: 'unchanged: nothing to remove'
    })
  })

  test('a run that is stopped tells what was done, at once', async () => {
    const { looks, words } = await removing(
      { identity: ['there'], entitlement: ['there', 'unread'], connection: ['there'] },
      { abort: true }
    )
    expect(looks).toBe(2)
    expect(words).toMatchObject({ connection: 'removed: ', entitlement: 'removed: ' })
    expect(words['identity']).toBe('skipped: left: the identity: entitlement could not be read')
  })
})

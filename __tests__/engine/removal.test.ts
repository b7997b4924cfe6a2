/** The way back alone, over things that are nothing but a name. */
import { describe, expect, test } from '@jest/globals'
import {
  dependentsOf,
  identityServesOthers,
  readElsewhere,
  type Dependents
} from '../../src/chain/dependents.ts'
import type { ResourceKind } from '../../src/core/finding-titles.ts'
import type { Node } from '../../src/engine/node.ts'
import type { ResourceOutcome } from '../../src/engine/outcome.ts'
import type { ReadOptions } from '../../src/engine/resource.ts'
import { deleteByPlan, dueOf, planOf } from '../../src/engine/delete.ts'
import { nameOf } from '../../src/engine/outcome.ts'
import { removeChain } from '../../src/commands/remove.ts'
import { Graph } from '../../src/engine/graph.ts'
import { waits } from './jumping-clock.ts'
import {
  answer,
  BY_HAND,
  cell,
  context,
  policy,
  specOf,
  valueOf,
  type ValueGraph,
  type ValueParts
} from './values.ts'

/** As the chain has it (chain/graph.ts). */
const USES: Readonly<Partial<Record<ResourceKind, readonly ResourceKind[]>>> = {
  'federated-credential': ['identity'],
  entitlement: ['identity'],
  permission: ['entitlement', 'identity'],
  workload: ['federated-credential', 'identity', 'entitlement', 'permission'],
  connection: ['workload'],
  application: ['connection']
}

describe('the way back', () => {
  /** Removable things, in the order in which they are read; `remove` takes them out of `there`. */
  function world(names: readonly ResourceKind[], more: Partial<Record<ResourceKind, ValueParts>> = {}) {
    const there = new Set<string>(names)
    const order: string[] = []
    const run = new Graph<unknown, Dependents>(context())
    const nodes = new Map<ResourceKind, Node<string>>()
    for (const name of names) {
      const uses = (USES[name] ?? []).flatMap((one) => nodes.get(one) ?? [])
      nodes.set(
        name,
        run.resource(
          valueOf(cell('b'), name, {
            read: () => Promise.resolve(there.has(name) ? 'b' : undefined),
            planDelete: (_want, seen) => (seen === undefined ? undefined : { what: `the ${name}` }),
            delete: () => {
              there.delete(name)
              order.push(name)
              return Promise.resolve()
            },
            ...more[name]
          }),
          specOf('b'),
          { uses }
        )
      )
    }
    return { there, order, run, ready: run.settled() }
  }
  const ALL: readonly ResourceKind[] = [
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
    readonly later: ReadonlySet<ResourceKind>
    readonly say: (text: string) => void
  }
  const going = (say: (text: string) => void = () => undefined) => ({
    ...context(),
    policy: policy(say)
  })

  const carried = async (run: ValueGraph, more: Partial<Turn> = {}): Promise<ResourceOutcome[]> => {
    const { dryRun = false, later = new Set(), say } = more
    const done: ResourceOutcome[] = []
    await deleteByPlan({ ...planOf(run, dependentsOf(run)), later }, dryRun, going(say), done)
    return done
  }

  test('takes the last first, and says each before it does', async () => {
    const { there, order, run, ready } = world(ALL)
    await ready
    const said: string[] = []
    const plan = planOf(run, dependentsOf(run))
    expect(dueOf(plan).map(nameOf)).toEqual(ALL.toReversed())
    const outcomes = await carried(run, { say: (text) => said.push(`${text} ${order.length}`) })
    expect(outcomes.map(({ resource: hop, result }) => [hop, result])).toEqual(
      ALL.toReversed().map((hop) => [hop, 'removed'])
    )
    expect(order).toEqual(ALL.toReversed())
    expect(said[0]).toBe('Removing the application. 0')
    expect(said[6]).toBe('Removing the identity. 6')
    expect(outcomes[0]).toMatchObject({
      differences: [{ field: 'the application', expected: 'nothing', actual: 'there' }],
      findings: []
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
    expect(await carried(run, { later: new Set(['identity']) })).toMatchObject([{ resource: 'connection' }])
    expect(order).toEqual(['connection'])
  })

  test('only reports in a dry run', async () => {
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
        planDelete: () => ({ what: 'the Secret', retain: 'somebody else made it', detached: true })
      }
    })
    await ready
    const plan = planOf(run, dependentsOf(run))
    expect(dueOf(plan).map(nameOf)).toEqual(['identity'])
    const [first, second] = await carried(run)
    expect(first).toMatchObject({ result: 'skipped', summary: 'kept: the Secret: somebody else made it' })
    expect(second?.result).toBe('removed')
    expect(order).toEqual(['identity'])
  })

  const kept = { planDelete: () => ({ what: 'a thing', retain: 'somebody else made it' }) }
  const STAYS: readonly (readonly [name: ResourceKind, stays: readonly ResourceKind[]])[] = [
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
    expect(dueOf(planOf(run, dependentsOf(run))).map(nameOf)).toEqual(
      ALL.filter((one) => !stays.includes(one)).toReversed()
    )
    const outcomes = await carried(run)
    expect([...there]).toEqual(ALL.filter((one) => stays.includes(one)))
    for (const { resource: hop, summary } of outcomes.filter(({ result }) => result === 'skipped')) {
      expect(summary).toBe(
        hop === name
          ? 'kept: a thing: somebody else made it'
          : `kept: the ${hop}: the ${name} needs it and is kept (a thing: somebody else made it)`
      )
    }
  })

  test('what a part of a thing rests on stays, though the rest of it goes', async () => {
    const left = { what: 'our Secret', left: 'their Secret: not ours' }
    const { there, run, ready } = world(['identity', 'workload', 'connection'], {
      connection: { planDelete: (_want, seen) => (seen === undefined ? undefined : left) }
    })
    await ready
    expect((await carried(run, { dryRun: true }))[0]?.summary).toBe(
      'would be removed; kept: their Secret: not ours'
    )
    const [first, second] = await carried(run)
    expect(first).toMatchObject({ result: 'removed', summary: 'removed; kept: their Secret: not ours' })
    expect(second?.summary).toContain('the connection needs it and is kept (their Secret: not ours)')
    expect([...there]).toEqual(['identity', 'workload'])
  })

  test('also through what is not there: a wide template may stand for the Secret', async () => {
    const { there, run, ready } = world(['identity', 'workload', 'connection', 'application'], {
      connection: { planDelete: () => undefined },
      application: kept
    })
    await ready
    await carried(run)
    expect(there.size).toBe(4)
  })

  test("after a lost race, what is somebody else's by now is not taken", async () => {
    let looks = 0
    const tries: string[] = []
    const { run, ready } = world(['connection'], {
      connection: {
        read: () => Promise.resolve((looks += 1) === 1 ? 'ours' : 'theirs'),
        planDelete: (_want, seen) =>
          seen === 'theirs' ? { what: 'a Secret', retain: 'not ours' } : { what: 'a Secret' },
        delete: (_want, seen) => {
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
    const { order, run, ready } = world(ALL, { workload: { delete: () => Promise.reject(answer(403)) } })
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
      summary: 'kept: the permission: workload is not removed yet',
      differences: []
    })
    expect(outcomes[2]?.problem?.summary).toContain('403')
    expect(order).toEqual(['application', 'connection'])
  })

  test('after a failure, what has to stay anyway keeps its own reason', async () => {
    const { run, ready } = world(['identity', 'entitlement', 'workload'], {
      workload: { delete: () => Promise.reject(answer(403)) },
      entitlement: {
        planDelete: () => ({ what: 'the licence', retain: 'other projects need it', detached: true })
      }
    })
    await ready
    const [, licence, identity] = await carried(run, { later: new Set(['identity']) })
    expect(licence?.summary).toBe('kept: the licence: other projects need it')
    expect(identity?.summary).toBe('kept: the identity: workload is not removed yet')
  })

  test('says so when a thing is there again', async () => {
    const { run, ready } = world(['identity'], { identity: { delete: () => Promise.resolve() } })
    await ready
    const [outcome] = await carried(run)
    expect(outcome?.problem).toMatchObject({
      summary: 'the identity still exists after it was removed.',
      remedy: 'check whether another tool (an operator, GitOps, a policy) creates it again, then run again'
    })
  })

  test('what is left because it has to stay is not "still there"', async () => {
    const { order, run, ready } = world(['connection'], {
      connection: {
        planDelete: (_want, seen) =>
          seen === undefined
            ? { what: 'the Secret of others', retain: 'not made by Patless' }
            : { what: 'our Secret' }
      }
    })
    await ready
    expect(await carried(run)).toMatchObject([{ resource: 'connection', result: 'removed' }])
    expect(order).toEqual(['connection'])
  })

  test.each([
    ['cannot be removed', { planDelete: () => ({ what: 'a thing' }) }],
    ['says of nothing that it is its own', { delete: () => Promise.resolve() }]
  ])('never touches a hop that %s', async (_case, more: ValueParts) => {
    const run = new Graph<unknown, Dependents>(context())
    await run.resource(valueOf(cell('b'), 'entitlement', more), specOf('b')).output
    expect(run.deletables.size).toBe(0)
  })

  test('asks anew whether a thing is gone', async () => {
    const asked: boolean[] = []
    const observe = (
      _want: string,
      _services: unknown,
      { fresh }: ReadOptions
    ): Promise<string | undefined> => {
      asked.push(fresh)
      return Promise.resolve(asked.length === 1 ? 'b' : undefined)
    }
    const { run, ready } = world(['identity'], { identity: { read: observe } })
    await ready
    expect(await carried(run)).toMatchObject([{ result: 'removed' }])
    expect(asked).toEqual([false, true])
  })

  test('knows who else rests on the chain; not to know is no reason to think nobody does', async () => {
    const { run, ready } = world(['connection', 'federated-credential', 'entitlement'], {
      connection: { dependents: () => ({ repositories: ['https://other'] }) },
      'federated-credential': { dependents: () => ({ credentials: ['another'] }) },
      entitlement: { dependents: () => ({ projects: { contoso: ['p'] }, identity: 'ours' }) }
    })
    await ready
    expect(dependentsOf(run)).toEqual({
      repositories: ['https://other'],
      credentials: ['another'],
      projects: { contoso: ['p'] },
      identity: 'ours'
    })
    const alone = world(['connection', 'federated-credential'])
    await alone.ready
    expect(dependentsOf(alone.run)).toMatchObject({ repositories: [], credentials: [] })
    expect(dependentsOf({ deletables: new Map() })).toEqual({
      repositories: ['(they could not be read)'],
      credentials: ['(they could not be read)'],
      projects: {},
      identity: 'foreign'
    })
  })

  test('gives the reason why what the identity has must stay', () => {
    const nobody = { repositories: [], credentials: [], projects: {}, identity: 'ours' } as const
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
  type Sights = Partial<Record<ResourceKind, readonly Sight[]>>

  /** One sight per look, the last one for good; a thing that was removed is gone from then on. */
  async function removing(
    sights: Sights,
    more: { dryRun?: boolean; lacking?: readonly ResourceKind[]; stuck?: ResourceKind; abort?: boolean } = {}
  ) {
    const taken: ResourceKind[] = []
    const told: string[] = []
    const asked: string[][] = []
    const aborter = new AbortController()
    let looks = 0
    const done = ({ resource: hop, result }: ResourceOutcome): void => void told.push(`${hop} ${result}`)
    const going = { ...context(done), policy: { ...policy(), signal: aborter.signal } }
    const observed = async (of: typeof going): Promise<ValueGraph> => {
      const at = looks
      looks += 1
      const run = new Graph<unknown, Dependents>(of, { fresh: at > 0 })
      const seen = (name: ResourceKind): Sight => {
        const all = sights[name] ?? []
        const sight = all[Math.min(at, all.length - 1)] ?? 'gone'
        return sight === 'there' && taken.includes(name) ? 'gone' : sight
      }
      const names = Object.keys(sights) as ResourceKind[]
      await Promise.allSettled(
        ['cluster' as const, ...names].map(
          (name) =>
            run.resource(
              valueOf(cell(), name, {
                read: () => {
                  const sight = name === 'cluster' ? 'there' : seen(name)
                  return sight === 'unread'
                    ? Promise.reject(answer(403))
                    : Promise.resolve(sight === 'gone' || taken.includes(name) ? undefined : sight)
                },
                ...(name === 'cluster'
                  ? {}
                  : {
                      planDelete: (_want, sight) =>
                        sight === undefined
                          ? undefined
                          : {
                              what: `the ${name}`,
                              ...(sight === 'kept' && { retain: 'others need it', detached: true })
                            },
                      delete: () => {
                        if (more.stuck === name) return Promise.reject(answer(403))
                        if (more.abort === true) aborter.abort()
                        taken.push(name)
                        return Promise.resolve()
                      }
                    })
              }),
              specOf('there')
            ).output
        )
      )
      return run
    }
    const first = await observed(going)
    told.length = 0
    const outcome = await removeChain(first, {
      dryRun: more.dryRun ?? false,
      context: going,
      phase: (work) => work(),
      readAgain: () => observed({ ...going, done: () => undefined }),
      checkPermissions: (due) => {
        const names = due.map(nameOf)
        asked.push(names)
        return Promise.resolve(
          names
            .filter((name) => more.lacking?.some((one) => one === name))
            .map((kind) => ({ ...BY_HAND, summary: `no right to remove ${kind}` }))
        )
      }
    })
    const words = Object.fromEntries(
      outcome.resources.map(({ resource: hop, result, summary }) => [hop, `${result}: ${summary ?? ''}`])
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
      cluster: 'unchanged: kept, others may depend on it: value there',
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
      identity: 'skipped: kept: the identity: entitlement could not be read',
      connection: 'skipped: kept: the connection: entitlement could not be read',
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
    expect(always.outcome.problems).toMatchObject([{ summary: 'ARM answered 403 to PUT /x: text' }])
    expect(always.words).toMatchObject({
      entitlement: 'removed: ',
      identity: 'skipped: kept: the identity: entitlement could not be read'
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
    expect(outcome.problems).toEqual([{ ...BY_HAND, summary: 'no right to remove identity' }])
    expect(words).toMatchObject({
      identity: 'skipped: kept: the identity: a permission is missing',
      connection: 'skipped: kept: the connection: a permission is missing'
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
      identity: 'skipped: kept: the identity: entitlement is not removed yet'
    })
  })

  test('what has to stay has its reason, and the identity its turn', async () => {
    const { taken, words, looks } = await removing({ identity: ['there'], connection: ['kept'] })
    expect(words['connection']).toBe('skipped: kept: the connection: others need it')
    expect([taken, looks]).toEqual([['identity'], 2])
  })

  test('a dry run looks once, asks for all rights at once and takes nothing', async () => {
    const { taken, words, outcome, asked, looks } = await removing(
      { identity: ['there'], entitlement: ['gone'], connection: ['there'] },
      { dryRun: true }
    )
    expect([taken, asked, looks]).toEqual([[], [['connection', 'identity']], 1])
    expect(outcome).toMatchObject({ mode: 'dry-run', changed: false })
    expect(words).toMatchObject({
      identity: 'drifted: would be removed',
      connection: 'drifted: would be removed',
      entitlement: 'unchanged: nothing to remove'
    })
  })

  test('a run that is stopped reports what was done, at once', async () => {
    const { looks, words } = await removing(
      { identity: ['there'], entitlement: ['there', 'unread'], connection: ['there'] },
      { abort: true }
    )
    expect(looks).toBe(2)
    expect(words).toMatchObject({ connection: 'removed: ', entitlement: 'removed: ' })
    expect(words['identity']).toBe('skipped: kept: the identity: entitlement could not be read')
  })
})

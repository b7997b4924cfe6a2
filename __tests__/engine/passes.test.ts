/** What a run does, pass by pass, over a chain that is nothing but values: observe, ask for rights, write, prove. */
import { expect, describe, jest, test } from '@jest/globals'
import type { Instance } from '../../src/argocd/instance.ts'
import type { Services } from '../../src/services/services.ts'
import type { RunRetryPolicy } from '../../src/http/retry.ts'
import type { DesiredChain } from '../../src/config/desired.ts'
import type { Known } from '../../src/chain/rights.ts'
import type { ResourceKind } from '../../src/core/finding-titles.ts'
import type { Difference, Outcome } from '../../src/engine/outcome.ts'
import type { Cluster } from '../../src/chain/cluster.ts'
import {
  answer,
  BY_HAND,
  cell,
  context,
  specOf,
  valueOf,
  type Cell,
  type ValueGraph,
  type ValueParts,
  type ValueResource
} from './values.ts'
import { Reach } from '../../src/services/kubernetes/reach.ts'

type Links = (run: ValueGraph, budget: number) => Promise<unknown>
let links: Links
const STANDING: Known = {
  cluster: {
    id: '/clusters/aks',
    place: { subscriptionId: 'sub', resourceGroup: 'rg' },
    links: [] as Cluster['links']
  } as Cluster,
  instance: { namespace: 'argocd', configuration: 'manifests' } as Instance,
  identity: undefined,
  members: new Map(),
  places: new Map(),
  pods: undefined,
  registries: [],
  reading: undefined,
  left: undefined
}
jest.unstable_mockModule('../../src/chain/graph.ts', () => ({
  runChain: async (run: ValueGraph, _want: DesiredChain, _planes: Services, { budget }: RunRetryPolicy) => {
    await links(run, budget)
    return STANDING
  }
}))
const { reconcile } = await import('../../src/commands/reconcile.ts')

type Hops = Partial<Record<ResourceKind, ValueParts & { readonly found: string | undefined }>>

interface Told {
  readonly outcome: Outcome
  readonly cells: ReadonlyMap<string, Cell>
  readonly phases: string[]
  /** Each as `proves`, `writes`, `fresh`, or `reads` when it is neither, with the budget of its waits in s. */
  readonly passes: string[]
  /** Rights that were asked for. */
  readonly asked: string[]
  /** Hops that were told as they ended. */
  readonly told: string[]
}

/** @param hops what is found of each; all are wanted to be `b` */
async function ran(
  desired: Partial<DesiredChain>,
  hops: Hops,
  rights: { readonly lacking?: readonly string[]; readonly refused?: number } = {}
): Promise<Told> {
  const cells = new Map(Object.entries(hops).map(([name, { found }]) => [name, cell(found)]))
  const phases: string[] = []
  const passes: string[] = []
  const asked: string[] = []
  const told: string[] = []
  links = async (run, budget) => {
    const words = [run.verifies ? 'proves' : '', run.writes ? 'writes' : ''].filter(Boolean)
    passes.push(`${words.length > 0 ? words.join(' ') : 'reads'} ${budget / 1000}`)
    const ended = [...cells].map(([name, held]) => {
      const observe: ValueResource['read'] = (_spec, _services, { fresh }) => {
        if (fresh && !run.writes) passes.push('fresh')
        held.reads += 1
        return Promise.resolve(held.value)
      }
      return run.resource(
        valueOf(held, name as ResourceKind, { read: observe, ...hops[name as ResourceKind] }),
        specOf('b')
      ).output
    })
    await Promise.allSettled(ended)
    run.verification('access', () => Promise.resolve({ commits: { url: 'c0ffee' }, reason: 'read' }), {
      requires: []
    })
  }
  const missing = <T>(all: readonly T[], nameOf: (one: T) => string): Promise<T[]> => {
    asked.push(...all.map(nameOf))
    if (rights.refused !== undefined) return Promise.reject(answer(rights.refused))
    return Promise.resolve(all.filter((one) => rights.lacking?.includes(nameOf(one)) ?? false))
  }
  const arm = {
    missingActions: (_scope: string, actions: readonly string[]) => missing(actions, (one) => one)
  }
  const services = {
    endpoints: {},
    arm,
    identityArm: arm,
    devops: () => ({ permissions: { mayAdministerMembers: () => Promise.resolve(true) } }),
    kubernetes: () => ({
      reach: new Reach(),
      missing: (all: readonly { verb: string; resource: string }[]) =>
        missing(all, ({ verb, resource }) => `${verb} ${resource}`)
    })
  } as unknown as Services
  const outcome = await reconcile(
    {
      mode: 'apply',
      dryRun: false,
      verification: 'none',
      verificationTimeout: 200_000,
      cluster: { name: 'aks' },
      identity: {},
      organizations: [{ name: 'contoso', of: undefined, repositories: [] }],
      repositories: [],
      login: {},
      ...desired
    } as unknown as DesiredChain,
    { ...context(({ resource: hop }) => told.push(hop)), services: services },
    {
      phase: (id, work) => {
        phases.push(id)
        return work()
      },
      on: () => undefined
    }
  )
  return { outcome, cells, phases, passes, asked, told }
}

const RIGHTS = 'rights'
const writesOf = ({ cells }: Told): number => [...cells.values()].reduce((sum, { writes }) => sum + writes, 0)

describe('check', () => {
  test('is one pass that proves, and waits for half a minute at most', async () => {
    const run = await ran({ mode: 'check' }, { identity: { found: 'a' } })
    expect(run.phases).toEqual(['read'])
    expect(run.passes).toEqual(['proves 30'])
    expect(run.outcome).toMatchObject({ mode: 'check', drift: true, changed: false, problems: [] })
    expect([writesOf(run), run.asked]).toEqual([0, []])
  })

  test('waits less where it is told to', async () => {
    const { passes } = await ran({ mode: 'check', verificationTimeout: 5_000 }, { identity: { found: 'b' } })
    expect(passes).toEqual(['proves 5'])
  })
})

describe('apply', () => {
  test('of what is in order proves, and asks for no right', async () => {
    const run = await ran({}, { identity: { found: 'b' }, connection: { found: 'b' } })
    expect(run.phases).toEqual(['read', 'verify'])
    expect(run.passes).toEqual(['reads 30', 'proves writes 30'])
    expect(run.outcome).toMatchObject({ mode: 'apply', changed: false, drift: false })
    expect(run.asked).toEqual([])
  })

  test('of what differs asks for the rights to that first, then writes and proves', async () => {
    const run = await ran({}, { cluster: { found: 'b' }, identity: { found: undefined } })
    expect(run.phases).toEqual(['read', RIGHTS, 'write'])
    expect(run.passes).toEqual(['reads 30', 'proves writes 200'])
    expect(run.asked).toEqual(['Microsoft.ManagedIdentity/userAssignedIdentities/write'])
    expect(run.outcome).toMatchObject({ mode: 'apply', changed: true, problems: [] })
    expect(run.outcome.resources.map(({ resource: hop, result }) => [hop, result])).toEqual([
      ['cluster', 'unchanged'],
      ['identity', 'created']
    ])
  })

  test('writes nothing while a right is missing', async () => {
    const lacking = ['Microsoft.ManagedIdentity/userAssignedIdentities/write']
    const run = await ran({}, { identity: { found: undefined } }, { lacking })
    expect(run.outcome).toMatchObject({ mode: 'apply', problems: [{ expected: lacking[0] }] })
    expect([writesOf(run), run.passes]).toEqual([0, ['reads 30']])
  })

  test('writes nothing while rights could not be asked for', async () => {
    const run = await ran({}, { identity: { found: undefined } }, { refused: 400 })
    expect(run.outcome.problems).toMatchObject([{ summary: 'ARM answered 400 to PUT /x: text' }])
    expect([writesOf(run), run.passes]).toEqual([0, ['reads 30']])
  })

  test('goes on, with a note, where the login may not ask for its rights', async () => {
    const run = await ran({}, { identity: { found: undefined } }, { refused: 403 })
    expect(run.outcome).toMatchObject({ changed: true, problems: [] })
    expect(run.outcome.resources).toMatchObject([
      { resource: 'identity', result: 'created', findings: [{ id: 'rights/not-known', severity: 'note' }] }
    ])
  })

  test('writes nothing while a hop is blocked, and still asks for all rights', async () => {
    const differences = (): Difference[] => [{ field: 'x', expected: 'b', actual: 'a', blocked: BY_HAND }]
    const run = await ran({}, { cluster: { found: 'a', differences }, identity: { found: undefined } })
    expect([writesOf(run), run.phases, run.outcome.mode]).toEqual([0, ['read', RIGHTS], 'apply'])
    expect(run.asked).toContain('Microsoft.ManagedIdentity/userAssignedIdentities/write')
  })

  test('writes nothing and asks for nothing while a service answers nothing that can be used', async () => {
    const read = () => Promise.reject(answer(403))
    const run = await ran({}, { cluster: { found: 'a', read }, identity: { found: undefined } })
    expect([writesOf(run), run.phases, run.outcome.mode]).toEqual([0, ['read'], 'apply'])
  })

  test('dry run reads once, asks for the rights of what it would write, and plans it', async () => {
    const run = await ran({ dryRun: true }, { identity: { found: undefined } })
    expect([writesOf(run), run.phases]).toEqual([0, ['read', RIGHTS]])
    expect(run.outcome).toMatchObject({ mode: 'dry-run', changed: false, drift: true })
    expect(run.outcome.plan).toMatchObject({ create: 1, change: 0, delete: 0 })
  })
})

describe('the proof waits', () => {
  const others = (repositories: readonly string[]): ValueParts => ({
    planDelete: (_want, seen) => (seen === undefined ? undefined : { what: 'the thing' }),
    delete: () => Promise.resolve(),
    dependents: () => ({ repositories })
  })
  test.each<[string, Hops, number]>([
    ['as long as it may when the cluster was written', { cluster: { found: 'a' } }, 200],
    ['as long as it may when the identity was written', { identity: { found: 'a' } }, 200],
    ['as long as it may when the credential was written', { 'federated-credential': { found: 'a' } }, 200],
    ['as long as it may when the member was written', { entitlement: { found: 'a' } }, 200],
    ['as long as it may when the permission was written', { permission: { found: 'a' } }, 200],
    ['half a minute when only pods were written', { workload: { found: undefined } }, 30],
    [
      'as long as it may when one of several was written',
      { identity: { found: 'a' }, workload: { found: 'a' } },
      200
    ],
    [
      'as long as it may when nothing was connected yet: an earlier run may have been stopped',
      { workload: { found: 'a' }, connection: { found: undefined, ...others([]) } },
      200
    ],
    [
      'half a minute when others are connected already',
      { connection: { found: undefined, ...others(['https://other']) } },
      30
    ],
    ['half a minute when the connection only differs', { connection: { found: 'a', ...others([]) } }, 30],
    [
      'half a minute when something else is missing',
      { connection: { found: 'b', ...others([]) }, workload: { found: undefined } },
      30
    ]
  ])('%s', async (_case, hops, seconds) => {
    expect((await ran({}, hops)).passes[1]).toBe(`proves writes ${seconds}`)
  })
})

describe('remove', () => {
  const going = (held: { gone: boolean }): Hops => ({
    cluster: { found: 'b' },
    identity: {
      found: 'b',
      planDelete: () => (held.gone ? undefined : { what: 'the thing' }),
      delete: () => {
        held.gone = true
        return Promise.resolve()
      }
    }
  })

  test('reads, asks for the rights to remove, removes, and looks anew until nothing is left', async () => {
    const held = { gone: false }
    const run = await ran({ mode: 'remove' }, going(held))
    expect(held.gone).toBe(true)
    expect(run.outcome).toMatchObject({ mode: 'remove', changed: true, problems: [] })
    expect(run.phases).toEqual(['read', RIGHTS, 'remove'])
    expect(run.asked).toEqual(['Microsoft.ManagedIdentity/userAssignedIdentities/delete'])
    expect(run.passes[0]).toBe('reads 30')
    expect(run.passes).toContain('fresh')
    // A later look is no news.
    expect(run.told).toEqual(['cluster', 'identity', 'identity'])
  })

  test('removes nothing while a right is missing', async () => {
    const held = { gone: false }
    const lacking = ['Microsoft.ManagedIdentity/userAssignedIdentities/delete']
    const run = await ran({ mode: 'remove' }, going(held), { lacking })
    expect(held.gone).toBe(false)
    expect(run.outcome.problems).toMatchObject([{ expected: lacking[0] }])
  })

  test('dry run removes nothing', async () => {
    const held = { gone: false }
    const run = await ran({ mode: 'remove', dryRun: true }, going(held))
    expect([held.gone, run.outcome.mode, run.phases]).toEqual([false, 'dry-run', ['read', RIGHTS, 'remove']])
  })
})

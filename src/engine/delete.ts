/**
 * The way back: what the chain of this target has is taken away in reverse order, so that a run that dies half-way
 * leaves the rest where the next run finds it. What others rest on stays, with the reason.
 */
import type { RunPatience } from '../http/retry.ts'
import { Problem, type ProblemFacts } from '../core/problem.ts'
import type { Belonging, Hop } from './resource.ts'
import { RESTS_ON, type Others } from './dependents.ts'
import type { HopName, HopOutcome, Result } from './outcome.ts'
import { written } from './written.ts'

/** From what rests on all the others to what all the others rest on. */
const ORDER: readonly HopName[] = [
  'application',
  'connection',
  'workload',
  'permission',
  'entitlement',
  'federated-credential',
  'identity'
]

/** A hop as it was seen, ready to be taken away. */
export interface Removable {
  readonly hop: HopName
  readonly others: Partial<Others>
  belonging(others: Others): Belonging | undefined
  /** @throws the failure that trying again does not cure. */
  remove(others: Others, patience: RunPatience): Promise<void>
}

/** undefined for a hop that remove never touches. */
export function removableOf<Want, Seen, Given, Services>(
  hop: Hop<Want, Seen, Given, Services>,
  want: Want,
  seen: Seen,
  services: Services
): Removable | undefined {
  if (!hop.remove || !hop.belonging) return undefined
  const belonging = (now: Seen, others: Others): Belonging | undefined => hop.belonging?.(want, now, others)
  return {
    hop: hop.name,
    others: hop.others?.(want, seen) ?? {},
    belonging: (others) => belonging(seen, others),
    async remove(others, patience) {
      const steps = {
        write: async (now: Seen) => {
          const left = belonging(now, others)
          // After a lost race it may be gone, or be somebody else's.
          if (left && left.keep === undefined) await hop.remove?.(want, now, services, patience)
        },
        observe: () => hop.observe(want, services, true),
        open: (now: Seen) => {
          const left = belonging(now, others)
          // What others own may come into sight when ours is gone.
          return left && left.keep === undefined ? stillThere(left) : undefined
        }
      }
      await written(seen, steps, patience)
    }
  }
}

/** What remove would do, hop by hop, in the order it would do it. */
export interface Plan {
  readonly others: Others
  readonly steps: readonly { readonly removable: Removable; readonly belonging: Belonging }[]
}

/** @param removables the hops that could be read */
export function planOf(removables: ReadonlyMap<HopName, Removable>): Plan {
  const others = [...removables.values()].reduce<Others>((all, { others: more }) => ({ ...all, ...more }), {
    repositories: removables.has('connection') ? [] : [UNREAD],
    credentials: removables.has('federated-credential') ? [] : [UNREAD],
    projects: [],
    identity: removables.has('identity') ? 'absent' : 'foreign'
  })
  const needed = new Map<HopName, string>()
  const steps = ORDER.flatMap((name) => {
    const removable = removables.get(name)
    const belonging = removable?.belonging(others)
    const reason = needed.get(name) ?? needOf(name, belonging)
    // Also through what is not there: something else may be in its place.
    for (const below of RESTS_ON[name] ?? [])
      if (reason !== undefined && !needed.has(below)) needed.set(below, reason)
    const keep = belonging?.keep ?? needed.get(name)
    return removable && belonging
      ? [{ removable, belonging: keep === undefined ? belonging : { ...belonging, keep } }]
      : []
  })
  return { others, steps }
}

/** Why what a hop rests on has to stay: it stays itself, or a part of it does. */
function needOf(name: HopName, belonging: Belonging | undefined): string | undefined {
  if (!belonging || belonging.detached) return undefined
  const { what, keep, left } = belonging
  const stays = keep === undefined ? left : `${what}: ${keep}`
  return stays === undefined ? undefined : `the ${name} needs it, and stays (${stays})`
}

/** Not to know who else is there is no reason to think nobody is. */
const UNREAD = '(they could not be read)'

/** The hops that a plan writes. */
export function dueOf({ steps }: Plan): HopName[] {
  return steps.filter(({ belonging }) => belonging.keep === undefined).map(({ removable }) => removable.hop)
}

/**
 * @param plan `withIdentity`: whether it is the identity's turn
 * @param dryRun tell only
 * @param done the hops whose word is final: what becomes of the plan's is added. After a failure what rests below is
 *   left, and said to be.
 */
export async function carriedOut(
  { others, steps, withIdentity }: Plan & { readonly withIdentity: boolean },
  dryRun: boolean,
  context: {
    readonly patience: RunPatience
    readonly started: number
    readonly done: (hop: HopOutcome) => void
    readonly explain: (error: unknown) => ProblemFacts
  },
  done: HopOutcome[]
): Promise<void> {
  const { patience, started } = context
  let broken: HopName | undefined
  for (const { removable, belonging } of steps) {
    const { hop } = removable
    const { what, keep, left } = belonging
    const also = left === undefined ? '' : `; left: ${left}`
    const start = Date.now() - started
    const record = (result: Result, more: Partial<HopOutcome> = {}): void => {
      const outcome = { hop, result, changes: [], notes: [], start, end: Date.now() - started, ...more }
      done.push(outcome)
      context.done(outcome)
    }
    const changes = [{ field: what, expected: 'nothing', found: 'there' }]
    if (hop === 'identity' && !withIdentity && broken === undefined) continue
    if (keep !== undefined) record('skipped', { summary: `left: ${what}: ${keep}` })
    else if (dryRun) record('drifted', { changes, summary: `would be removed${also}` })
    else if (broken !== undefined)
      record('skipped', { summary: `left: ${what}: ${broken} is not removed yet` })
    else {
      patience.say(`Removing ${what}.`)
      try {
        await removable.remove(others, patience)
        record('removed', left === undefined ? { changes } : { changes, summary: `removed${also}` })
      } catch (error) {
        broken = hop
        record('failed', { changes, problem: context.explain(error) })
      }
    }
  }
}

function stillThere({ what }: Belonging): ProblemFacts {
  return new Problem({
    what: `${what} is still there after it was removed.`,
    remedy: 'see whether another tool (an operator, GitOps, a policy) writes it back, then run again'
  }).facts
}

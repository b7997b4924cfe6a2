/**
 * The engine: observe → compare → (apply → observe). It owns order, retries and the result words; hops own nothing
 * but their resource. Two passes of the same chain: the first only observes, and is all that check and dry-run do;
 * the second, in apply, writes what the first found to differ. So every check stands before the first write.
 */
import type { RunPatience } from '../http/retry.ts'
import { Pending, Problem, type ProblemFacts } from '../core/problem.ts'
import type { Hop } from './resource.ts'
import { removableOf, type Removable } from './delete.ts'
import { written } from './written.ts'
import type {
  Change,
  Facts,
  HopName,
  HopOutcome,
  ProofName,
  ProofOutcome,
  Result,
  Verification
} from './outcome.ts'

/** Thrown to those who await something that is not there: a hop that is missing or failed, a proof that failed. */
export class NotGiven extends Error {
  override readonly name = 'NotGiven'
  readonly from: string
  constructor(from: string) {
    super(`${from} is not there`)
    this.from = from
  }
}

/** What the first pass saw, for the second. */
interface Memory {
  readonly want: string
  readonly seen: unknown
}

export interface RunContext<Services> {
  /** What the resources call. */
  readonly services: Services
  readonly patience: RunPatience
  /** ms since the epoch. */
  readonly started: number
  /** The facts of any failure. */
  readonly explain: (error: unknown) => ProblemFacts
  /** Told each hop as it ends. */
  readonly done: (hop: HopOutcome) => void
}

/** What a verification read. */
export interface Evidence {
  /** URL → commit. */
  readonly commits: Readonly<Record<string, string>>
  /** What was seen, where that says more than that it works. */
  readonly reason?: string
}

/**
 * Reads what it is to verify, or says why there was no need to. Throws when it cannot.
 *
 * @param note what somebody should know, though it speaks neither for nor against
 */
export type Verify<E extends Evidence> = (note: (facts: ProblemFacts) => void) => Promise<E | NotNeeded>

/** A resource or a verification of the chain, as what comes after it knows it. */
export interface Node<Output = unknown> {
  readonly name: HopName | `${ProofName} verification`
  /** Rejects with `NotGiven` when there is nothing to give. */
  readonly output: Promise<Output>
  readonly result: Promise<Result | Verification>
  /** Whether something may be built on it; rejects with `NotGiven` when not. */
  readonly stands: Promise<void>
}

export class NotNeeded {
  readonly reason: string
  constructor(reason: string) {
    this.reason = reason
  }
}

/** One pass over the chain: what is added runs as soon as what it awaits is there. */
export class Graph<Services> {
  readonly converging: boolean
  readonly proving: boolean
  readonly hops: HopOutcome[] = []
  /** What remove could take away, as far as it could be read. */
  readonly removables = new Map<HopName, Removable>()
  readonly #context: RunContext<Services>
  readonly #memory: Map<HopName, Memory>
  readonly #fresh: boolean
  readonly #nodes: Node[] = []
  #facts: Facts = {}
  readonly #proofs = new Map<ProofName, Promise<ProofOutcome>>()

  /**
   * @param pass `proving`: it ends in the proof. `observed`: the pass before, whose differences this one writes.
   *   `fresh`: nothing read before is believed.
   */
  constructor(
    context: RunContext<Services>,
    pass: { proving?: boolean; observed?: Graph<Services>; fresh?: boolean } = {}
  ) {
    const { proving = false, observed, fresh = observed !== undefined } = pass
    this.#context = context
    this.proving = proving
    this.converging = observed !== undefined
    this.#fresh = fresh
    this.#memory = observed ? observed.#memory : new Map<HopName, Memory>()
  }

  get facts(): Facts {
    return this.#facts
  }

  /** The outcomes of the proofs that the chain has. */
  async proofs(): Promise<Partial<Record<ProofName, ProofOutcome>>> {
    const ended = [...this.#proofs].map(async ([name, outcome]) => [name, await outcome] as const)
    return Object.fromEntries(await Promise.all(ended))
  }

  /** Ends when every node has; nothing is thrown, the outcomes say what failed. */
  async settled(): Promise<void> {
    await Promise.all(this.#nodes.map(({ result }) => result))
  }

  /**
   * Observes the hop as soon as what it wants is known, and writes it when converging.
   *
   * @param want awaits the outputs it needs
   * @param options `after`: what has to stand before this hop writes (it observes without waiting)
   */
  resource<Want, Seen, Given>(
    hop: Hop<Want, Seen, Given, Services>,
    want: () => Promise<Want>,
    { after = [] }: { readonly after?: readonly (Node | undefined)[] } = {}
  ): Node<Given> {
    const settled = this.#settle(hop, want, after)
    const result = settled.then(({ result }) => result)
    const output = orNotGiven(
      hop.name,
      settled.then(({ given }) => given)
    )
    return this.#added({ name: hop.name, result, output, stands: output.then(() => undefined) })
  }

  /**
   * Verifies once the nodes it requires are in order; says why not otherwise.
   *
   * @param verify throws when what it tried does not work
   */
  verification<E extends Evidence>(
    name: ProofName,
    verify: Verify<E>,
    { requires }: { readonly requires: readonly (Node | undefined)[] }
  ): Node<E> {
    const ended = this.#verified(name, verify, requires)
    this.#proofs.set(
      name,
      ended.then(({ outcome }) => outcome)
    )
    const full = `${name} verification` as const
    const result = ended.then(({ outcome }) => outcome.verification)
    const output = orNotGiven(
      full,
      ended.then(({ evidence }) => evidence)
    )
    // What was not tried, or is not known, stops nothing.
    const stands = result.then((word) => {
      if (word === 'failed') throw new NotGiven(full)
    })
    return this.#added({ name: full, result, output, stands })
  }

  #added<Output>(node: Node<Output>): Node<Output> {
    // Who needs it hears of the failure; nobody else has to.
    for (const one of [node.output, node.stands]) one.catch(() => undefined)
    this.#nodes.push(node)
    return node
  }

  async #verified<E extends Evidence>(
    name: ProofName,
    verify: Verify<E>,
    requires: readonly (Node | undefined)[]
  ): Promise<{ readonly outcome: ProofOutcome; readonly evidence?: E }> {
    // Without the access nothing works; Argo CD's word only comes on top of it.
    const untried = name === 'access' ? 'failed' : 'skipped'
    let start = this.#now()
    const notes: ProblemFacts[] = []
    const ended = (
      verification: Verification,
      reason: string,
      more: Partial<ProofOutcome> = {}
    ): { readonly outcome: ProofOutcome } => ({
      outcome: {
        verification,
        reason,
        commits: {},
        ...(notes.length === 0 ? {} : { notes }),
        start,
        end: this.#now(),
        ...more
      }
    })
    if (!this.proving) return ended('skipped', 'nothing was written that could be proved')
    for (const node of requires) {
      const result = await node?.result
      if (node && result !== undefined && !IN_ORDER.has(result))
        return ended(untried, `not tried: ${node.name} ${result === 'failed' ? 'failed' : `is ${result}`}`)
    }
    start = this.#now()
    try {
      const evidence = await verify((facts) => notes.push(facts))
      if (evidence instanceof NotNeeded) return ended('skipped', evidence.reason)
      const { commits, reason = PROVED[name] } = evidence
      return { ...ended('verified', reason, { commits }), evidence }
    } catch (error) {
      if (error instanceof NotGiven) return ended(untried, `not tried: ${error.from} is not there`)
      const problem = this.#context.explain(error)
      return ended(error instanceof Pending ? 'inconclusive' : 'failed', problem.what, { problem })
    }
  }

  async #settle<Want, Seen, Given>(
    hop: Hop<Want, Seen, Given, Services>,
    want: () => Promise<Want>,
    after: readonly (Node | undefined)[]
  ): Promise<{ result: Result; given: Given | undefined }> {
    let start = this.#now()
    const changes: Change[] = []
    const notes: ProblemFacts[] = []
    const record = (result: Result, more: { summary?: string; problem?: ProblemFacts } = {}): Result => {
      const outcome = { hop: hop.name, result, changes, notes, start, end: this.#now(), ...more }
      this.hops.push(outcome)
      this.#context.done(outcome)
      return result
    }
    try {
      const wanted = await want()
      start = this.#now()
      const seen = await this.#observe(hop, wanted)
      changes.push(...hop.compare(wanted, seen))
      const done =
        this.converging && changes.length > 0
          ? await this.#converge(hop, wanted, seen, changes, after)
          : ({
              seen,
              result: changes.length === 0 ? 'unchanged' : hop.exists(seen) ? 'drifted' : 'missing'
            } as const)
      notes.push(...(hop.notes?.(wanted, done.seen) ?? []))
      const given = hop.given(wanted, done.seen)
      if (given !== undefined) this.#facts = { ...this.#facts, ...hop.facts?.(given) }
      return {
        result: record(done.result, given === undefined ? {} : { summary: hop.summary(given) }),
        given
      }
    } catch (error) {
      if (error instanceof NotGiven) {
        return {
          result: record(this.converging ? 'skipped' : 'unknown', waitsFor(error.from)),
          given: undefined
        }
      }
      return { result: record('failed', { problem: this.#context.explain(error) }), given: undefined }
    }
  }

  /** The second pass takes what the first one saw, unless the hop is now wanted differently. */
  async #observe<Want, Seen, Given>(hop: Hop<Want, Seen, Given, Services>, want: Want): Promise<Seen> {
    const key = JSON.stringify(want)
    const known = this.#memory.get(hop.name)
    if (this.converging && known?.want === key) return known.seen as Seen
    const seen = await hop.observe(want, this.#context.services, this.#fresh)
    this.#memory.set(hop.name, { want: key, seen })
    const removable = removableOf(hop, want, seen, this.#context.services)
    if (removable) this.removables.set(hop.name, removable)
    return seen
  }

  /** Nothing is written that is blocked, or that rests on what does not stand. */
  async #converge<Want, Seen, Given>(
    hop: Hop<Want, Seen, Given, Services>,
    want: Want,
    first: Seen,
    changes: readonly Change[],
    after: readonly (Node | undefined)[]
  ): Promise<{ seen: Seen; result: Result }> {
    const { services, patience } = this.#context
    const blocked = changes.find((change) => change.blocked)?.blocked
    if (blocked || !hop.apply) throw new Problem(blocked ?? cannotBeWritten(hop.name, changes))
    for (const node of after) await node?.stands
    const steps = {
      write: async (seen: Seen) => {
        // After a lost race it may be somebody else's.
        const inTheWay = hop.compare(want, seen).find((change) => change.blocked)?.blocked
        if (inTheWay) throw new Problem(inTheWay)
        await hop.apply?.(want, seen, services, patience)
      },
      observe: () => hop.observe(want, services, true),
      open: (seen: Seen) => {
        const left = hop.compare(want, seen)
        return left.length === 0
          ? undefined
          : (left.find((change) => change.blocked)?.blocked ?? stillDiffers(left))
      }
    }
    const seen = await written(first, steps, patience)
    return { seen, result: hop.exists(first) ? 'updated' : 'created' }
  }

  #now(): number {
    return Date.now() - this.#context.started
  }
}

/** @throws {NotGiven} when there is no value. */
async function orNotGiven<T>(name: Node['name'], given: Promise<T | undefined>): Promise<T> {
  const value = await given
  if (value === undefined) throw new NotGiven(name)
  return value
}

const PROVED: Readonly<Record<ProofName, string>> = {
  access: 'a token was exchanged and git data was read, as the repo-server does',
  argocd: 'Argo CD itself refreshed and read the revision that Azure DevOps has'
}

const IN_ORDER: ReadonlySet<string> = new Set<Result | Verification>([
  'unchanged',
  'created',
  'updated',
  'verified'
])

function waitsFor(from: string): { problem: ProblemFacts } {
  return { problem: { what: `depends on ${from}`, remedy: `see ${from}` } }
}

function cannotBeWritten(hop: HopName, changes: readonly Change[]): ProblemFacts {
  return { ...stillDiffers(changes), what: `${hop} is not as wanted, and is not written by this tool.` }
}

function stillDiffers([first]: readonly Change[]): ProblemFacts {
  return {
    what: `${first?.field ?? 'A field'} still differs after the write.`,
    expected: first?.expected ?? '',
    found: first?.found ?? 'nothing',
    remedy: 'see whether another tool (an operator, GitOps, a policy) writes it back, then run again'
  }
}

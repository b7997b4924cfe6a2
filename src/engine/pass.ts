/**
 * The engine: observe → compare → (apply → observe). It owns order, retries and the result words; hops own nothing
 * but their resource. Two passes of the same chain: the first only observes, and is all that check and dry-run do;
 * the second, in apply, writes what the first found to differ. So every check stands before the first write.
 */
import type { RunPatience } from '../http/retry.ts'
import type { Planes } from '../services/services.ts'
import { Pending, Problem, type ProblemFacts } from '../core/problem.ts'
import { explain } from '../diagnosis/catalogue.ts'
import type { Hop } from './resource.ts'
import { removableOf, type Removable } from './delete.ts'
import { written } from './written.ts'
import type { Change, Facts, HopName, HopOutcome, ProofName, ProofOutcome, Result } from './outcome.ts'

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

export interface RunContext {
  readonly planes: Planes
  readonly patience: RunPatience
  /** ms since the epoch. */
  readonly started: number
  /** Told each hop as it ends. */
  readonly done: (hop: HopOutcome) => void
}

/**
 * Reads the repository: URL → commit, or why there was no need to. Throws when it cannot.
 *
 * @param note what somebody should know, though it speaks neither for nor against
 */
export type Proof = (
  note: (facts: ProblemFacts) => void
) => Promise<Readonly<Record<string, string>> | NotNeeded>

export class NotNeeded {
  readonly reason: string
  constructor(reason: string) {
    this.reason = reason
  }
}

/** One pass over the chain. */
export class Run {
  readonly converging: boolean
  readonly proving: boolean
  readonly hops: HopOutcome[] = []
  /** What remove could take away, as far as it could be read. */
  readonly removables = new Map<HopName, Removable>()
  readonly #context: RunContext
  readonly #memory: Map<HopName, Memory>
  readonly #fresh: boolean
  readonly #links = new WeakMap<Promise<unknown>, { name: HopName; result: Promise<Result> }>()
  #facts: Facts = {}
  readonly #proofs = new Map<ProofName, Promise<ProofOutcome>>()

  /**
   * @param pass `proving`: it ends in the proof. `observed`: the pass before, whose differences this one writes.
   *   `fresh`: nothing read before is believed.
   */
  constructor(context: RunContext, pass: { proving?: boolean; observed?: Run; fresh?: boolean } = {}) {
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

  /** What became of a hop, by what it gives. */
  async resultOf(given: Promise<unknown>): Promise<Result | undefined> {
    return this.#links.get(given)?.result
  }

  /**
   * Observes the hop as soon as what it wants is known, and writes it when converging.
   *
   * @param want awaits the hops it needs
   * @param after what has to stand before this hop writes (it observes without waiting)
   * @returns what the hop gives. Rejects with `NotGiven` when there is nothing to give.
   */
  hop<Want, Seen, Given>(
    hop: Hop<Want, Seen, Given>,
    want: () => Promise<Want>,
    after: readonly (Promise<unknown> | undefined)[] = []
  ): Promise<Given> {
    const settled = this.#settle(hop, want, after)
    const given = settled.then(({ given }) => {
      if (given === undefined) throw new NotGiven(hop.name)
      return given
    })
    given.catch(() => undefined)
    this.#links.set(given, { name: hop.name, result: settled.then(({ result }) => result) })
    return given
  }

  /** Runs the proof once the hops it rests on are in order; says why not otherwise. */
  prove(name: ProofName, proof: Proof, rests: readonly Promise<unknown>[]): Promise<ProofOutcome> {
    const outcome = this.#provenBy(name, proof, rests)
    this.#proofs.set(name, outcome)
    return outcome
  }

  async #provenBy(name: ProofName, proof: Proof, rests: readonly Promise<unknown>[]): Promise<ProofOutcome> {
    // Without the access nothing works; Argo CD's word only comes on top of it.
    const untried = name === 'access' ? 'failed' : 'skipped'
    let start = this.#now()
    const notes: ProblemFacts[] = []
    const outcome = (
      facts: Pick<ProofOutcome, 'verification' | 'reason'> & Partial<ProofOutcome>
    ): ProofOutcome => ({
      commits: {},
      ...facts,
      ...(notes.length === 0 ? {} : { notes }),
      start,
      end: this.#now()
    })
    if (!this.proving)
      return outcome({ verification: 'skipped', reason: 'nothing was written that could be proved' })
    for (const link of rests.map((rest) => this.#links.get(rest))) {
      const result = await link?.result
      if (link && result !== undefined && !IN_ORDER.has(result)) {
        return outcome({ verification: untried, reason: `not tried: ${link.name} is ${result}` })
      }
    }
    start = this.#now()
    try {
      const commits = await proof((facts) => notes.push(facts))
      if (commits instanceof NotNeeded) return outcome({ verification: 'skipped', reason: commits.reason })
      return outcome({ verification: 'verified', reason: PROVED[name], commits })
    } catch (error) {
      if (error instanceof NotGiven)
        return outcome({ verification: untried, reason: `not tried: ${error.from} is not there` })
      const problem = explain(error)
      const verification = error instanceof Pending ? 'pending' : 'failed'
      return outcome({ verification, reason: problem.what, problem })
    }
  }

  async #settle<Want, Seen, Given>(
    hop: Hop<Want, Seen, Given>,
    want: () => Promise<Want>,
    after: readonly (Promise<unknown> | undefined)[]
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
      return { result: record('failed', { problem: explain(error) }), given: undefined }
    }
  }

  /** The second pass takes what the first one saw, unless the hop is now wanted differently. */
  async #observe<Want, Seen, Given>(hop: Hop<Want, Seen, Given>, want: Want): Promise<Seen> {
    const key = JSON.stringify(want)
    const known = this.#memory.get(hop.name)
    if (this.converging && known?.want === key) return known.seen as Seen
    const seen = await hop.observe(want, this.#context.planes, this.#fresh)
    this.#memory.set(hop.name, { want: key, seen })
    const removable = removableOf(hop, want, seen, this.#context.planes)
    if (removable) this.removables.set(hop.name, removable)
    return seen
  }

  /** Nothing is written that is blocked, or that rests on what does not stand. */
  async #converge<Want, Seen, Given>(
    hop: Hop<Want, Seen, Given>,
    want: Want,
    first: Seen,
    changes: readonly Change[],
    after: readonly (Promise<unknown> | undefined)[]
  ): Promise<{ seen: Seen; result: Result }> {
    const { planes, patience } = this.#context
    const blocked = changes.find((change) => change.blocked)?.blocked
    if (blocked || !hop.apply) throw new Problem(blocked ?? cannotBeWritten(hop.name, changes))
    await this.#standing(after)
    const steps = {
      write: async (seen: Seen) => {
        // After a lost race it may be somebody else's.
        const inTheWay = hop.compare(want, seen).find((change) => change.blocked)?.blocked
        if (inTheWay) throw new Problem(inTheWay)
        await hop.apply?.(want, seen, planes, patience)
      },
      observe: () => hop.observe(want, planes, true),
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

  /** @throws {NotGiven} when one of them does not stand: nothing is built on it then. */
  async #standing(after: readonly (Promise<unknown> | undefined)[]): Promise<void> {
    for (const one of after) {
      const value = await one
      if (isProof(value) && value.verification === 'failed') throw new NotGiven('the access proof')
    }
  }

  #now(): number {
    return Date.now() - this.#context.started
  }
}

const PROVED: Readonly<Record<ProofName, string>> = {
  access: 'a token was exchanged and git data was read, as the repo-server does',
  argocd: 'Argo CD itself refreshed and read the revision that Azure DevOps has'
}

const IN_ORDER: ReadonlySet<Result> = new Set<Result>(['unchanged', 'created', 'updated'])

function isProof(value: unknown): value is ProofOutcome {
  return typeof value === 'object' && value !== null && 'verification' in value
}

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

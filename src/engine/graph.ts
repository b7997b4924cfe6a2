/**
 * The engine: read → assess → (apply → read). It owns order, retries and the result words; resources own nothing but
 * themselves. Two passes of the same graph: the first only reads, and is all that check and dry-run do; the second, in
 * apply, writes what the first found to differ. So every check is made before the first write.
 */
import type { RunRetryPolicy } from '../http/retry.ts'
import { Problem, type Finding, type FindingFacts } from '../core/finding.ts'
import type { ResourceKind } from '../core/finding-titles.ts'
import { writeUntilConverged } from './converge.ts'
import { deletableOf, type Deletable } from './delete.ts'
import { MissingOutput, outputOf, type Node } from './node.ts'
import type {
  ChainOutputs,
  Difference,
  ResourceOutcome,
  Result,
  VerificationName,
  VerificationOutcome
} from './outcome.ts'
import type { Assessment, Resource } from './resource.ts'
import { runVerification, type Evidence, type Verify } from './verification.ts'

export interface RunContext<Services> {
  /** What the resources call. */
  readonly services: Services
  readonly policy: RunRetryPolicy
  /** ms since the epoch. */
  readonly started: number
  /** The facts of any failure. */
  readonly explain: (error: unknown) => FindingFacts
  /** Called with each resource as it ends. */
  readonly done: (outcome: ResourceOutcome) => void
}

/** What the first pass read, for the second. */
interface Memory {
  readonly spec: string
  readonly state: unknown
}

/** One pass over the chain: what is added runs as soon as what it awaits is there. */
export class Graph<Services, Dependents> {
  /** Whether this pass writes. */
  readonly writes: boolean
  /** Whether it ends in the verifications. */
  readonly verifies: boolean
  /** What remove could delete, as far as it could be read; what depends on others comes after them. */
  readonly deletables = new Map<ResourceKind, Deletable<Dependents>>()
  readonly #context: RunContext<Services>
  readonly #memory: Map<ResourceKind, Memory>
  readonly #fresh: boolean
  readonly #nodes: Node[] = []
  readonly #outcomes = new Map<ResourceKind, ResourceOutcome | undefined>()
  readonly #verifications = new Map<VerificationName, Promise<VerificationOutcome>>()
  #outputs: ChainOutputs = {}

  /**
   * @param pass `verifies`: it ends in the verifications. `before`: the pass whose differences this one writes.
   *   `fresh`: nothing read before is believed.
   */
  constructor(
    context: RunContext<Services>,
    pass: { verifies?: boolean; before?: Graph<Services, Dependents>; fresh?: boolean } = {}
  ) {
    const { verifies = false, before, fresh = before !== undefined } = pass
    this.#context = context
    this.verifies = verifies
    this.writes = before !== undefined
    this.#fresh = fresh
    this.#memory = before ? before.#memory : new Map<ResourceKind, Memory>()
  }

  get outputs(): ChainOutputs {
    return this.#outputs
  }

  /** Those that have ended, in the order of the chain. */
  get resources(): ResourceOutcome[] {
    return [...this.#outcomes.values()].filter((outcome) => outcome !== undefined)
  }

  /** The kinds of all resources, in the order of the chain. */
  get kinds(): ResourceKind[] {
    return [...this.#outcomes.keys()]
  }

  /** The outcomes of the verifications that the chain has. */
  async verifications(): Promise<Partial<Record<VerificationName, VerificationOutcome>>> {
    const ended = [...this.#verifications].map(async ([name, outcome]) => [name, await outcome] as const)
    return Object.fromEntries(await Promise.all(ended))
  }

  /** Ends when every node has; nothing is thrown, the outcomes say what failed. */
  async settled(): Promise<void> {
    await Promise.all(this.#nodes.map(({ result }) => result))
  }

  /** What each resource depends on, directly: when it is retained, so is all of that. */
  dependenciesOf(kind: ResourceKind): ResourceKind[] {
    const node = this.#nodes.find(({ name }) => name === kind)
    return (node?.dependsOn ?? []).flatMap(({ name }) => this.kinds.filter((one) => one === name))
  }

  /**
   * Reads the resource as soon as its specification is known, and writes it in a pass that writes.
   *
   * @param spec awaits the outputs it needs
   * @param options `after`: what has to be in order before this one is written (it is read without waiting).
   *   `uses`: what has to stay as long as this one does, beside those.
   */
  resource<Spec, State, Output>(
    resource: Resource<Spec, State, Output, Services, Dependents>,
    spec: () => Promise<Spec>,
    {
      after = [],
      uses = []
    }: { readonly after?: readonly (Node | undefined)[]; readonly uses?: readonly Node[] } = {}
  ): Node<Output> {
    const { kind: name } = resource
    this.#outcomes.set(name, undefined)
    const before = after.filter((node) => node !== undefined)
    const settled = this.#settle(resource, spec, before)
    const result = settled.then(({ result }) => result)
    const output = outputOf(
      name,
      settled.then(({ output }) => output)
    )
    const available = output.then(() => undefined)
    return this.#added({ name, result, output, available, dependsOn: [...before, ...uses] })
  }

  /**
   * Verifies once the nodes it requires are in order; reports why not otherwise.
   *
   * @param verify throws when what it tried does not work
   */
  verification<E extends Evidence>(
    name: VerificationName,
    verify: Verify<E>,
    { requires }: { readonly requires: readonly (Node | undefined)[] }
  ): Node<E> {
    const dependsOn = requires.filter((node) => node !== undefined)
    const { explain } = this.#context
    const ended = runVerification(name, verify, dependsOn, {
      tries: this.verifies,
      explain,
      now: () => this.#now()
    })
    this.#verifications.set(
      name,
      ended.then(({ outcome }) => outcome)
    )
    const full = `${name} verification` as const
    const result = ended.then(({ outcome }) => outcome.result)
    const output = outputOf(
      full,
      ended.then(({ evidence }) => evidence)
    )
    // What was not tried, or is not known, stops nothing.
    const available = result.then((word) => {
      if (word === 'failed') throw new MissingOutput(full)
    })
    return this.#added({ name: full, result, output, available, dependsOn })
  }

  #added<Output>(node: Node<Output>): Node<Output> {
    // Whoever awaits these handles their failure; nobody has to.
    node.output.catch(() => undefined)
    node.available.catch(() => undefined)
    this.#nodes.push(node)
    return node
  }

  async #settle<Spec, State, Output>(
    resource: Resource<Spec, State, Output, Services, Dependents>,
    spec: () => Promise<Spec>,
    after: readonly Node[]
  ): Promise<{ result: Result; output: Output | undefined }> {
    let start = this.#now()
    let differences: readonly Difference[] = []
    let findings: readonly Finding[] = []
    const record = (result: Result, more: { summary?: string; problem?: FindingFacts } = {}): Result => {
      const { kind } = resource
      const outcome = { resource: kind, result, differences, findings, start, end: this.#now(), ...more }
      this.#outcomes.set(kind, outcome)
      this.#context.done(outcome)
      return result
    }
    try {
      const wanted = await spec()
      start = this.#now()
      const first = await this.#read(resource, wanted)
      const before = resource.assess(wanted, first)
      ;({ differences } = before)
      const writes = this.writes && differences.length > 0
      const {
        output,
        outputs,
        summary,
        findings: more = []
      } = writes ? await this.#write(resource, wanted, first, before, after) : before
      findings = more
      if (outputs) this.#outputs = { ...this.#outputs, ...outputs }
      const result = writes ? (before.exists ? 'updated' : 'created') : readResult(before)
      return { result: record(result, summary === undefined ? {} : { summary }), output }
    } catch (error) {
      if (error instanceof MissingOutput) {
        return {
          result: record(this.writes ? 'skipped' : 'unknown', { problem: dependsOn(error.from) }),
          output: undefined
        }
      }
      return { result: record('failed', { problem: this.#context.explain(error) }), output: undefined }
    }
  }

  /** The second pass takes what the first one read, unless the specification is another one now. */
  async #read<Spec, State, Output>(
    resource: Resource<Spec, State, Output, Services, Dependents>,
    spec: Spec
  ): Promise<State> {
    const key = JSON.stringify(spec)
    const known = this.#memory.get(resource.kind)
    if (this.writes && known?.spec === key) return known.state as State
    const state = await resource.read(spec, this.#context.services, { fresh: this.#fresh })
    this.#memory.set(resource.kind, { spec: key, state })
    const deletable = deletableOf(resource, spec, state, this.#context.services)
    if (deletable) this.deletables.set(resource.kind, deletable)
    return state
  }

  /** Nothing is written that is blocked, or that needs what is not in order. */
  async #write<Spec, State, Output>(
    resource: Resource<Spec, State, Output, Services, Dependents>,
    spec: Spec,
    first: State,
    { differences }: Assessment<Output, Dependents>,
    after: readonly Node[]
  ): Promise<Assessment<Output, Dependents>> {
    const { services, policy } = this.#context
    const blocked = blockedOf(differences)
    if (blocked || !resource.apply) throw new Problem(blocked ?? neverWritten(resource.kind, differences))
    for (const node of after) await node.available
    const steps = {
      write: async (state: State) => {
        // After a lost race it may be somebody else's.
        const inTheWay = blockedOf(resource.assess(spec, state).differences)
        if (inTheWay) throw new Problem(inTheWay)
        await resource.apply?.(spec, state, services, policy)
      },
      read: () => resource.read(spec, services, { fresh: true }),
      open: (state: State) => {
        const left = resource.assess(spec, state).differences
        return left.length === 0 ? undefined : (blockedOf(left) ?? stillDiffers(left))
      }
    }
    return resource.assess(spec, await writeUntilConverged(first, steps, policy))
  }

  #now(): number {
    return Date.now() - this.#context.started
  }
}

function readResult({ differences, exists }: Assessment<unknown, unknown>): Result {
  if (differences.length === 0) return 'unchanged'
  return exists ? 'drifted' : 'missing'
}

function blockedOf(differences: readonly Difference[]): FindingFacts | undefined {
  return differences.find(({ blocked }) => blocked)?.blocked
}

function dependsOn(from: string): FindingFacts {
  return { id: 'resource/depends-on', summary: `depends on ${from}`, remedy: `see ${from}` }
}

function neverWritten(kind: ResourceKind, differences: readonly Difference[]): FindingFacts {
  return {
    ...stillDiffers(differences),
    summary: `${kind} is not as specified, and Patless does not write it.`
  }
}

function stillDiffers([first]: readonly Difference[]): FindingFacts {
  return {
    id: 'resource/still-differs',
    summary: `${first?.field ?? 'A field'} still differs after the write.`,
    expected: first?.expected ?? '',
    actual: first?.actual ?? 'nothing',
    remedy: 'see whether another tool (an operator, GitOps, a policy) writes it back, then run again'
  }
}

/**
 * The engine: read → assess → (apply → read). It decides order, retries and results; a resource knows only itself. A run
 * makes up to two passes over the same graph: the first only reads, and is all that check and dry-run do; the second, in
 * apply, writes the differences that the first found. So every check is made before the first write.
 */
import type { RunRetryPolicy } from '../http/retry.ts'
import type { Finding, FindingFacts } from '../core/finding.ts'
import { deletableOf, type Deletable } from './deletable.ts'
import { MissingOutput, outputOf, type Node } from './node.ts'
import {
  nameOf,
  type ChainOutputs,
  type Difference,
  type ResourceOutcome,
  type Result,
  type VerificationName,
  type VerificationOutcome
} from './outcome.ts'
import type { Assessment, Resource } from './resource.ts'
import { runVerification, type Evidence, type Verify } from './verification.ts'
import { writeResource } from './write.ts'

export interface RunContext<Services> {
  readonly services: Services
  readonly policy: RunRetryPolicy
  /** ms since the epoch. */
  readonly started: number
  /** Turns any failure into a finding. */
  readonly explain: (error: unknown) => Promise<FindingFacts>
  /** Called with each resource as it ends. */
  readonly done: (outcome: ResourceOutcome) => void
}

/** A state that the first pass read, kept for the second. */
interface Memory {
  readonly spec: string
  readonly state: unknown
}

/** One pass over the chain: a node runs as soon as the outputs that it awaits exist. */
export class Graph<Services, Dependents> {
  readonly writes: boolean
  /** Whether the pass ends with the verifications. */
  readonly verifies: boolean
  /** The resources that remove could delete and that could be read, dependencies first. */
  readonly deletables = new Map<string, Deletable<Dependents>>()
  readonly #context: RunContext<Services>
  readonly #memory: Map<string, Memory>
  readonly #fresh: boolean
  readonly #nodes: Node[] = []
  readonly #outcomes = new Map<string, ResourceOutcome | undefined>()
  readonly #verifications = new Map<VerificationName, Promise<VerificationOutcome>>()
  #outputs: ChainOutputs = {}

  /**
   * @param pass `verifies`: the pass ends with the verifications. `before`: the pass whose differences this one writes.
   *   `fresh`: ignore everything that was read before.
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
    this.#memory = before ? before.#memory : new Map<string, Memory>()
  }

  get outputs(): ChainOutputs {
    return this.#outputs
  }

  /** The outcomes so far, in the order of the chain. */
  get resources(): ResourceOutcome[] {
    return [...this.#outcomes.values()].filter((outcome) => outcome !== undefined)
  }

  /** The names of all resources, in the order of the chain. */
  get names(): string[] {
    return [...this.#outcomes.keys()]
  }

  async verifications(): Promise<Partial<Record<VerificationName, VerificationOutcome>>> {
    const ended = [...this.#verifications].map(async ([name, outcome]) => [name, await outcome] as const)
    return Object.fromEntries(await Promise.all(ended))
  }

  /** Resolves when every node has a result. Never rejects: the outcomes show failures. */
  async settled(): Promise<void> {
    await Promise.all(this.#nodes.map(({ result }) => result))
  }

  /** The direct dependencies of a resource, by name. When the resource is retained, so are they. */
  dependenciesOf(resource: string): string[] {
    const node = this.#nodes.find(({ name }) => name === resource)
    return (node?.dependsOn ?? []).map(({ name }) => name).filter((name) => this.#outcomes.has(name))
  }

  /**
   * Reads the resource as soon as its specification is known; a writing pass also writes it.
   *
   * @param spec awaits the outputs that it needs
   * @param options `of`: which one, where there are several of its kind. `after`: must be in order before this resource is written (reading does not wait).
   *   `uses`: like `after`, must not be deleted while this resource exists, but does not delay the write.
   */
  resource<Spec, State, Output>(
    resource: Resource<Spec, State, Output, Services, Dependents>,
    spec: () => Promise<Spec>,
    {
      of,
      after = [],
      uses = []
    }: {
      readonly of?: string | undefined
      readonly after?: readonly (Node | undefined)[]
      readonly uses?: readonly Node[]
    } = {}
  ): Node<Output> {
    const which = { resource: resource.kind, ...(of !== undefined && { of }) }
    const name = nameOf(which)
    this.#outcomes.set(name, undefined)
    const before = after.filter((node) => node !== undefined)
    const settled = this.#settle(which, resource, spec, before)
    const result = settled.then(({ result }) => result)
    const output = outputOf(
      name,
      settled.then(({ output }) => output)
    )
    const available = output.then(() => undefined)
    return this.#add({ name, result, output, available, dependsOn: [...before, ...uses] })
  }

  /**
   * Verifies once the required nodes are in order, or reports why it did not.
   *
   * @param verify throws when the verification fails
   * @param options `either`: of these groups of nodes at least one must be in order
   */
  verification<E extends Evidence>(
    name: VerificationName,
    verify: Verify<E>,
    {
      requires,
      either = []
    }: { readonly requires: readonly (Node | undefined)[]; readonly either?: readonly (readonly Node[])[] }
  ): Node<E> {
    const required = requires.filter((node) => node !== undefined)
    const dependsOn = [...required, ...either.flat()]
    const { explain } = this.#context
    const ended = runVerification(
      name,
      verify,
      { required, either },
      {
        verifies: this.verifies,
        explain,
        now: () => this.#now()
      }
    )
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
    // A skipped or inconclusive verification does not stop later resources.
    const available = result.then((ended) => {
      if (ended === 'failed') throw new MissingOutput(full)
    })
    return this.#add({ name: full, result, output, available, dependsOn })
  }

  #add<Output>(node: Node<Output>): Node<Output> {
    // Nobody has to await these; without a handler Node would end the process on a rejection.
    node.output.catch(() => undefined)
    node.available.catch(() => undefined)
    this.#nodes.push(node)
    return node
  }

  async #settle<Spec, State, Output>(
    which: Pick<ResourceOutcome, 'resource' | 'of'>,
    resource: Resource<Spec, State, Output, Services, Dependents>,
    spec: () => Promise<Spec>,
    after: readonly Node[]
  ): Promise<{ result: Result; output: Output | undefined }> {
    let start = this.#now()
    let differences: readonly Difference[] = []
    let findings: readonly Finding[] = []
    const record = (result: Result, more: { summary?: string; problem?: FindingFacts } = {}): Result => {
      const outcome = { ...which, result, differences, findings, start, end: this.#now(), ...more }
      this.#outcomes.set(nameOf(which), outcome)
      this.#context.done(outcome)
      return result
    }
    try {
      const specification = await spec()
      start = this.#now()
      const first = await this.#read(nameOf(which), resource, specification)
      const before = resource.assess(specification, first)
      const deletable = deletableOf(which, resource, specification, first, before, this.#context.services)
      if (deletable) this.deletables.set(nameOf(which), deletable)
      ;({ differences } = before)
      const writes = this.writes && differences.length > 0
      const {
        output,
        outputs,
        summary,
        findings: more = []
      } = writes
        ? await writeResource(resource, { spec: specification, first, before, after }, this.#context)
        : before
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
      return { result: record('failed', { problem: await this.#context.explain(error) }), output: undefined }
    }
  }

  /** The second pass reuses the state that the first one read, unless the specification changed. */
  async #read<Spec, State, Output>(
    name: string,
    resource: Resource<Spec, State, Output, Services, Dependents>,
    spec: Spec
  ): Promise<State> {
    const key = JSON.stringify(spec)
    const known = this.#memory.get(name)
    if (this.writes && known?.spec === key) return known.state as State
    const state = await resource.read(spec, this.#context.services, { fresh: this.#fresh })
    this.#memory.set(name, { spec: key, state })
    return state
  }

  #now(): number {
    return Date.now() - this.#context.started
  }
}

function readResult({ differences, exists }: Assessment<unknown, unknown>): Result {
  if (differences.length === 0) return 'unchanged'
  return exists ? 'drifted' : 'missing'
}

function dependsOn(from: string): FindingFacts {
  return { id: 'resource/depends-on', summary: `depends on ${from}`, remedy: `see ${from}` }
}

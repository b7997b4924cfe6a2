/** A resource or a verification of the graph, as seen by the nodes that depend on it. */
import type { Result, VerificationResult } from './outcome.ts'

export interface Node<Output = unknown> {
  /** Unique in the graph; for texts, too. */
  readonly name: string
  /** Rejects with `MissingOutput` when there is none. */
  readonly output: Promise<Output>
  readonly result: Promise<Result | VerificationResult>
  /** Resolves when dependents may be written; rejects with `MissingOutput` when they may not. */
  readonly available: Promise<void>
  /** These nodes must not be deleted while this one exists. */
  readonly dependsOn: readonly Node[]
}

/** Thrown to whoever awaits the output of a resource that is missing or failed. */
export class MissingOutput extends Error {
  override readonly name = 'MissingOutput'
  readonly from: string
  constructor(from: string) {
    super(`${from} does not exist`)
    this.from = from
  }
}

/** @throws {MissingOutput} when there is no value. */
export async function outputOf<T>(name: string, output: Promise<T | undefined>): Promise<T> {
  const value = await output
  if (value === undefined) throw new MissingOutput(name)
  return value
}

const IN_ORDER: ReadonlySet<string> = new Set<Result | VerificationResult>([
  'unchanged',
  'created',
  'updated',
  'verified'
])

export function isInOrder(result: Result | VerificationResult): boolean {
  return IN_ORDER.has(result)
}

/** The output, or undefined where there is none. */
export function orUndefined<T>({ output }: Node<T>): Promise<T | undefined> {
  return output.catch(() => undefined)
}

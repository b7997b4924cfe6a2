/** A resource or a verification of the graph, as what comes after it knows it. */
import type { ResourceKind } from '../core/finding-titles.ts'
import type { Result, VerificationName, VerificationResult } from './outcome.ts'

export type NodeName = ResourceKind | `${VerificationName} verification`

export interface Node<Output = unknown> {
  readonly name: NodeName
  /** Rejects with `MissingOutput` when there is none. */
  readonly output: Promise<Output>
  readonly result: Promise<Result | VerificationResult>
  /** Whether something may be built on it; rejects with `MissingOutput` when not. */
  readonly available: Promise<void>
  /** What has to stay as long as this does. */
  readonly dependsOn: readonly Node[]
}

/** Thrown to those who await something that is not there: of a resource that is missing or failed. */
export class MissingOutput extends Error {
  override readonly name = 'MissingOutput'
  readonly from: string
  constructor(from: string) {
    super(`${from} is not there`)
    this.from = from
  }
}

/** @throws {MissingOutput} when there is no value. */
export async function outputOf<T>(name: NodeName, output: Promise<T | undefined>): Promise<T> {
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

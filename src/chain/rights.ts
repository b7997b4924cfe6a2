/** What the questions about rights share: what they are asked for, and what comes of them. */
import type { ProblemFacts } from '../core/problem.ts'
import type { Instance } from '../argocd/instance.ts'
import type { Change, HopName } from '../engine/outcome.ts'
import { HttpProblem } from '../http/errors.ts'
import type { Cluster } from './cluster.ts'
import type { Place } from './permission-places.ts'

/** A hop that will write, and what it will change as far as that is known. */
export interface Due {
  readonly hop: HopName
  readonly changes: readonly Change[]
}

/** The chain, as far as it is known. */
export interface Standing {
  readonly cluster: Cluster | undefined
  readonly instance: Instance | undefined
  /** The managed identity. */
  readonly identity: { readonly id: string } | undefined
  /** Where the member reads, or is to. */
  readonly places: readonly Place[] | undefined
}

/** What somebody should know of a hop's rights, though it stops nothing. */
export interface Note {
  readonly hop: HopName
  readonly facts: ProblemFacts
}

export interface Rights {
  /** What the login lacks. */
  readonly missing: ProblemFacts[]
  readonly notes: readonly Note[]
}

export const NOTHING: Rights = { missing: [], notes: [] }

/** @returns what the question brings; only the note that nobody knows, when the login may not ask it */
export async function orNotKnown(
  question: () => Promise<Rights>,
  hop: HopName,
  notKnown: () => ProblemFacts
): Promise<Rights> {
  try {
    return await question()
  } catch (error) {
    if (!(error instanceof HttpProblem) || error.status !== 403) throw error
    return { missing: [], notes: [{ hop, facts: notKnown() }] }
  }
}

export function together(all: readonly Rights[]): Rights {
  return { missing: all.flatMap(({ missing }) => missing), notes: all.flatMap(({ notes }) => notes) }
}

/** What the questions about rights share: what they are asked for, and what comes of them. */
import { note, type Finding, type FindingFacts } from '../core/finding.ts'
import type { ResourceKind } from '../core/finding-titles.ts'
import type { Instance } from '../argocd/instance.ts'
import type { ResourceOutcome } from '../engine/outcome.ts'
import { HttpProblem } from '../http/errors.ts'
import type { Cluster } from './cluster.ts'
import type { Place } from './permission-places.ts'

/** A resource that will be written, and how it differs as far as that is known. */
export type Due = Pick<ResourceOutcome, 'resource' | 'differences'>

/** The chain, as far as it is known. */
export interface Known {
  readonly cluster: Cluster | undefined
  readonly instance: Instance | undefined
  /** The managed identity. */
  readonly identity: { readonly id: string } | undefined
  /** Where the member reads, or is to. */
  readonly places: readonly Place[] | undefined
}

/** What somebody should know of the rights to a resource, though it stops nothing. */
export interface RightsFinding {
  readonly resource: ResourceKind
  readonly finding: Finding
}

export interface Rights {
  /** What the login lacks. */
  readonly missing: FindingFacts[]
  readonly findings: readonly RightsFinding[]
}

export const NOTHING: Rights = { missing: [], findings: [] }

/**
 * @param isRefusal whether an answer says that the question cannot be asked
 * @returns what the question brings; only the note that nobody knows, when it cannot be asked
 */
export async function orNotKnown(
  question: () => Promise<Rights>,
  resource: ResourceKind,
  notKnown: () => FindingFacts,
  isRefusal = ({ status }: HttpProblem): boolean => status === 403
): Promise<Rights> {
  try {
    return await question()
  } catch (error) {
    if (!(error instanceof HttpProblem) || !isRefusal(error)) throw error
    return { missing: [], findings: [{ resource, finding: note(notKnown()) }] }
  }
}

export function combine(all: readonly Rights[]): Rights {
  return {
    missing: all.flatMap(({ missing }) => missing),
    findings: all.flatMap(({ findings }) => findings)
  }
}

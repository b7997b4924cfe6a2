/** What the checks of rights share: their subject and their result. */
import type { ManagedIdentity } from '../services/azure/managed-identities.ts'
import type { Member } from '../services/azure-devops/members.ts'
import { note, type Finding, type FindingFacts } from '../core/finding.ts'
import type { ResourceKind } from '../core/finding-titles.ts'
import type { Instance } from '../argocd/instance.ts'
import type { ResourceOutcome } from '../engine/outcome.ts'
import { HttpProblem } from '../http/errors.ts'
import type { Cluster } from './cluster.ts'
import type { Place } from './permission-places.ts'
import type { Kept } from './migration/backups.ts'
import type { ReadRegistry } from './registry.ts'
import type { Reading } from './verifications/access.ts'
import type { Pods } from './workload.ts'

/**
 * A resource that apply or remove will write, and its differences as far as they are known; or one that could not be
 * read, with the reason.
 */
export type Due = Pick<ResourceOutcome, 'resource' | 'of' | 'differences'> &
  Partial<Pick<ResourceOutcome, 'result' | 'problem'>>

/** The outputs of the chain, as far as they are known. */
export interface Known {
  readonly cluster: Cluster | undefined
  readonly instance: Instance | undefined
  /** The managed identity. */
  readonly identity: ManagedIdentity | undefined
  /** The identity as a member, by organization. */
  readonly members: ReadonlyMap<string, Member>
  /** Where the member reads or will read, by organization. */
  readonly places: ReadonlyMap<string, readonly Place[]>
  readonly pods: Pods | undefined
  /** The registries of the inputs that exist. */
  readonly registries: readonly Pick<ReadRegistry, 'id' | 'assigned' | 'role' | 'assignment'>[]
  /** What the access verification read, and how to read again. */
  readonly reading: Reading | undefined
  /** Backups of earlier migrations; undefined when they were not looked for, or could not be read. */
  readonly left: Kept | undefined
}

/** A finding about the rights to a resource that does not stop the run. */
export interface RightsFinding {
  readonly resource: ResourceKind
  readonly of?: string
  readonly finding: Finding
}

export interface Rights {
  /** Rights that the login is missing. */
  readonly missing: FindingFacts[]
  readonly findings: readonly RightsFinding[]
}

export const NOTHING: Rights = { missing: [], findings: [] }

/**
 * @param isRefusal whether an error means that the login may not ask
 * @returns the answer, or only the `notKnown` note when the login may not ask
 */
export async function orNotKnown(
  question: () => Promise<Rights>,
  { resource, of }: Pick<RightsFinding, 'resource' | 'of'>,
  notKnown: () => FindingFacts,
  isRefusal = ({ status }: HttpProblem): boolean => status === 403
): Promise<Rights> {
  try {
    return await question()
  } catch (error) {
    if (!(error instanceof HttpProblem) || !isRefusal(error)) throw error
    return {
      missing: [],
      findings: [{ resource, ...(of !== undefined && { of }), finding: note(notKnown()) }]
    }
  }
}

export function combine(all: readonly Rights[]): Rights {
  return {
    missing: all.flatMap(({ missing }) => missing),
    findings: all.flatMap(({ findings }) => findings)
  }
}

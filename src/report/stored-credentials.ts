/** A stored credential in the report: everything about it but its value. */
import type { CredentialKind, CredentialVerdict, ReasonId } from '../core/credential-words.ts'
import type { FindingId } from '../core/finding-titles.ts'

export interface ReportedCredential {
  readonly finding: FindingId
  readonly fingerprint: string
  readonly kind: CredentialKind
  /** Namespace of the Argo CD. */
  readonly argocd: string
  readonly object: { readonly kind: string; readonly namespace: string; readonly name: string }
  readonly url: string
  readonly project: string
  readonly keys: readonly string[]
  readonly user?: string
  readonly serves: {
    readonly repositories: readonly string[]
    /** As `namespace/name`; absent: the login may not list them. */
    readonly applications?: readonly string[]
    readonly applicationSets?: readonly string[]
  }
  /** As `namespace/name`. */
  readonly shadows: readonly string[]
  readonly owner?: { readonly kind: string; readonly name: string }
  readonly immutable: boolean
  /** ISO 8601 */
  readonly createdAt?: string
  readonly changedAt?: string
  readonly group?: number
  readonly verdict: CredentialVerdict
  readonly reasons: readonly { readonly id: ReasonId; readonly text: string }[]
  readonly allowed?: { readonly until: string; readonly reason: string }
}

/** One sentence: how many there are, and what can be done about them. */
export function sentenceOf(all: readonly ReportedCredential[]): string {
  if (all.length === 0) return 'No stored credential reaches Azure Repos.'
  const count = (holds: (one: ReportedCredential) => boolean): number => all.filter(holds).length
  const parts = [
    [count(({ verdict }) => verdict === 'can-go'), 'can go'],
    [count(({ verdict }) => verdict === 'must-wait'), 'must wait'],
    [count(({ verdict }) => verdict === 'unused'), 'unused'],
    [count(({ allowed }) => allowed !== undefined), 'accepted for a time']
  ] as const
  const said = parts.filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`)
  const noun = all.length === 1 ? 'stored credential reaches' : 'stored credentials reach'
  return `${all.length} ${noun} Azure Repos: ${said.join(', ')}.`
}

/** Those for which no exception holds. */
export function openAmong(all: readonly ReportedCredential[]): ReportedCredential[] {
  return all.filter(({ allowed }) => allowed === undefined)
}

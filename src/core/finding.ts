/** Everything that Patless reports to a user: a problem, a difference, a warning, a note. */
import type { Answered } from './answered.ts'
import type { FindingId } from './finding-titles.ts'
import { asInYaml, nameInputs } from './input-name.ts'

export type Severity = 'error' | 'warning' | 'note'

/** A finding without its severity, which depends on where it occurs. */
export interface FindingFacts {
  readonly id: FindingId
  /** What happened, as one sentence. */
  readonly summary: string
  /** The command or setting that fixes it. */
  readonly remedy: string
  /** Shell commands that carry the remedy out, ready to run: one or more lines, every name in them quoted (`core/shell.ts`). */
  readonly command?: string
  readonly expected?: string
  readonly actual?: string
  readonly link?: string
  /** The service's own code, e.g. AADSTS700213, TF401019, AuthorizationFailed. */
  readonly code?: string
  /** URL of the repository that it is about, where it is about one. */
  readonly repository?: string
  /** Of a stored credential: the same in every run, for the input `allow`. */
  readonly fingerprint?: string
  /** The object of the cluster that it is about, as `kind namespace/name`. */
  readonly object?: string
  /** `likely`: the usual explanation, others are possible. Absent: there is no doubt. */
  readonly certainty?: 'likely'
  /** Id of the finding that is its cause: this one is a consequence, and needs no remedy of its own. */
  readonly because?: FindingId
  /** What the failure was met with. Not reported. */
  readonly answered?: Answered
}

export interface Finding extends FindingFacts {
  readonly severity: Severity
}

/** A failure with its reason and its remedy. Only the outermost layer reports it. */
export class Problem extends Error {
  override readonly name: string = 'Problem'
  readonly facts: FindingFacts
  constructor(facts: FindingFacts, options?: ErrorOptions) {
    super(nameInputs(facts.summary, asInYaml), options)
    this.facts = facts
  }
}

/** Nothing failed, but the question could not be answered. */
export class Inconclusive extends Problem {
  override readonly name = 'Inconclusive'
}

/** Without what is for the diagnosis only. */
export function reportable<T extends FindingFacts>(finding: T): T {
  const copy = { ...finding }
  Reflect.deleteProperty(copy, 'answered')
  return copy
}

/** Worth knowing; no action needed. */
export function note(facts: FindingFacts): Finding {
  return { ...facts, severity: 'note' }
}

/** Needs action, but does not fail the run. */
export function warning(facts: FindingFacts): Finding {
  return { ...facts, severity: 'warning' }
}

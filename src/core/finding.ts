/** What Patless has to say to a user: a problem, a difference, a warning, a note. Its texts are made where it is known. */
import type { FindingId } from './finding-titles.ts'
import { asInYaml, nameInputs } from './input-name.ts'

export type Severity = 'error' | 'warning' | 'note'

/** A finding, but for how much it weighs: that follows from where it is met. */
export interface FindingFacts {
  readonly id: FindingId
  /** What happened, as one sentence. */
  readonly summary: string
  /** The command or setting that fixes it. */
  readonly remedy: string
  readonly expected?: string
  readonly actual?: string
  readonly link?: string
  /** The service's own code, e.g. AADSTS700213, TF401019, AuthorizationFailed. */
  readonly code?: string
  /** URL of the repository that it is about, where it is about one. */
  readonly repository?: string
}

export interface Finding extends FindingFacts {
  readonly severity: Severity
}

/** A failure with its reason and its remedy. Thrown below, reported once by the outermost layer. */
export class Problem extends Error {
  override readonly name: string = 'Problem'
  readonly facts: FindingFacts
  constructor(facts: FindingFacts, options?: ErrorOptions) {
    super(nameInputs(facts.summary, asInYaml), options)
    this.facts = facts
  }
}

/** Not a failure of what was asked about: it could not be asked, and so is not known. */
export class Inconclusive extends Problem {
  override readonly name = 'Inconclusive'
}

/** Good to know; it stops nothing. */
export function note(facts: FindingFacts): Finding {
  return { ...facts, severity: 'note' }
}

/** Something to act on, though it fails nothing. */
export function warning(facts: FindingFacts): Finding {
  return { ...facts, severity: 'warning' }
}

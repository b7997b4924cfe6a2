/** What every failure of this tool carries. Its text is made in one place, from the facts. */
export interface ProblemFacts {
  /** What happened, as one sentence. */
  readonly what: string
  /** The command or setting that mends it. */
  readonly remedy: string
  readonly expected?: string
  readonly found?: string
  readonly link?: string
  /** The service's own code, e.g. AADSTS700213, TF401019, AuthorizationFailed. */
  readonly code?: string
}

/** A failure with its reason and its remedy. Thrown below, reported once by the outermost layer. */
export class Problem extends Error {
  override readonly name: string = 'Problem'
  readonly facts: ProblemFacts
  constructor(facts: ProblemFacts, options?: ErrorOptions) {
    super(facts.what, options)
    this.facts = facts
  }
}

/** Not a failure of what was asked about: it could not be asked, and so is not known. */
export class Pending extends Problem {
  override readonly name = 'Pending'
}

/** what · expected/found · remedy · link: a line that begins at the margin is ours, whatever line ends the facts hold. */
export function textOf(facts: ProblemFacts): string {
  return [
    facts.what.replaceAll(/\n(?! )/g, '\n  '),
    facts.expected === undefined ? '' : `expected: ${indented(facts.expected)}`,
    facts.found === undefined ? '' : `found:    ${indented(facts.found)}`,
    `remedy:   ${indented(facts.remedy)}`,
    facts.link === undefined ? '' : `see:      ${indented(facts.link)}`
  ]
    .filter((line) => line !== '')
    .join('\n')
}

function indented(text: string): string {
  return text.replaceAll('\n', `\n${' '.repeat(10)}`)
}

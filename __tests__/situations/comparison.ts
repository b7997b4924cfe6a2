/** Patless's word beside the truth, counted and printed. */
import type { Report } from '../../src/report/report.ts'

export type Word = 'can' | 'cannot' | 'inconclusive'

export interface Compared {
  /** When it was asked, and the situation: `check: …`. */
  readonly name: string
  readonly truth: Word
  readonly word: Word
  readonly reason: string
}

/** A run that stops before it verifies has failed; of one that leaves it open nothing is said. */
export function wordOf({ outputs, verdict }: Report): Word {
  if (outputs.verification === 'verified') return 'can'
  return outputs.verification === 'inconclusive' || verdict.exitCode === 0 ? 'inconclusive' : 'cannot'
}

export const truthOf = (reads: boolean): Word => (reads ? 'can' : 'cannot')

export interface Summary {
  readonly falseGreen: readonly Compared[]
  readonly falseRed: readonly Compared[]
  /** Situations without an answer, in percent. */
  readonly inconclusive: number
  readonly text: string
}

/** @param of how many situations were compared. A check right after a change ("at once") may leave it open. */
export function summarize(compared: readonly Compared[], of: number): Summary {
  const differing = compared.filter(({ truth, word }) => word !== truth && word !== 'inconclusive')
  const falseGreen = differing.filter(({ word }) => word === 'can')
  const falseRed = differing.filter(({ word }) => word === 'cannot')
  const open = compared.filter(({ name, word }) => word === 'inconclusive' && !name.startsWith('at once'))
  const situationsIn = (some: readonly Compared[]): number =>
    new Set(some.map(({ name }) => name.replace(/^[^:]+: /, ''))).size
  const lines = (kind: string, some: readonly Compared[]): string[] =>
    some.map(({ name, reason }) => `${kind}: ${name}: ${reason}`)
  const agreeing = of - situationsIn([...differing, ...open])
  return {
    falseGreen,
    falseRed,
    inconclusive: (situationsIn(open) / of) * 100,
    text: [
      `agree ${agreeing} of ${of}, false green ${falseGreen.length}, false red ${falseRed.length}, inconclusive ${situationsIn(open)}`,
      ...lines('inconclusive', open),
      ...lines('false green', falseGreen),
      ...lines('false red', falseRed)
    ].join('\n')
  }
}

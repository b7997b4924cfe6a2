/** The log of a run in a terminal. */
import type { FindingFacts } from '../../core/finding.ts'
import { PHASES, type Reporter, type RunEvent } from '../../report/events.ts'
import { textOf } from '../../report/finding-text.ts'
import { linesOf, type Line } from '../../report/lines.ts'
import type { Style, Writer } from './paint.ts'

const TONES: Readonly<Partial<Record<RunEvent['kind'], Style>>> = { progress: 'gray', warning: 'yellow' }

const COLORS: Readonly<Record<NonNullable<Line['result']>, Style>> = {
  unchanged: 'green',
  created: 'cyan',
  updated: 'cyan',
  removed: 'cyan',
  drifted: 'yellow',
  missing: 'yellow',
  unknown: 'gray',
  skipped: 'gray',
  failed: 'red'
}

/** @param verbose whether debug lines are wanted */
export function reporterOn(write: Writer, verbose: boolean): Reporter {
  return {
    on(event) {
      if (event.kind === 'debug') {
        if (verbose) write({ text: `debug ${event.text}`, style: 'gray' })
        return
      }
      const tone = TONES[event.kind]
      for (const { head, result, rest } of linesOf(event)) {
        if (result === undefined) write({ text: head + rest, style: tone })
        else write({ text: head, style: COLORS[result] }, { text: rest })
      }
    },
    phase: async (id, work) => {
      write({ text: PHASES[id], style: 'bold' })
      return work()
    }
  }
}

export function writeFinding(write: Writer, finding: FindingFacts, style: Style = 'red'): void {
  write({ text: `${finding.id}: ${textOf(finding)}`, style })
}

/** How results look: a color, and a sign for those who do not see it. */
import type { Tone } from '../tone.ts'
import type { Verdict } from '../verdict.ts'
import { element, type Child } from './element.ts'

const SIGNS: Readonly<Record<Tone, string>> = { good: '✓', warn: '!', bad: '✕', grey: '–' }

export function toneOfVerdict({ exitCode }: Verdict): Tone {
  return exitCode === 0 ? 'good' : exitCode === 2 ? 'warn' : 'bad'
}

/** A result as a small label. */
export function badge(tone: Tone, text: string): Child {
  return element('span', { class: `badge ${tone}` }, `${SIGNS[tone]} ${text}`)
}

/** In a table with many: a word only where there is something to look at. */
export function shortBadge(tone: Tone, text: string): Child {
  if (tone === 'warn' || tone === 'bad') return badge(tone, text)
  return element(
    'span',
    { class: `badge ${tone}`, title: text, role: 'img', 'aria-label': text },
    SIGNS[tone]
  )
}

/** A finding as text, for a log or an annotation. */
import type { FindingFacts } from '../core/finding.ts'

/** Line by line; a line that begins at the margin is ours, whatever line ends the texts hold. */
export function textOf({ summary, expected, actual, remedy, link }: FindingFacts): string {
  return [
    summary.replaceAll(/\n(?! )/g, '\n  '),
    expected === undefined ? '' : `expected: ${indented(expected)}`,
    actual === undefined ? '' : `actual:   ${indented(actual)}`,
    `remedy:   ${indented(remedy)}`,
    link === undefined ? '' : `see:      ${indented(link)}`
  ]
    .filter((line) => line !== '')
    .join('\n')
}

function indented(text: string): string {
  return text.replaceAll('\n', `\n${' '.repeat(10)}`)
}

/** A finding as text, for a log or an annotation. */
import type { FindingFacts } from '../core/finding.ts'
import type { PlacedFinding } from './findings.ts'
import { helpFor } from '../core/help.ts'

/** Indents the lines of foreign text: only our own lines start at the margin. */
export function textOf({
  target,
  id,
  summary,
  expected,
  actual,
  certainty,
  remedy,
  command,
  link
}: FindingFacts & Pick<PlacedFinding, 'target'>): string {
  return [
    `${target === undefined ? '' : `${target}: `}${summary.replaceAll(/\n(?! )/g, '\n  ')}`,
    expected === undefined ? '' : `expected: ${indent(expected)}`,
    actual === undefined ? '' : `actual:   ${indent(actual)}`,
    certainty === undefined ? '' : 'likely:   this is the usual explanation; others are possible',
    `remedy:   ${indent(remedy)}`,
    command === undefined ? '' : `command:  ${indent(command)}`,
    link === undefined ? '' : `see:      ${indent(link)}`,
    `help:     ${helpFor(id)}`
  ]
    .filter((line) => line !== '')
    .join('\n')
}

function indent(text: string): string {
  return text.replaceAll('\n', `\n${' '.repeat(10)}`)
}

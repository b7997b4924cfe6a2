/** Findings with what to do about each: those that need action first, notes folded away. */
import type { VNode } from 'preact'
import { groupByRemedy, type Action } from '../actions.ts'
import { needsAction, ownerOf, type PlacedFinding } from '../findings.ts'
import { documentationHref } from '../markdown-text.ts'
import type { Report } from '../report.ts'
import { code, details, element, MOST_ROWS, type Child } from './element.ts'
import type { Tone } from '../tone.ts'

export function actionsOf({ findings }: Pick<Report, 'findings'>): Child {
  const actions = groupByRemedy(findings.filter(needsAction))
  if (actions.length === 0) return undefined
  return [element('h3', {}, 'What to do'), ...listed(actions)]
}

export function notesOf({ findings }: Pick<Report, 'findings'>): VNode | undefined {
  const notes = groupByRemedy(findings.filter((finding) => !needsAction(finding)))
  return notes.length === 0 ? undefined : details(`Notes (${notes.length})`, listed(notes))
}

function listed(actions: readonly Action[]): readonly Child[] {
  const left = actions.length - MOST_ROWS
  return [
    ...actions.slice(0, MOST_ROWS).map(actionOf),
    ...(left > 0 ? [element('p', {}, `${left} more in the JSON report.`)] : [])
  ]
}

function actionOf(action: Action): Child {
  const [first] = action
  if (!first) return undefined
  const { remedy, command, link, because } = first
  // A consequence needs no remedy of its own.
  if (because !== undefined) return element('div', { class: 'finding grey' }, action.map(factsOf))
  const tone: Tone = first.severity === 'error' ? 'bad' : first.severity === 'warning' ? 'warn' : 'grey'
  return element(
    'div',
    { class: `finding ${tone}` },
    action.map(factsOf),
    element('p', {}, element('strong', {}, 'Remedy: '), remedy, linkOf(link)),
    command === undefined ? undefined : element('pre', {}, command)
  )
}

function factsOf(finding: PlacedFinding): VNode {
  const { id, summary, expected, actual, code: answered, certainty, because } = finding
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Expected', expected],
    ['Found', expected === undefined ? undefined : (actual ?? 'nothing')],
    ['Code', answered],
    ['Because of', because]
  ]
  return element(
    'div',
    {},
    element('p', {}, element('strong', {}, `${ownerOf(finding)}: `), summary, ' ', code(id)),
    certainty === undefined
      ? undefined
      : element('p', { class: 'soft' }, 'Likely; other explanations are possible.'),
    element(
      'ul',
      { class: 'facts' },
      facts.flatMap(([name, value]) =>
        value === undefined ? [] : [element('li', {}, `${name}: `, code(value))]
      )
    )
  )
}

/** An address that does not lead to the documentation is text. */
function linkOf(link: string | undefined): Child {
  if (link === undefined) return undefined
  const href = documentationHref(link)
  return href === undefined
    ? [' (', code(link), ')']
    : [' (', element('a', { href, rel: 'noreferrer' }, 'why'), ')']
}

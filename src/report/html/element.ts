/**
 * Elements of the page. Preact escapes all text and values of attributes; what is foreign is also freed of invisible
 * characters and shortened here, so that no part of the page can forget it.
 */
import { h, type ComponentChild, type VNode } from 'preact'
import { toSafeText } from '../../core/safe-text.ts'

export type Child = VNode | string | number | undefined | readonly Child[]

/** Characters of one text; the JSON report has the whole of it. */
const LIMIT = 2_000

export function element(
  name: string,
  attributes: Readonly<Record<string, string | number | boolean>> = {},
  ...children: readonly Child[]
): VNode {
  return h(name, { ...attributes }, ...children.map(shown))
}

function shown(child: Child): ComponentChild {
  if (typeof child === 'string') return toSafeText(child, LIMIT)
  return isList(child) ? child.map(shown) : child
}

function isList(child: Child): child is readonly Child[] {
  return Array.isArray(child)
}

/** A value that somebody may want to copy. */
export function code(text: string): VNode {
  return element('code', {}, text)
}

/** @param rows the cells of each row; @param most how many are shown */
export function table(
  head: readonly string[],
  rows: readonly (readonly Child[])[],
  { name = 'wide', most = MOST_ROWS } = {}
): VNode | undefined {
  if (rows.length === 0) return undefined
  const shownRows = rows.slice(0, most).map((cells) =>
    element(
      'tr',
      {},
      cells.map((cell, index) => cellOf(cell, index, head[index] ?? ''))
    )
  )
  return element(
    'div',
    { class: name },
    element(
      'table',
      {},
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          head.map((text) => element('th', { scope: 'col' }, text))
        )
      ),
      element('tbody', {}, shownRows)
    ),
    rows.length > most ? element('p', {}, `${rows.length - most} more in the JSON report.`) : undefined
  )
}

/** Nobody reads more rows of one table. */
export const MOST_ROWS = 500

/** @param of its column: on a phone there is no head */
function cellOf(child: Child, index: number, of: string): VNode {
  return index === 0
    ? element('th', { scope: 'row' }, child)
    : element('td', { 'data-of': toSafeText(of, LIMIT) }, child)
}

/** Folded away on the screen; printed, it is open. */
export function details(title: string, ...body: readonly Child[]): VNode | undefined {
  if (body.every((part) => part === undefined)) return undefined
  return element('details', {}, element('summary', {}, title), body)
}

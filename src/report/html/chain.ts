/** The chain of trust as a drawing: each resource a box in the color of its result, arrows in the direction of trust. */
import type { VNode } from 'preact'
import { shorten } from '../../core/safe-text.ts'
import type { ResourceKind } from '../../core/finding-titles.ts'
import type { Report } from '../report.ts'
import { element } from './element.ts'
import { toneOf } from '../tone.ts'

type ChainReport = Pick<Report, 'resources' | 'verifications'>

interface Box {
  readonly title: string
  /** Below it: more of the title, then the result. */
  readonly detail: string
  readonly result: ReturnType<typeof resultOf>
  readonly column: number
  readonly row: number
}

/** In units of the drawing. */
const SIZE = { width: 148, height: 62, gapX: 36, gapY: 34, margin: 4 }
const NAME = 19

/** @returns undefined where no resource was read */
export function chainOf(report: ChainReport): VNode | undefined {
  if (report.resources.length === 0) return undefined
  const organizations = organizationsOf(report)
  const low = Math.max(1, organizations.length)
  const box = (title: string, detail: string, kind: ResourceKind, column: number, row: number): Box => ({
    title,
    detail,
    result: resultOf(report, kind),
    column,
    row
  })
  const cluster = box('Cluster', 'OIDC issuer', 'cluster', 0, 0)
  const credential = box('Federated credential', 'issuer and subject', 'federated-credential', 1, 0)
  const identity = box('Managed identity', 'no secret', 'identity', 2, 0)
  const argocd = box('Argo CD', 'repo-server', 'argocd', 0, low)
  const pods = box('Pods', 'carry the identity', 'workload', 2, low)
  const secret = box('Repository Secret', 'no password', 'connection', 3, low)
  const { access, argocd: seen, charts: pulled } = report.verifications
  const read: Box = {
    title: 'Access',
    detail: 'verification',
    result: access?.result ?? 'skipped',
    column: 5,
    row: 0
  }
  const members = organizations.map((organization, row) => {
    const of = organization ?? ''
    return [
      {
        ...box('Member', of === '' ? 'Basic license' : of, 'entitlement', 3, row),
        result: resultOf(report, 'entitlement', organization)
      },
      {
        ...box('May read', of === '' ? 'project' : of, 'permission', 4, row),
        result: resultOf(report, 'permission', organization)
      }
    ] as const
  })
  const application = report.resources.some(({ resource }) => resource === 'application')
    ? [box('Application', 'on the repository', 'application', 4, low)]
    : []
  const word: readonly Box[] = seen
    ? [{ title: 'Argo CD itself', detail: 'verification', result: seen.result, column: 5, row: low }]
    : []
  const charts = report.resources.some(({ resource }) => resource === 'charts')
    ? [
        box('Registries', 'may pull', 'registry', 3, low + 1),
        box('Helm Secrets', 'no password', 'charts', 4, low + 1),
        ...(pulled
          ? [{ title: 'Charts', detail: 'verification', result: pulled.result, column: 5, row: low + 1 }]
          : [])
      ]
    : []
  const tail = [secret, ...application, ...word]
  const arrows: readonly (readonly [Box, Box])[] = [
    [cluster, credential],
    [credential, identity],
    ...members.flatMap(
      ([member, reader]) =>
        [
          [identity, member],
          [member, reader],
          [reader, read]
        ] as const
    ),
    [argocd, credential],
    [identity, pods],
    [argocd, pods],
    [pods, secret],
    ...charts.slice(0, 1).map((to) => [identity, to] as const),
    ...charts.slice(1).map((to, index) => [charts[index] ?? secret, to] as const),
    ...tail.slice(1).map((to, index) => [tail[index] ?? secret, to] as const)
  ]
  const boxes = [cluster, credential, identity, argocd, pods, ...members.flat(), read, ...tail, ...charts]
  const [width, height] = [
    6 * (SIZE.width + SIZE.gapX),
    (low + (charts.length === 0 ? 1 : 2)) * (SIZE.height + SIZE.gapY)
  ]
  return element(
    'div',
    { class: 'chain' },
    element(
      'svg',
      {
        viewBox: `0 0 ${width - SIZE.gapX + 2 * SIZE.margin} ${height - SIZE.gapY + 2 * SIZE.margin}`,
        role: 'img'
      },
      element('title', {}, describe(boxes)),
      element(
        'defs',
        {},
        element(
          'marker',
          {
            id: 'tip',
            viewBox: '0 0 8 8',
            refX: 7,
            refY: 4,
            markerWidth: 7,
            markerHeight: 7,
            orient: 'auto'
          },
          element('path', { d: 'M0 0L8 4L0 8z' })
        )
      ),
      arrows.map(([from, to]) => element('path', { d: arrowOf(from, to), 'marker-end': 'url(#tip)' })),
      boxes.map(drawingOf)
    )
  )
}

function resultOf(
  { resources }: ChainReport,
  kind: ResourceKind,
  organization?: string
): Report['resources'][number]['result'] | Report['verification']['result'] {
  const found = resources.find((one) => one.resource === kind && one.organization === organization)
  return found?.result ?? 'unknown'
}

/** One, without a name, where the run has only one. */
function organizationsOf({ resources }: ChainReport): readonly (string | undefined)[] {
  const named = resources.flatMap(({ organization }) => organization ?? [])
  return named.length === 0 ? [undefined] : [...new Set(named)]
}

function cornerOf({ column, row }: Box): readonly [x: number, y: number] {
  return [SIZE.margin + column * (SIZE.width + SIZE.gapX), SIZE.margin + row * (SIZE.height + SIZE.gapY)]
}

function drawingOf(box: Box): VNode {
  const [x, y] = cornerOf(box)
  const middle = x + SIZE.width / 2
  const line = (offset: number, text: string, name = 'word'): VNode =>
    element('text', { x: middle, y: y + offset, class: name }, text)
  return element(
    'g',
    { class: toneOf(box.result) },
    element('rect', { x, y, width: SIZE.width, height: SIZE.height, rx: 6 }),
    line(20, box.title, 'name'),
    line(37, shorten(box.detail, NAME)),
    line(54, box.result)
  )
}

/** From the right edge to the left one of the next column; within a column from the bottom to the top. */
function arrowOf(from: Box, to: Box): string {
  const [[x, y], [toX, toY]] = [cornerOf(from), cornerOf(to)]
  const { width, height, gapX } = SIZE
  if (from.column === to.column) return `M${x + width / 2} ${y + height}V${toY}`
  const [startX, startY, endY] = [x + width, y + height / 2, toY + height / 2]
  if (startY === endY) return `M${startX} ${startY}H${toX}`
  const bend = toX - gapX / 2
  return `M${startX} ${startY}H${bend}V${endY}H${toX}`
}

/** For those who hear the page. */
function describe(boxes: readonly Box[]): string {
  return `The chain of trust: ${boxes.map(({ title, result }) => `${title} ${result}`).join(', ')}.`
}

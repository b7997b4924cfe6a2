/** docs/report.md is what readers of the JSON build on: it and the real report must name the same fields. */
import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { HOPS } from '../../src/engine/outcome.ts'
import { useWorld } from '../world.ts'

const world = useWorld({ shared: true })

interface Row {
  readonly fields: readonly string[]
  readonly type: string
  readonly words: readonly string[]
}
const ROWS: readonly Row[] = readFileSync('docs/report.md', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => {
    const [fields = '', type = '', text = ''] = line
      .split(' | ')
      .map((part) => part.replace(/^\| | \|$/g, ''))
    const words = (part: string): string[] => [...part.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word)
    return { fields: words(fields), type, words: words(text).map((word) => word.replace('[]', '')) }
  })
const rowOf = (field: string): Row | undefined => ROWS.find(({ fields }) => fields.includes(field))

/** Every field of `value` that the document does not name in its place. */
function unnamed(value: object, place: string): string[] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    const path = `${place}${key}`
    if (Array.isArray(inner)) {
      if (!rowOf(`${path}[]`)) return rowOf(place.replace(/\.$/, ''))?.words.includes(key) ? [] : [path]
      return inner.flatMap((one: unknown) => (isObject(one) ? unnamed(one, `${path}[].`) : []))
    }
    const row = rowOf(path)
    if (row) return row.type === (isObject(inner) ? 'object' : typeof inner) ? [] : [`${path}: ${row.type}`]
    const parent = rowOf(place.replace(/\.$/, ''))
    return parent?.words.includes(key) ? [] : [path]
  })
}
const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

test('every field of a real report is in docs/report.md, with its type', async () => {
  const reports = [await world.apply()]
  world.twin.defect('secret-password')
  world.twin.defect('credential-subject')
  reports.push(await world.check(), await world.apply())
  world.twin.defect('cluster-deleted')
  reports.push(await world.check())
  for (const report of reports) {
    const json = JSON.parse(readFileSync(report.outputs.report, 'utf8')) as object
    expect(unnamed(json, '')).toEqual([])
  }
})

test('every hop and every top field of docs/report.md is in a real report', async () => {
  const report = await world.check()
  for (const { fields } of ROWS)
    for (const field of fields.filter((one) => /^\w+$/.test(one))) expect(report).toHaveProperty(field)
  expect(rowOf('hops[].hop')?.words).toEqual(HOPS)
})

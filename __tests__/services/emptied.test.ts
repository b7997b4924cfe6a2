/** Fields that nobody reads are left out while a list arrives; what remains is as it was. */
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Emptied, type Path } from '../../src/services/kubernetes/emptied.ts'
import { unreadOf } from '../../src/services/kubernetes/unread.ts'

const PATHS: readonly Path[] = [
  ['items', 'a', 'b'],
  ['items', 'c'],
  ['ü', 'ü']
]
const KEY = fc.constantFrom('items', 'a', 'b', 'c', '"\\', 'ü', '\\u0061', '', '__proto__')
const { tree: TREE } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6, depthSize: 'large' },
    fc.constantFrom<unknown>(null, true, -1.5e3, '', '"', '\\', '\\"]}', '{"a":["', 'text ü 😀'),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc
      .uniqueArray(fc.tuple(KEY, tie('tree')), { maxLength: 5, selector: ([key]) => key })
      .map((entries) => Object.fromEntries(entries))
  )
}))

/** What the bytes mean once the paths are empty, said in another way. */
function expected(value: unknown, paths: readonly Path[]): unknown {
  if (Array.isArray(value)) {
    if (paths.some((path) => path.length === 0)) return []
    return value.map((item) => expected(item, paths))
  }
  const here = paths.some((path) => path.length === 0)
  if (typeof value === 'string') return here ? '' : value
  if (typeof value !== 'object' || value === null) return value
  if (here) return {}
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      expected(
        inner,
        paths.filter(([first]) => first === key).map((path) => path.slice(1))
      )
    ])
  )
}

function written(emptied: Emptied, bytes: Uint8Array, size: number): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length; at += size) parts.push(emptied.write(bytes.subarray(at, at + size)))
  return Buffer.concat(parts)
}

test('however the bytes are cut and indented, exactly the values at the paths are empty', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        TREE,
        TREE.map((items) => ({ items }))
      ),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 0, max: 2 }),
      (tree, size, indent) => {
        const bytes = Buffer.from(JSON.stringify(tree, undefined, indent))
        const rest = written(new Emptied(PATHS), bytes, size).toString('utf8')
        expect(JSON.parse(rest)).toEqual(expected(tree, PATHS))
      }
    )
  )
})

test('without a path that leads into it, no byte is changed, whatever the bytes are', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 40 }), (bytes, size) => {
      expect(written(new Emptied([['nothing', 'of', 'this']]), bytes, size)).toEqual(Buffer.from(bytes))
    })
  )
})

test('what is no JSON does not become JSON', () => {
  for (const text of [
    '{"items":[{"c":[1',
    '{"items":[{"c":"',
    '{"items":[{"c":[]}',
    '<html>"',
    '{"items":{"c":{}'
  ])
    expect(
      () => JSON.parse(written(new Emptied(PATHS), Buffer.from(text), 7).toString('utf8')) as unknown
    ).toThrow()
})

test('only lists of Applications and ApplicationSets leave anything out', () => {
  const list = '/apis/argoproj.io/v1alpha1'
  const leaving = (method: string, path: string): boolean => unreadOf(method, path) !== undefined
  expect(leaving('GET', `${list}/applications?limit=500`)).toBe(true)
  expect(leaving('GET', `/k8s/clusters/c-1${list}/namespaces/argocd/applicationsets`)).toBe(true)
  expect(leaving('GET', `${list}/namespaces/argocd/applications/shop`)).toBe(false)
  expect(leaving('POST', `${list}/namespaces/argocd/applications`)).toBe(false)
  expect(leaving('GET', '/api/v1/namespaces/argocd/secrets?limit=500')).toBe(false)
  expect(leaving('GET', '/apis/apps/v1/deployments?x=/apis/argoproj.io/v1alpha1/applications')).toBe(false)
})

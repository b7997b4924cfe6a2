/** Tags as Azure takes them: each fault by itself, with the way to write it. */
import { describe, expect, test } from '@jest/globals'
import { tagsOf } from '../../src/config/tag-rules.ts'

const read = (...lines: string[]) => {
  const faults: string[] = []
  const tags = tagsOf(lines, (input, problem, remedy) => faults.push(`${input}: ${problem} ${remedy}`))
  return { tags, faults }
}

test('names and values, with blanks around them, empty values, and = in values', () => {
  expect(read('costCenter=4711', ' Owner = platform = team ', 'empty=')).toEqual({
    tags: { costCenter: '4711', Owner: 'platform = team', empty: '' },
    faults: []
  })
  expect(read()).toEqual({ tags: {}, faults: [] })
})

describe('is refused, with the reason:', () => {
  test.each<[line: string, reason: RegExp]>([
    ['costCenter', /"costCenter" is not a tag\. Write one name=value per line/],
    ['=4711', /is not a tag/],
    ['cost/center=1', /not a name Azure allows/],
    ['cost?=1', /not a name Azure allows/],
    [`${'x'.repeat(513)}=1`, /512 characters/],
    [`x=${'y'.repeat(257)}`, /256 characters/],
    ['managed-by=terraform', /Patless itself sets managed-by/],
    ['Managed-By=me', /Patless itself sets managed-by/]
  ])('%s', (line, reason) => {
    expect(read(line).faults).toEqual([expect.stringMatching(reason)])
  })

  test('a name that differs from another in its case only', () => {
    expect(read('owner=a', 'OWNER=b').faults).toEqual([expect.stringMatching(/OWNER is given twice/)])
  })

  test('the fiftieth', () => {
    const lines = Array.from({ length: 49 }, (_, count) => `tag${count}=x`)
    expect(read(...lines).faults).toEqual([])
    expect(read(...lines, 'one=more').faults).toEqual([expect.stringMatching(/There are 50 tags/)])
  })

  test('nothing for a name that JavaScript knows as another thing', () => {
    const { tags, faults } = read('__proto__=x', 'constructor=y')
    expect(faults).toEqual([])
    expect(JSON.stringify(tags)).toBe('{"__proto__":"x","constructor":"y"}')
  })
})

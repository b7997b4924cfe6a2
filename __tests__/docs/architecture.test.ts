/** docs/architecture.md says where things are: the named files and functions exist, and the picture is the linter's table. */
import { describe, expect, test } from '@jest/globals'
import { existsSync, readdirSync, readFileSync } from 'node:fs'

const page = readFileSync('docs/architecture.md', 'utf8')
const rules = readFileSync('.dependency-cruiser.js', 'utf8')

const steps = [...page.matchAll(/^\| [^|]+ \| `(src\/[^`]+)` \| `(\w+)` \|$/gm)].map(
  ([, file = '', name = '']) => [file, name] as const
)

describe('the way of a fact', () => {
  test('is documented step by step', () => {
    expect(steps.length).toBeGreaterThan(12)
  })
  test.each(steps)('%s has %s', (file, name) => {
    expect(existsSync(file)).toBe(true)
    expect(readFileSync(file, 'utf8')).toMatch(
      new RegExp(`^export (?:async )?(?:function|const|class|interface|type) ${name}\\b`, 'm')
    )
  })
})

describe('the folders', () => {
  const folders = readdirSync('src', { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
  test('are all in the table, and in the linter', () => {
    const told = [...page.matchAll(/^\| `(\w+)\/` \|/gm)].map(([, name]) => name)
    expect(told.toSorted()).toEqual(folders.toSorted())
    for (const folder of folders) expect(rules).toMatch(new RegExp(`^ {2}${folder}: \\[`, 'm'))
  })
  test('are drawn as the linter has them: each arrow is an import that it allows', () => {
    const allowed = (from: string, to: string): boolean =>
      new RegExp(`^ {2}${from}: \\[[^\\]]*'${to}'`, 'm').test(rules)
    const chains = page.match(/^ {2}\w+(?: -\.?->? ?\w*.*)$/gm) ?? []
    const arrows = chains.flatMap((line) => {
      const names = line.trim().split(/\s*-\.?-+>\s*/)
      return names.slice(1).map((to, index) => [names[index] ?? '', to] as const)
    })
    expect(arrows.length).toBeGreaterThan(12)
    for (const [from, to] of arrows)
      if (from !== 'main') expect([from, to, allowed(from, to)]).toEqual([from, to, true])
  })
})

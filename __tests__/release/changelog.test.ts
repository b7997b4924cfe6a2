/** The changelog of a release, and what is not ready for one. */
import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { changelogFaults, released, sectionsOf } from '../../scripts/release/changelog.ts'

const LINKS = `
[Unreleased]: https://github.com/patless/patless/compare/v0.1.0...HEAD
[0.1.0]: https://github.com/patless/patless/releases/tag/v0.1.0
`
const OLD = '## [0.1.0] - 2026-01-02\n\n### Added\n\n- everything\n'
const open = (entries: string): string => `# Changelog\n\n## [Unreleased]\n\n${entries}${OLD}${LINKS}`

test('what was unreleased becomes the section of the version, and the links follow', () => {
  const text = released(open('- a fix\n\n'), '0.2.0', '2026-03-04')
  expect(sectionsOf(text)).toEqual([
    { name: 'Unreleased', body: '' },
    { name: '0.2.0', date: '2026-03-04', body: '- a fix' },
    { name: '0.1.0', date: '2026-01-02', body: '### Added\n\n- everything' }
  ])
  expect(text).toContain('[Unreleased]: https://github.com/patless/patless/compare/v0.2.0...HEAD\n')
  expect(text).toContain('[0.2.0]: https://github.com/patless/patless/compare/v0.1.0...v0.2.0\n')
  expect(changelogFaults(text, '0.2.0')).toEqual([])
})

test('a section that is already written gets the date of the day', () => {
  const text = released(open(''), '0.1.0', '2026-03-04')
  expect(text).toBe(open('').replace('2026-01-02', '2026-03-04'))
})

describe('not ready', () => {
  test('nothing to release, entries beside the section, no [Unreleased]', () => {
    expect(() => released(open(''), '0.2.0', '2026-03-04')).toThrow('no entry in [Unreleased]')
    expect(() => released(open('- a fix\n\n'), '0.1.0', '2026-03-04')).toThrow('beside [0.1.0]')
    expect(() => released(OLD, '0.2.0', '2026-03-04')).toThrow('no section [Unreleased]')
  })

  test.each([
    [open('- a fix\n\n'), '0.1.0', ['[Unreleased] has entries']],
    [open(''), '0.2.0', ['no section [0.2.0]']],
    [open('').replace(' - 2026-01-02', ''), '0.1.0', ['no date']],
    [open('').replace('### Added\n\n- everything\n', ''), '0.1.0', ['is empty']],
    [
      open('').replace('## [0.1.0]', '## [0.2.0] - 2026-03-04\n\n- more\n\n## [0.1.0]'),
      '0.1.0',
      ['not the newest']
    ]
  ])('%#', (text, version, faults) => {
    const found = changelogFaults(text, version)
    expect(found).toHaveLength(faults.length)
    for (const [number, fault] of faults.entries()) expect(found[number]).toContain(fault)
  })
})

test("this project's own is in that form", () => {
  const sections = sectionsOf(readFileSync('CHANGELOG.md', 'utf8'))
  expect(sections[0]?.name).toBe('Unreleased')
  for (const { name, date, body } of sections.slice(1)) {
    expect(name).toMatch(/^\d+\.\d+\.\d+$/)
    expect(date).toMatch(/^\d{4}-\d{2}-\d{2}$/)
    expect(body).toMatch(/^### (?:Added|Changed|Deprecated|Removed|Fixed|Security)$/m)
  }
})

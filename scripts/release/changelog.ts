/**
 * CHANGELOG.md in the format of keepachangelog.com: `## [Unreleased]`, then `## [X.Y.Z] - YYYY-MM-DD`, newest first.
 */

const HEADING = /^## \[(?<name>[^\]]+)\](?: - (?<date>\d{4}-\d{2}-\d{2}))?$/gm

interface Section {
  readonly name: string
  readonly date?: string
  /** Without the heading, trimmed. */
  readonly body: string
}

/** @returns the sections, in the order of the file, without the links at its end */
export function sectionsOf(changelog: string): Section[] {
  const text = changelog.replace(/\n\[[^\]]+\]: http[^]*$/, '\n')
  const headings = [...text.matchAll(HEADING)]
  return headings.map(({ index, 0: line, groups }, number) => {
    const end = headings[number + 1]?.index ?? text.length
    const { name = '', date } = groups ?? {}
    const body = text.slice(index + line.length, end).trim()
    return date === undefined ? { name, body } : { name, date, body }
  })
}

/**
 * The changelog of a release: the unreleased entries become the version's section, with the date. A section that
 * already exists for the version keeps its text and gets the date.
 *
 * @throws {Error} when there are no entries, or both sections have some
 */
export function released(changelog: string, version: string, date: string): string {
  const sections = sectionsOf(changelog)
  const unreleased = sections.find(({ name }) => name === 'Unreleased')
  if (!unreleased) throw new Error('CHANGELOG.md has no section [Unreleased].')
  const prepared = sections.find(({ name }) => name === version)
  if (prepared) {
    if (unreleased.body !== '')
      throw new Error(`CHANGELOG.md has entries in [Unreleased] beside [${version}]: move them there.`)
    return changelog.replace(headingOf(prepared), `## [${version}] - ${date}`)
  }
  if (unreleased.body === '')
    throw new Error('CHANGELOG.md has no entry in [Unreleased]: write what changed.')
  const before = sections[1]?.name
  const compared = before === undefined ? `releases/tag/v${version}` : `compare/v${before}...v${version}`
  const repository = 'https://github.com/patless/patless'
  return changelog
    .replace('## [Unreleased]', `## [Unreleased]\n\n## [${version}] - ${date}`)
    .replace(
      /^\[Unreleased\]: .*$/m,
      `[Unreleased]: ${repository}/compare/v${version}...HEAD\n[${version}]: ${repository}/${compared}`
    )
}

/** The faults of the changelog for a release of this version. */
export function changelogFaults(changelog: string, version: string): string[] {
  const sections = sectionsOf(changelog)
  const section = sections.find(({ name }) => name === version)
  if (!section) return [`CHANGELOG.md has no section [${version}]`]
  return [
    ...(section.date === undefined ? [`CHANGELOG.md: [${version}] has no date`] : []),
    ...(section.body === '' ? [`CHANGELOG.md: [${version}] is empty`] : []),
    ...sections.flatMap(({ name, body }) =>
      name === 'Unreleased' && body !== '' ? ['CHANGELOG.md: [Unreleased] has entries'] : []
    ),
    ...(sections.find(({ name }) => name !== 'Unreleased') === section
      ? []
      : [`CHANGELOG.md: [${version}] is not the newest section`])
  ]
}

function headingOf({ name, date }: Section): string {
  return `## [${name}]${date === undefined ? '' : ` - ${date}`}`
}

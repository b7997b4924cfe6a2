/** Checks that must pass before anything is published. They report every fault, not only the first. */
import { execFileSync } from 'node:child_process'
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { manifestFiles } from '../manifests.ts'
import { changelogFaults } from './changelog.ts'

/**
 * Checks the tree in the working directory.
 *
 * @param ref the git ref that is released; a ref that is not a tag is only valid for a rehearsal
 * @returns the faults; none when it may be released
 */
export function releaseFaults(ref: string, rehearsal: boolean): string[] {
  return [...refFaults(ref, versionOf(), rehearsal), ...versionFaults(), ...bundleFaults()]
}

export function versionOf(): string {
  const { version } = read('package.json') as { version: string }
  return version
}

export function refFaults(ref: string, version: string, rehearsal: boolean): string[] {
  if (!/^\d+\.\d+\.\d+$/.test(version)) return [`package.json: the version ${version} is not X.Y.Z`]
  if (ref === `refs/tags/v${version}`) return []
  if (rehearsal && !ref.startsWith('refs/tags/')) return []
  return [`${ref === '' ? 'no ref' : ref} is released; expected: refs/tags/v${version}, from package.json`]
}

/** Checks every file that has the version. */
export function versionFaults(): string[] {
  const version = versionOf()
  const lock = read('package-lock.json') as { version: string; packages: Record<string, { version: string }> }
  const bill = read('dist', 'sbom.cdx.json') as { metadata: { component: { version: string } } }
  const found = {
    'package-lock.json': lock.version,
    'package-lock.json, packages': lock.packages['']?.version,
    'dist/sbom.cdx.json': bill.metadata.component.version
  }
  return [
    ...Object.entries(found).flatMap(([name, one]) =>
      one === version ? [] : [`${name} has version ${String(one)}; expected: ${version}`]
    ),
    ...Object.entries(manifestFiles()).flatMap(([name, text]) =>
      readFileSync(name, 'utf8') === text ? [] : [`${name} is not what npm run manifests makes`]
    ),
    ...changelogFaults(readFileSync('CHANGELOG.md', 'utf8'), version)
  ]
}

/** dist/ must match a build of src/ byte for byte. */
function bundleFaults(): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'patless-fresh-'))
  try {
    const fresh = join(folder, 'dist')
    execFileSync(process.execPath, ['scripts/build.js', fresh], { stdio: ['ignore', 'ignore', 'inherit'] })
    return differencesBetween('dist', fresh)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @returns the differences in `folder`: names, contents, anything but plain files, and executable files */
export function differencesBetween(folder: string, fresh: string): string[] {
  const [has, expected] = [filesOf(folder), filesOf(fresh)]
  return [...new Set([...has, ...expected])].sort().flatMap((name) => {
    const path = `${folder}/${name}`
    if (!expected.has(name)) return [`${path} is not in a fresh build`]
    if (!has.has(name)) return [`${path} is missing`]
    const stat = lstatSync(path)
    if (!stat.isFile()) return [`${path} is no file`]
    if ((stat.mode & 0o111) !== 0) return [`${path} is executable`]
    return readFileSync(path).equals(readFileSync(join(fresh, name)))
      ? []
      : [`${path} differs from a fresh build`]
  })
}

/** Everything below it except plain folders; links are included. */
function filesOf(folder: string): Set<string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  return new Set(
    entries
      .filter((entry) => !entry.isDirectory())
      .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
  )
}

function read(...path: string[]): unknown {
  return JSON.parse(readFileSync(join(...path), 'utf8'))
}

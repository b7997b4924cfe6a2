/** The files of a release, in one folder that the workflow passes between its jobs. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makePackage } from '../package.ts'
import { sectionsOf } from './changelog.ts'
import { versionOf } from './verify.ts'

/**
 * `assets/`: the files of the GitHub release (tarball, .vsix, SBOM, SHA256SUMS). Next to it `notes.md`, its text, and
 * `subjects.sha256`, the subjects of the attestation: the assets and every file of dist/, which the action runs from
 * git.
 *
 * @param folder must not exist yet, or be empty
 */
export function makeAssets(folder: string): void {
  const assets = join(folder, 'assets')
  mkdirSync(assets, { recursive: true })
  if (readdirSync(assets).length > 0) throw new Error(`${assets} is not empty.`)
  const version = versionOf()
  makeTarball(assets)
  makePackage(assets)
  copyFileSync('dist/sbom.cdx.json', join(assets, `patless-${version}.cdx.json`))
  const sums = sumsOf(assets)
  writeFileSync(join(assets, 'SHA256SUMS'), sums)
  writeFileSync(join(folder, 'subjects.sha256'), sums + sumsOf('dist', 'dist/'))
  writeFileSync(join(folder, 'notes.md'), notesOf(version))
}

/** @returns the path of the npm package. Scripts in package.json do not run. */
export function makeTarball(folder: string): string {
  const said = execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe']
  })
  const [packed] = Object.values(JSON.parse(said) as Record<string, { filename: string }>)
  if (!packed) throw new Error(`npm pack made nothing: ${said}`)
  return join(folder, packed.filename)
}

/** The changelog's section, and how to verify the attached files. */
function notesOf(version: string): string {
  const section = sectionsOf(readFileSync('CHANGELOG.md', 'utf8')).find(({ name }) => name === version)
  if (!section) throw new Error(`CHANGELOG.md has no section [${version}].`)
  return `${section.body}

**Verify** the origin of a file: \`gh attestation verify patless-${version}.tgz --repo patless/patless\`
`
}

/** Lines in the format of `sha256sum`. */
function sumsOf(folder: string, prefix = ''): string {
  return readdirSync(folder)
    .sort()
    .map((name) => {
      const sum = createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex')
      return `${sum}  ${prefix}${name}\n`
    })
    .join('')
}

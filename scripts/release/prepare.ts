/** `npm run release -- X.Y.Z`: makes a tagged commit from a clean main. It pushes nothing. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { released } from './changelog.ts'
import { versionFaults, versionOf } from './verify.ts'

/**
 * Bumps the version, dates the changelog, makes manifests and bundle, commits what changed, and tags.
 *
 * @param today YYYY-MM-DD
 * @returns the command that starts the release
 * @throws {Error} before the first write, when the tree is not ready for it
 */
export function prepareRelease(version: string, today: string): string {
  const tag = `v${version}`
  const faults = readinessFaults(version)
  if (faults.length > 0) throw new Error(`Not ready for ${tag}:\n  ${faults.join('\n  ')}`)
  const changelog = released(readFileSync('CHANGELOG.md', 'utf8'), version, today)
  if (versionOf() !== version)
    run('npm', 'version', version, '--no-git-tag-version', '--ignore-scripts', '--allow-same-version')
  writeFileSync('CHANGELOG.md', changelog)
  // In a new process, because it imports src/, which contains the version.
  run(process.execPath, '--no-warnings', 'scripts/manifests.ts')
  run(process.execPath, 'scripts/build.js')
  const left = versionFaults()
  if (left.length > 0) throw new Error(`Not committed, because:\n  ${left.join('\n  ')}`)
  run('git', 'add', '--all')
  if (run('git', 'status', '--porcelain') !== '')
    run('git', 'commit', '--quiet', '--message', `Release ${version}`)
  run('git', 'tag', '--annotate', tag, '--message', `Patless ${version}`)
  return `git push --atomic origin main ${tag}`
}

function readinessFaults(version: string): string[] {
  if (!/^\d+\.\d+\.\d+$/.test(version)) return [`${version} is not a version of the form X.Y.Z`]
  const branch = run('git', 'branch', '--show-current')
  const tags = run('git', 'tag', '--list', 'v*.*.*').split('\n').filter(Boolean)
  const newest = tags
    .map((tag) => tag.slice(1))
    .sort(compareVersions)
    .at(-1)
  return [
    ...(branch === 'main' ? [] : [`the branch is ${branch}; expected: main`]),
    ...(run('git', 'status', '--porcelain') === '' ? [] : ['the tree has changes: commit or stash them']),
    ...(tags.includes(`v${version}`) ? [`the tag v${version} exists`] : []),
    ...(newest !== undefined && compareVersions(version, newest) < 0 ? [`${newest} is already released`] : [])
  ]
}

function compareVersions(one: string, other: string): number {
  const [a, b] = [one, other].map((version) => version.split('.').map(Number))
  const difference = a?.map((number, place) => number - (b?.[place] ?? 0)).find((step) => step !== 0)
  return difference ?? 0
}

function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim()
}

/** A copy of this working tree, to break or to release. */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** @param options.packages also what is installed: as links to the same files, where the file system allows it */
export function copyTree(to: string, options: { readonly packages: boolean }): void {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'])
  const names = listed
    .toString()
    .split('\0')
    .filter((name) => name !== '' && existsSync(name))
  for (const name of names) cpSync(name, join(to, name))
  if (!options.packages) return
  // Without the caches: others write to them while this runs.
  const packages = readdirSync('node_modules').filter((name) => name !== '.cache')
  const copies = join(to, 'node_modules')
  const copy = (how: string): boolean => {
    rmSync(copies, { recursive: true, force: true })
    mkdirSync(copies, { recursive: true })
    const from = packages.map((name) => join('node_modules', name))
    return spawnSync('cp', [how, ...from, copies], { stdio: 'ignore' }).status === 0
  }
  if (!copy('-al') && !copy('-a')) throw new Error('node_modules could not be copied')
}

/** Makes the copy a repository with one commit on main. @returns runs git there */
export function commitTree(tree: string): (...args: string[]) => string {
  const environment = {
    PATH: process.env['PATH'] ?? '',
    HOME: tree,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'release',
    GIT_AUTHOR_EMAIL: 'release@contoso.example',
    GIT_COMMITTER_NAME: 'release',
    GIT_COMMITTER_EMAIL: 'release@contoso.example'
  }
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: tree, env: environment, encoding: 'utf8' }).trim()
  git('init', '--quiet', '--initial-branch', 'main')
  git('add', '--all')
  git('commit', '--quiet', '--message', 'Everything')
  return git
}

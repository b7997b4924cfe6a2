/** `npm run release -- X.Y.Z` in a copy of this tree, and the tags around it in real repositories. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { commitTree, copyTree } from './tree.ts'

const folder = mkdtempSync(join(tmpdir(), 'patless-prepare-'))
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe('one command', () => {
  const tree = join(folder, 'tree')
  let git: (...args: string[]) => string
  const release = (version: string): { status: number | null; said: string } => {
    const identity = Object.fromEntries(
      ['AUTHOR', 'COMMITTER'].flatMap((who) => [
        [`GIT_${who}_NAME`, 'release'],
        [`GIT_${who}_EMAIL`, 'release@contoso.example']
      ])
    ) as Record<string, string>
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--no-warnings', 'scripts/release/main.ts', version],
      { cwd: tree, encoding: 'utf8', env: { ...process.env, ...identity } }
    )
    return { status, said: stdout + stderr }
  }
  const changelog = (): string => readFileSync(join(tree, 'CHANGELOG.md'), 'utf8')
  const write = (text: string): void => {
    writeFileSync(join(tree, 'CHANGELOG.md'), text)
    git('commit', '--quiet', '--all', '--message', 'An entry')
  }
  beforeAll(() => {
    copyTree(tree, { packages: true })
    git = commitTree(tree)
  })

  test('refuses what is not ready, all at once, and writes nothing', () => {
    git('tag', 'v8.0.0')
    git('switch', '--quiet', '--create', 'topic')
    writeFileSync(join(tree, 'stray.txt'), '')
    const { status, said } = release('7.0.0')
    expect(status).toBe(1)
    for (const fault of ['branch is topic', 'tree has changes', '8.0.0 is already released'])
      expect(said).toContain(fault)
    rmSync(join(tree, 'stray.txt'))
    git('switch', '--quiet', 'main')
    expect(release('8.0.0').said).toContain('the tag v8.0.0 exists')
    expect(release('9.0').said).toContain('not a version of the form X.Y.Z')
    if (!/## \[Unreleased\]\n\n-/.test(changelog()))
      expect(release('9.0.0').said).toContain('no entry in [Unreleased]')
    git('tag', '--delete', 'v8.0.0')
    expect(git('status', '--porcelain')).toBe('')
  })

  test('bumps every manifest, dates the changelog, builds, commits, tags, and pushes nothing', () => {
    write(changelog().replace('## [Unreleased]\n', '## [Unreleased]\n\n### Fixed\n\n- a fix\n'))
    const { status, said } = release('9.8.7')
    expect(said).toContain('git push --atomic origin main v9.8.7')
    expect(status).toBe(0)
    expect(git('status', '--porcelain')).toBe('')
    expect(git('rev-parse', 'v9.8.7^{commit}')).toBe(git('rev-parse', 'main'))
    const changed = git('show', '--name-only', '--format=%s', 'main').split('\n').filter(Boolean)
    expect(changed.filter((name) => !name.startsWith('dist/')).sort()).toEqual(
      [
        ...['Release 9.8.7', 'CHANGELOG.md', 'README.md', 'docs/security.md', 'examples/apply.yml'],
        ...['docs/how-to/export.md', 'docs/how-to/remove.md', 'docs/how-to/terminal.md'],
        ...[
          'examples/another-tenant.yml',
          'examples/audit.yml',
          'examples/charts.yml',
          'examples/check.yml',
          'examples/targets.yml'
        ],
        ...['examples/many-clusters-shared.yml', 'examples/many-clusters.yml', 'examples/migrate.yml'],
        ...['extension/overview.md', 'package-lock.json'],
        ...['package.json', 'src/core/version.ts', 'task.json', 'vss-extension.json']
      ].sort()
    )
    expect(changelog()).toMatch(
      /## \[Unreleased\]\n\n## \[9\.8\.7\] - \d{4}-\d\d-\d\d\n\n### Fixed\n\n- a fix\n/
    )
    const said2 = execFileSync(process.execPath, ['bin/patless.js', '--version'], {
      cwd: tree,
      encoding: 'utf8'
    })
    expect(said2).toBe('9.8.7\n')
    expect(git('remote')).toBe('')
  })
})

describe('the major tag', () => {
  const remote = join(folder, 'remote.git')
  const clone = join(folder, 'clone')
  const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim()
  const move = (tag: string): { status: number | null; said: string } => {
    const script = resolve('scripts/release/move-major-tag.sh')
    const { status, stdout, stderr } = spawnSync(script, [tag], { cwd: clone, encoding: 'utf8' })
    return { status, said: stdout + stderr }
  }
  const commitOf = (ref: string): string => git('-C', remote, 'rev-parse', `${ref}^{commit}`)
  beforeAll(() => {
    const work = join(folder, 'work')
    mkdirSync(work)
    writeFileSync(join(work, 'one'), '')
    const inWork = commitTree(work)
    for (const tag of ['v0.1.0', 'v0.2.0', 'v0.9.0', 'v0.10.0', 'v1.0.0']) {
      inWork('commit', '--quiet', '--allow-empty', '--message', tag)
      // One of each kind.
      inWork('tag', ...(tag === 'v0.10.0' ? ['--annotate', '--message', tag] : []), tag)
    }
    git('clone', '--quiet', '--bare', work, remote)
    // As actions/checkout does it.
    git('clone', '--quiet', '--depth', '1', '--no-tags', `file://${remote}`, clone)
  })

  test('is made, points to the commit and not to the tag object, and goes on with the next version', () => {
    git('-C', remote, 'update-ref', 'refs/tags/v0', commitOf('v0.2.0'))
    expect(move('v0.10.0').said).toMatch(/^v0 is v0\.10\.0, commit [0-9a-f]{40}\.$/m)
    expect(git('-C', remote, 'rev-parse', 'v0')).toBe(commitOf('v0.10.0'))
    expect(move('v1.0.0').status).toBe(0)
    expect(git('-C', remote, 'rev-parse', 'v1')).toBe(commitOf('v1.0.0'))
  })

  test('stays where it is for a fix of an older version, and for what is no version', () => {
    expect(move('v0.9.0').said).toContain('v0 stays: v0.10.0 is newer than v0.9.0')
    for (const tag of ['v0', 'main', 'v0.1.0;id', '--force', 'v0.1.0-rc.1', ''])
      expect(`${tag}: ${String(move(tag).status)}`).toBe(`${tag}: 1`)
    expect(git('-C', remote, 'rev-parse', 'v0')).toBe(commitOf('v0.10.0'))
  })
})

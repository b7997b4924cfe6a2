/** What must not be released is not: one byte, one file, one version that is not as it should be. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { differencesBetween, refFaults } from '../../scripts/release/verify.ts'
import { copyTree } from './tree.ts'

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
const fresh = mkdtempSync(join(tmpdir(), 'patless-verify-'))
afterAll(() => {
  rmSync(fresh, { recursive: true, force: true })
})

/** One bit of the byte in the middle. */
function flipOneBit(path: string): void {
  const bytes = readFileSync(path)
  const middle = Math.floor(bytes.length / 2)
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle)
  writeFileSync(path, bytes)
}

describe('the release of a copied tree', () => {
  const tree = join(fresh, 'tree')
  const verify = (): { status: number | null; said: string } => {
    const args = ['--no-warnings', 'scripts/release/main.ts', 'verify', '--ref', `refs/tags/v${version}`]
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: tree, encoding: 'utf8' })
    return { status, said: stdout + stderr }
  }
  beforeAll(() => {
    copyTree(tree, { packages: true })
  })

  test('as it is, it may be released; with one bit of dist/index.js flipped, it may not', () => {
    expect(verify()).toEqual({ status: 0, said: `Patless ${version} may be released.\n` })
    flipOneBit(join(tree, 'dist/index.js'))
    const { status, said } = verify()
    expect(said).toContain('dist/index.js differs from a fresh build')
    expect(status).toBe(1)
    cpSync('dist/index.js', join(tree, 'dist/index.js'))
  })

  test('a version that one manifest does not have, a task made by hand, an entry that nobody released: all at once', () => {
    const change = (path: string, from: string | RegExp, to: string): void => {
      const before = readFileSync(join(tree, path), 'utf8')
      const after = before.replace(from, to)
      expect(after).not.toBe(before)
      writeFileSync(join(tree, path), after)
    }
    change('vss-extension.json', `"version": "${version}"`, '"version": "9.9.9"')
    change('package-lock.json', `"version": "${version}"`, '"version": "9.9.9"')
    change('task.json', '"required": true', '"required": false')
    change('README.md', `# v${version}`, '# v9.9.9')
    change('CHANGELOG.md', '## [Unreleased]\n', '## [Unreleased]\n\n- forgotten\n')
    appendFileSync(join(tree, 'src/main.ts'), "process.stdout.write('not in dist/')\n")
    const { status, said } = verify()
    expect(status).toBe(1)
    for (const fault of [
      'vss-extension.json is not what',
      'package-lock.json has version 9.9.9',
      'task.json is not what',
      'README.md is not what',
      '[Unreleased] has entries',
      'dist/index.js differs from a fresh build'
    ])
      expect(said).toContain(fault)
  })
})

describe('dist/ against a fresh build', () => {
  const built = join(fresh, 'built')
  const tampered = join(fresh, 'tampered')
  beforeAll(() => {
    cpSync('dist', built, { recursive: true })
  })
  beforeEach(() => {
    rmSync(tampered, { recursive: true, force: true })
    cpSync('dist', tampered, { recursive: true })
  })

  test('is the same when nobody touched it', () => {
    expect(differencesBetween(tampered, built)).toEqual([])
  })

  test.each(readdirSync('dist'))('one bit of %s is found', (name) => {
    flipOneBit(join(tampered, name))
    expect(differencesBetween(tampered, built)).toEqual([`${tampered}/${name} differs from a fresh build`])
  })

  test.each<[string, string, () => void]>([
    [
      'a file more',
      'more.js',
      () => {
        writeFileSync(join(tampered, 'more.js'), '')
      }
    ],
    [
      'a hidden one',
      '.hidden',
      () => {
        writeFileSync(join(tampered, '.hidden'), '')
      }
    ],
    [
      'a file less',
      'index.js',
      () => {
        rmSync(join(tampered, 'index.js'))
      }
    ],
    [
      'an executable one',
      'index.js',
      () => {
        chmodSync(join(tampered, 'index.js'), 0o755)
      }
    ],
    [
      'a link in its place',
      'index.js',
      () => {
        rmSync(join(tampered, 'index.js'))
        symlinkSync(join(built, 'index.js'), join(tampered, 'index.js'))
      }
    ],
    [
      'a folder of a link',
      'linked',
      () => {
        symlinkSync(built, join(tampered, 'linked'))
      }
    ],
    [
      'a byte at the end',
      'licenses.txt',
      () => {
        appendFileSync(join(tampered, 'licenses.txt'), '\n')
      }
    ]
  ])('%s is found', (_what, name, tamper) => {
    tamper()
    const found = differencesBetween(tampered, built)
    expect(found.length).toBeGreaterThan(0)
    for (const one of found) expect(one).toContain(`${tampered}/${name}`)
  })
})

describe('the ref', () => {
  test('is the tag of the version, or in a rehearsal a branch', () => {
    expect(refFaults('refs/tags/v1.2.3', '1.2.3', false)).toEqual([])
    expect(refFaults('refs/tags/v1.2.3', '1.2.3', true)).toEqual([])
    expect(refFaults('refs/heads/main', '1.2.3', true)).toEqual([])
  })

  test.each([
    ['refs/heads/main', '1.2.3', false],
    ['refs/heads/v1.2.3', '1.2.3', false],
    ['refs/tags/v1.2.4', '1.2.3', false],
    ['refs/tags/v1.2.4', '1.2.3', true],
    ['refs/tags/1.2.3', '1.2.3', true],
    ['refs/tags/v1.2.3x', '1.2.3', false],
    ['', '1.2.3', false],
    ['refs/tags/v1.2.3-rc.1', '1.2.3-rc.1', false]
  ])('%j with version %s, rehearsal %s: not released', (ref, one, rehearsal) => {
    expect(refFaults(ref, one, rehearsal)).toHaveLength(1)
  })
})

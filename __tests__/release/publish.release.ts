/** The steps that publish. GitHub and az are programs that write down how they were called; git, npm and tfx are real. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import JSZip from 'jszip'
import { runAzurePipelinesJob, serviceConnectionOf } from '../../sandbox/job.ts'
import { startTwin } from '../../sandbox/twin.ts'
import { makeAssets } from '../../scripts/release/assets.ts'

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
const folder = mkdtempSync(join(tmpdir(), 'patless-publish-'))
const release = join(folder, 'release')
const bin = join(folder, 'bin')
const calls = join(folder, 'calls')

/** A program that writes down its arguments, then does this. */
function program(name: string, script: string): void {
  mkdirSync(bin, { recursive: true })
  const text = `#!/bin/sh\nprintf '%s\\n' "${name} $*" >> '${calls}'\n${script}\n`
  writeFileSync(join(bin, name), text)
  chmodSync(join(bin, name), 0o755)
}
function called(script: string, ...args: string[]): { status: number | null; said: string; calls: string[] } {
  writeFileSync(calls, '')
  const { status, stdout, stderr } = spawnSync(resolve('scripts/release', script), args, {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` }
  })
  return { status, said: stdout + stderr, calls: readFileSync(calls, 'utf8').trim().split('\n') }
}
beforeAll(() => {
  makeAssets(release)
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe('the assets', () => {
  const assets = join(release, 'assets')
  const NAMES = ['SHA256SUMS', ...['cdx.json', 'tgz', 'vsix'].map((kind) => `patless-${version}.${kind}`)]

  test('are the npm package, the extension, the bill of materials and their checksums', () => {
    expect(readdirSync(assets).sort()).toEqual(NAMES)
    const checked = execFileSync('sha256sum', ['--check', 'SHA256SUMS'], { cwd: assets, encoding: 'utf8' })
    expect(checked.trim().split('\n')).toHaveLength(NAMES.length - 1)
    expect(readFileSync(join(assets, `patless-${version}.cdx.json`))).toEqual(
      readFileSync('dist/sbom.cdx.json')
    )
  })

  test('what is attested is all of them, and every file of dist/', () => {
    const checked = execFileSync('sha256sum', ['--check', join(release, 'subjects.sha256')], {
      encoding: 'utf8',
      cwd: withDist()
    })
    expect(checked.trim().split('\n')).toHaveLength(NAMES.length - 1 + readdirSync('dist').length)
  })

  test('the notes are the section of the changelog, and how to verify', () => {
    const notes = readFileSync(join(release, 'notes.md'), 'utf8')
    expect(notes).toMatch(/^### /)
    expect(notes).toContain(`gh attestation verify patless-${version}.tgz --repo patless/patless`)
    expect(notes).not.toMatch(/^\[Unreleased\]/m)
  })

  test('are not mixed with those of an earlier run', () => {
    expect(() => {
      makeAssets(release)
    }).toThrow('is not empty')
  })

  /** The assets and dist/ in one folder, under the names that are attested. */
  function withDist(): string {
    const place = join(folder, 'subjects')
    execFileSync('cp', ['-r', assets, place])
    execFileSync('cp', ['-r', 'dist', place])
    return place
  }

  test('the extension, unpacked, runs as an agent would start it', async () => {
    const { files } = await JSZip.loadAsync(readFileSync(join(assets, `patless-${version}.vsix`)))
    for (const file of Object.values(files).filter(({ dir }) => !dir)) {
      const path = join(folder, 'vsix', file.name)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, await file.async('nodebuffer'))
    }
    const task = join(folder, 'vsix/PatlessV0')
    const { execution } = JSON.parse(readFileSync(join(task, 'task.json'), 'utf8')) as {
      execution: { Node24: { target: string } }
    }
    const twin = await startTwin()
    try {
      const run = await runAzurePipelinesJob({
        environment: twin.places,
        inputs: { cluster: twin.azure.ids.cluster, 'repository-url': twin.azure.ids.repositoryUrl },
        connection: serviceConnectionOf(twin),
        entry: join(task, execution.Node24.target)
      })
      expect(run.outputs).toMatchObject({ changed: 'true', verification: 'verified' })
    } finally {
      await twin.close()
    }
  })
})

describe('the GitHub release', () => {
  const run = (view: string): ReturnType<typeof called> => {
    program('gh', `case "$2" in view) ${view} ;; esac`)
    return called('github-release.sh', `v${version}`, release)
  }

  test('is a draft until every asset is in it', () => {
    const { status, calls: made } = run('exit 1')
    expect(status).toBe(0)
    expect(made.map((call) => call.split(' ').slice(0, 3).join(' '))).toEqual([
      'gh release view',
      'gh release create',
      'gh release edit'
    ])
    expect(made[1]).toContain('--verify-tag --draft')
    for (const name of readdirSync(join(release, 'assets'))) expect(made[1]).toContain(`/assets/${name}`)
    expect(made[2]).toBe(`gh release edit v${version} --draft=false`)
  })

  test('a draft of a run that failed is made anew, a published one is left', () => {
    expect(run('echo true').calls[1]).toBe(`gh release delete v${version} --yes`)
    const { status, calls: made } = run('echo false')
    expect(status).toBe(0)
    expect(made).toHaveLength(1)
  })
})

describe('the extension', () => {
  const TOKEN = 'eyJhbGciOi.federated.token'

  test('the token is masked, goes to tfx by standard input, and is in no arguments', () => {
    program('az', `echo ${TOKEN}`)
    program('npx', `cat > '${join(folder, 'input')}'`)
    const { status, said, calls: made } = called('marketplace.sh', release)
    expect(status).toBe(0)
    expect(said).toBe(`::add-mask::${TOKEN}\n`)
    expect(made.join('\n')).not.toContain(TOKEN)
    expect(made[1]).toContain(`--vsix ${release}/assets/patless-${version}.vsix`)
    expect(readFileSync(join(folder, 'input'), 'utf8')).toBe(`${TOKEN}\n`)
  })

  test('without a token nothing is published', () => {
    program('az', 'exit 1')
    const { status, calls: made } = called('marketplace.sh', release)
    expect(status).not.toBe(0)
    expect(made).toHaveLength(1)
  })

  test('the real tfx takes it from there', async () => {
    const seen: string[] = []
    const server = createServer((request, response) => {
      seen.push(request.headers.authorization ?? '')
      response.statusCode = 404
      response.end('{}')
    })
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const args = ['extension', 'publish', '--no-color', '--service-url', url, '--vsix']
    const child = spawn(
      resolve('node_modules/.bin/tfx'),
      [...args, join(release, `assets/patless-${version}.vsix`)],
      {
        env: { PATH: process.env['PATH'] ?? '', HOME: folder },
        stdio: ['pipe', 'ignore', 'ignore']
      }
    )
    child.stdin.end(`${TOKEN}\n`)
    await new Promise((ended) => child.once('close', ended))
    await new Promise((closed) => server.close(closed))
    expect(new Set(seen)).toEqual(new Set([`Basic ${Buffer.from(`OAuth:${TOKEN}`).toString('base64')}`]))
  })
})

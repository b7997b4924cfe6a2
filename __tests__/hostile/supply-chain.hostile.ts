/** What comes along with the bundle, and what lies around it on the runner. */
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { BUNDLE, runBundle, runGitHubJob } from '../../sandbox/job.ts'
import { useTwin } from '../twin.ts'

const shipped = dirname(BUNDLE)
const twin = useTwin({ shared: true })
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'patless-planted-'))
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

test('no program comes along: nothing but modules and texts, none of them executable', () => {
  for (const name of readdirSync(shipped)) {
    expect(name).toMatch(/\.(?:js|json|txt)$/)
    expect(`${name} ${statSync(join(shipped, name)).mode & 0o111}`).toBe(`${name} 0`)
    expect(`${name} ${readFileSync(join(shipped, name), 'utf8').slice(0, 2)}`).not.toBe(`${name} #!`)
  }
})

test('everything that comes along can be looked up: a bill of materials is beside the bundle', () => {
  expect(existsSync(join(shipped, 'sbom.cdx.json'))).toBe(true)
})

test('nothing that only starts browsers or serves the tests is in it', () => {
  const notices = readFileSync(join(shipped, 'licenses.txt'), 'utf8')
  for (const name of ['open', 'wsl-utils', 'run-applescript', 'powershell-utils', 'supports-color'])
    expect(notices).not.toMatch(new RegExp(`^${name}(?:@\\S+)?$`, 'm'))
})

test('packages planted around the bundle are not loaded, in a whole run and in one without a login', async () => {
  const dist = join(folder, 'dist')
  cpSync(shipped, dist, { recursive: true })
  const loaded = join(folder, 'loaded')
  const names = [...packagesNamedIn(readFileSync('package-lock.json', 'utf8')), 'encoding', 'bufferutil']
  for (const name of names) {
    const place = join(folder, 'node_modules', name)
    mkdirSync(place, { recursive: true })
    const body = `require('node:fs').appendFileSync(${JSON.stringify(loaded)}, ${JSON.stringify(`${name}\n`)})`
    writeFileSync(join(place, 'index.js'), body)
    writeFileSync(join(place, 'package.json'), JSON.stringify({ name, main: 'index.js' }))
  }
  expect(names.length).toBeGreaterThan(300)
  const entry = join(dist, 'index.js')
  const job = await runGitHubJob({ environment: twin.environment, entry })
  expect(job.outputs['verification']).toBe('verified')
  const environment = { DEBUG: '*', NODE_PATH: join(folder, 'node_modules') }
  const terminal = await runBundle({ entry }, environment, [
    '--cluster',
    'aks',
    '--repository-url',
    'https://dev.azure.com/a/b/_git/c'
  ])
  expect(terminal.exitCode).toBe(1)
  expect(existsSync(loaded) ? readFileSync(loaded, 'utf8') : '').toBe('')
})

function packagesNamedIn(lock: string): Set<string> {
  const { packages } = JSON.parse(lock) as { packages: Record<string, unknown> }
  return new Set(Object.keys(packages).flatMap((place) => place.split('node_modules/').at(-1) || []))
}

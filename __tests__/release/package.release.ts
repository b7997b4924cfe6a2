/** The npm package as a user has it: an empty folder, `npm install`, `npx patless`, on every Node that it promises. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { runAzurePipelinesJob, runGitHubJob } from '../../sandbox/job.ts'
import { personAt } from '../../sandbox/person.ts'
import { makeTarball } from '../../scripts/release/assets.ts'
import { agentJobOf } from '../setup/pipeline.ts'
import { useTwin } from '../twin.ts'

const exec = promisify(execFile)
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }

const twin = useTwin({ shared: true })
let folder: string
let tarball: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'patless-npm-'))
  tarball = makeTarball(folder)
  const applied = await runGitHubJob({ environment: twin.environment })
  expect(applied.outputs).toMatchObject({ verification: 'verified' })
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

test('the package holds the bundle, how it is started, and what npm always adds', async () => {
  const { stdout } = await exec('tar', ['-tzf', tarball])
  const expected = ['LICENSE', 'README.md', 'bin/patless.js', 'package.json']
  const bundle = readdirSync('dist').map((name) => `dist/${name}`)
  expect(stdout.trim().split('\n').sort()).toEqual(
    [...expected, ...bundle].map((name) => `package/${name}`).sort()
  )
  const manifest = await exec('tar', ['-xzOf', tarball, 'package/package.json'])
  for (const word of ['"dependencies"', '"bundleDependencies"', '"optionalDependencies"', 'install"'])
    expect(manifest.stdout).not.toContain(word)
})

test('from nothing: `npx <tarball> setup --yes`, and the pipeline is green as an agent runs it', async () => {
  const restore = twin.keep()
  twin.reset()
  const person = personAt(twin)
  const { ids } = twin.azure
  const options = ['--repository-url', ids.repositoryUrl, '--host', 'azure-pipelines', '--yes']
  const { stderr } = await exec('npx', ['--yes', `file:${tarball}`, 'setup', ...options], {
    cwd: person.folder,
    env: person.environment
  })
  expect(stderr).toContain('Next: push azure-pipelines/argocd-access.yml to main')
  const job = await runAzurePipelinesJob(agentJobOf(twin, person))
  expect(job.stdout).not.toContain('task.logissue type=error')
  expect(job.outputs).toMatchObject({ verification: 'verified', drift: 'false' })
  restore()
})

describe.each([20, 22, 24])('Node %s', (major) => {
  let home: string
  let environment: Record<string, string>
  const npx = (environmentOfRun: Record<string, string>, ...args: string[]) =>
    exec('npx', ['--no-install', 'patless', ...args], {
      cwd: home,
      env: { ...environment, ...environmentOfRun }
    })
  beforeAll(async () => {
    home = join(folder, `on-${major}`)
    mkdirSync(home)
    const bin = await nodeFolder(major)
    environment = { PATH: `${bin}:${process.env['PATH'] ?? ''}`, HOME: process.env['HOME'] ?? folder }
    await exec('npm', ['install', '--no-audit', '--no-fund', '--offline', tarball], {
      cwd: home,
      env: environment
    })
  })

  test('nothing else is installed', async () => {
    expect((await exec('node', ['--version'], { env: environment })).stdout).toMatch(`v${major}.`)
    const visible = readdirSync(join(home, 'node_modules')).filter((name) => !name.startsWith('.'))
    expect(visible).toEqual(['patless'])
    expect(existsSync(join(home, 'node_modules/patless/node_modules'))).toBe(false)
  })

  test('--version is that of package.json, also in a step of a GitHub job', async () => {
    expect((await npx({}, '--version')).stdout).toBe(`${version}\n`)
    expect((await npx({ GITHUB_ACTIONS: 'true' }, '--version')).stdout).toBe(`${version}\n`)
  })

  test('a check against the twin: in order', async () => {
    const { cluster, repositoryUrl } = twin.azure.ids
    const { stdout } = await npx(
      {
        ...twin.places,
        AZURE_CONFIG_DIR: `${twin.temporary}/no-az`,
        MSI_ENDPOINT: `${twin.azure.urls.msi}/msi/token`,
        NO_COLOR: '1'
      },
      ...['check', '--cluster', cluster, '--repository-url', repositoryUrl, '--output', 'json']
    )
    const { outputs } = JSON.parse(stdout) as { outputs: Record<string, string> }
    expect(outputs).toMatchObject({ drift: 'false', verification: 'verified' })
  })

  test('help and completion', async () => {
    expect((await npx({}, 'help')).stdout).toContain('Usage: patless <subcommand>')
    expect((await npx({}, 'completion', 'bash')).stdout).toContain('complete -F _patless patless')
  })
})

/** The folder of a Node of this major version: the one that runs this, or the package of npm that has it. */
async function nodeFolder(major: number): Promise<string> {
  if (process.versions.node.startsWith(`${major}.`)) return join(process.execPath, '..')
  const place = join(folder, `node-${major}`)
  mkdirSync(place)
  const name = `node-${process.platform}-${process.arch}`
  await exec('npm', [
    'install',
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
    '--prefix',
    place,
    `${name}@${major}`
  ])
  return join(place, 'node_modules', name, 'bin')
}

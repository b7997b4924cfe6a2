/** What a run did is told, whatever has become of the places where it is told: on the bundle. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BUNDLE, runBundle, serviceConnectionOf, type JobResult } from '../../sandbox/job.ts'
import { isWrite } from '../../sandbox/in-process.ts'
import { useTwin } from '../twin.ts'

const twin = useTwin()
let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'patless-sink-'))
  writeFileSync(join(folder, 'output'), '')
  writeFileSync(join(folder, 'summary'), '')
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

type Ended = Omit<JobResult, 'outputs' | 'summary'>
const usual = (): Record<string, string> => ({
  ...twin.environment,
  INPUT_VERIFICATION: 'none',
  GITHUB_OUTPUT: join(folder, 'output'),
  GITHUB_STEP_SUMMARY: join(folder, 'summary'),
  RUNNER_TEMP: folder
})
const job = (change: Record<string, string>): Promise<Ended> => runBundle({}, { ...usual(), ...change })
const textOf = (name: string): string => {
  const path = join(folder, name)
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}
const writes = (): number => twin.journal.entries.filter(isWrite).length
function pipe(): string {
  const path = join(folder, 'pipe')
  execFileSync('mkfifo', [path])
  return path
}

describe('outputs and summary', () => {
  test.each<[string, () => Record<string, string>, RegExp]>([
    [
      'GITHUB_OUTPUT in a folder that is gone',
      () => ({ GITHUB_OUTPUT: join(folder, 'none/output') }),
      /outputs.*none\/output.*ENOENT/
    ],
    ['GITHUB_OUTPUT on a full disk', () => ({ GITHUB_OUTPUT: '/dev/full' }), /outputs.*\/dev\/full.*ENOSPC/],
    ['a folder in the place of GITHUB_OUTPUT', () => ({ GITHUB_OUTPUT: folder }), /outputs.*EISDIR/],
    ['a pipe in the place of GITHUB_OUTPUT', () => ({ GITHUB_OUTPUT: pipe() }), /outputs.*ENXIO/],
    [
      'GITHUB_STEP_SUMMARY in a folder that is gone',
      () => ({ GITHUB_STEP_SUMMARY: join(folder, 'none/s') }),
      /summary.*none\/s.*ENOENT/
    ],
    ['GITHUB_STEP_SUMMARY on a full disk', () => ({ GITHUB_STEP_SUMMARY: '/dev/full' }), /summary.*ENOSPC/],
    [
      'a folder in the place of GITHUB_STEP_SUMMARY',
      () => ({ GITHUB_STEP_SUMMARY: folder }),
      /summary.*EISDIR/
    ],
    ['a pipe in the place of GITHUB_STEP_SUMMARY', () => ({ GITHUB_STEP_SUMMARY: pipe() }), /summary.*ENXIO/]
  ])('%s: a finding, exit 1, and all else is told', async (_name, change, said) => {
    const given = change()
    const run = await job(given)
    expect(run.exitCode).toBe(1)
    expect(run.stdout + run.stderr).not.toMatch(/Defect|^\s+at /m)
    expect(run.stdout).toMatch(
      new RegExp(
        `^::error title=Patless%3A report\/not-written::Not written: .*${said.source}.*remedy: +\\w`,
        'm'
      )
    )
    expect(writes()).toBeGreaterThan(0)
    if ('GITHUB_OUTPUT' in given)
      expect(textOf('summary')).toMatch(/## ❌ Patless apply: Changed[^]*### What to do[^]*Not written/)
    else expect(textOf('output')).toMatch(/^changed<<\S+\ntrue$[^]*^report<<\S+\n\/.*report\.json$/m)
    const made = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((name) =>
      name.endsWith('report.json')
    )
    expect(JSON.parse(textOf(made ?? ''))).toMatchObject({ verdict: { exitCode: 1 } })
  })

  test('a failed chain is reported first, and stays the failure of the run', async () => {
    twin.defect('arm-reader-only')
    const run = await job({ GITHUB_OUTPUT: '/dev/full', GITHUB_STEP_SUMMARY: '/dev/full' })
    expect(run.exitCode).toBe(1)
    const [right, outputs, summary] = ['userAssignedIdentities/write', 'the outputs', 'the summary'].map(
      (text) => run.stdout.indexOf(text)
    )
    expect(right).toBeGreaterThan(0)
    expect(outputs).toBeGreaterThan(right ?? 0)
    expect(summary).toBeGreaterThan(outputs ?? 0)
  })

  test('drift whose outputs are lost is an error: who only reads them would not know', async () => {
    const run = await job({ INPUT_MODE: 'check', GITHUB_OUTPUT: '/dev/full' })
    expect(run.exitCode).toBe(1)
    expect(run.stdout).toMatch(/Drift at/)
  })
})

describe('the folder for the report', () => {
  const CASES: [string, (path: string) => string][] = [
    ['that is not there', (path) => join(path, 'none')],
    ['that is a file', (path) => join(path, 'output')],
    ['that takes no file', () => '/proc'],
    ['that is a relative path', () => 'relative']
  ]

  test.each(CASES)('%s: refused with what to do, before anything is changed', async (_name, of) => {
    const run = await job({ RUNNER_TEMP: of(folder) })
    expect(run.exitCode).toBe(1)
    expect(run.stdout).toMatch(
      /^::error title=Patless%3A (?:report\/no-place|host\/temporary-folder)::.*nothing was read or written.*remedy/m
    )
    expect(run.stdout).not.toContain('Defect')
    expect(twin.journal.entries).toEqual([])
  })

  test.each(['', '   '])('RUNNER_TEMP %j is none: nothing is left in the workspace', async (RUNNER_TEMP) => {
    const workspace = join(folder, 'workspace')
    mkdirSync(workspace)
    const run = await inFolder(workspace, { ...usual(), RUNNER_TEMP, TMPDIR: folder })
    expect(run.exitCode).toBe(0)
    expect(readdirSync(workspace)).toEqual([])
    expect(textOf('output')).toMatch(/^report<<\S+\n\/.*report\.json$/m)
  })

  test.each(['', 'gone'])(
    'AGENT_TEMPDIRECTORY %j: the task says so, and leaves nothing in the workspace',
    async (name) => {
      const workspace = join(folder, 'workspace')
      mkdirSync(workspace)
      const { id, oidcRequestUri, accessToken, data, authorization } = serviceConnectionOf(twin)
      const run = await inFolder(workspace, {
        ...twin.places,
        TMPDIR: folder,
        INPUT_CLUSTER: twin.azure.ids.cluster,
        INPUT_REPOSITORYURL: twin.azure.ids.repositoryUrl,
        INPUT_AZURESUBSCRIPTION: id,
        INPUT_VERIFICATION: 'none',
        [`ENDPOINT_URL_${id}`]: 'https://management.azure.com/',
        [`ENDPOINT_AUTH_${id}`]: JSON.stringify(authorization),
        [`ENDPOINT_AUTH_SCHEME_${id}`]: authorization?.scheme ?? '',
        ...Object.fromEntries(
          Object.entries(authorization?.parameters ?? {}).map(([key, value]) => [
            `ENDPOINT_AUTH_PARAMETER_${id}_${key.toUpperCase()}`,
            value
          ])
        ),
        [`ENDPOINT_DATA_${id}_SUBSCRIPTIONID`]: data['subscriptionid'] ?? '',
        ENDPOINT_AUTH_SYSTEMVSSCONNECTION: JSON.stringify({
          scheme: 'OAuth',
          parameters: { AccessToken: accessToken }
        }),
        ENDPOINT_AUTH_SCHEME_SYSTEMVSSCONNECTION: 'OAuth',
        SYSTEM_OIDCREQUESTURI: oidcRequestUri,
        SYSTEM_TEAMFOUNDATIONCOLLECTIONURI: 'https://dev.azure.com/contoso/',
        AGENT_ID: '7',
        AGENT_TEMPDIRECTORY: name === '' ? '' : join(folder, name)
      })
      expect(run.exitCode).toBe(0)
      expect(run.stdout).toMatch(/^##vso\[task\.complete result=/m)
      if (name === '') expect(run.stdout).toMatch(/result=Succeeded/)
      else {
        expect(run.stdout).toMatch(
          /task\.logissue type=error[^\]]*\].*no file can be written to .*gone \(ENOENT\)/
        )
        expect(run.stdout).toMatch(/result=Failed/)
        expect(twin.journal.entries).toEqual([])
      }
      expect(readdirSync(workspace)).toEqual([])
    }
  )
})

describe('a log that nobody takes', () => {
  test.each([
    ['a reader that is gone at once', ['true']],
    ['a reader of one line', ['head', '-n', '1']]
  ] as const)('%s: the run goes on to its outputs, exit 0', async (_name, [program, ...args]) => {
    const run = await into(program, args)
    expect(run.exitCode).toBe(0)
    expect(textOf('output')).toMatch(/^changed<<\S+\ntrue$/m)
    expect(textOf('summary')).toContain('## ✅ Patless apply')
    expect(writes()).toBeGreaterThan(0)
  })

  test('a full disk behind stdout and stderr: the same', async () => {
    const run = await shell(`exec "$0" "$1" > /dev/full 2> /dev/full`)
    expect(run.exitCode).toBe(0)
    expect(textOf('output')).toMatch(/^changed<<\S+\ntrue$/m)
  })

  test('closed descriptors: the same', async () => {
    const run = await shell(`exec "$0" "$1" >&- 2>&-`)
    expect(run.exitCode).toBe(0)
    expect(textOf('output')).toMatch(/^changed<<\S+\ntrue$/m)
  })

  test('a chain that is out of order keeps its exit code', async () => {
    const run = await into('true', [], { INPUT_MODE: 'check' })
    expect(run.exitCode).toBe(2)
    expect(textOf('output')).toMatch(/^drift<<\S+\ntrue$/m)
  })

  /** As `bundle | program`; the exit code is the bundle's. */
  function into(program: string, args: readonly string[], more: Record<string, string> = {}): Promise<Ended> {
    return shell(
      `"$0" "$1" 2>&1 | ${[program, ...args].join(' ')} > /dev/null; exit "\${PIPESTATUS[0]}"`,
      more
    )
  }

  function shell(script: string, more: Record<string, string> = {}): Promise<Ended> {
    return ended(
      spawn('bash', ['-c', script, process.execPath, BUNDLE], {
        env: { PATH: process.env['PATH'] ?? '', ...usual(), ...more },
        stdio: ['ignore', 'pipe', 'pipe']
      })
    )
  }
})

function inFolder(cwd: string, environment: Record<string, string>): Promise<Ended> {
  const env = { PATH: process.env['PATH'] ?? '', ...environment }
  return ended(spawn(process.execPath, [BUNDLE], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] }))
}

function ended(child: ReturnType<typeof spawn>): Promise<Ended> {
  let [stdout, stderr] = ['', '']
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => child.kill('SIGKILL'), 30_000)
    child.once('error', reject).once('close', (code, signal) => {
      clearTimeout(late)
      resolve({ exitCode: code ?? 128, signal, stdout, stderr })
    })
  })
}

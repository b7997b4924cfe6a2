import { beforeAll, describe, expect, test } from '@jest/globals'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runBundle, runGitHubJob, type JobResult } from '../../sandbox/job.ts'
import { FAKE_PAT } from '../../sandbox/kubernetes/defects.ts'
import { isWrite } from '../../sandbox/in-process.ts'
import { pathWithOnly } from '../../sandbox/search-path.ts'
import type { Twin } from '../../sandbox/twin.ts'
import { OUTPUTS } from '../../src/config/outputs.ts'
import { useWorld } from '../world.ts'

const world = useWorld()
let twin: Twin
beforeAll(() => {
  twin = world.twin
})

const job = (inputs: Record<string, string> = {}, more: Record<string, string> = {}): Promise<JobResult> =>
  runGitHubJob({ environment: { ...twin.environment, ...more }, inputs })
/** What the runner would show: mask commands are for it alone. */
const shown = ({ stdout, stderr, summary, outputs }: JobResult): string =>
  [stdout.replaceAll(/^::add-mask::.*$/gm, ''), stderr, summary, JSON.stringify(outputs)].join('\n')

describe('the committed bundle as a GitHub step', () => {
  let first: JobResult, second: JobResult, check: JobResult, defective: JobResult[]
  let secrets: readonly string[]
  beforeAll(async () => {
    first = await job()
    second = await job()
    check = await job({ mode: 'check' })
    twin.defect('secret-password')
    defective = [await job(), await job({ mode: 'check' })]
    secrets = [...twin.issued(), FAKE_PAT]
  }, 60_000)

  test('apply, apply, check: outputs, summary, exit code', () => {
    expect(first.exitCode).toBe(0)
    expect(first.outputs).toMatchObject({ changed: 'true', drift: 'false', verification: 'verified' })
    expect(second.exitCode).toBe(0)
    expect(second.outputs).toMatchObject({ changed: 'false', verification: 'verified', differences: '[]' })
    expect(check.exitCode).toBe(0)
    expect(check.outputs.drift).toBe('false')
    expect(Object.keys(check.outputs)).toEqual(OUTPUTS.map(({ name }) => name))
    expect(check.summary).toContain('## ✅ Patless check: In order, no drift, verified.')
    expect(check.summary).toContain('```mermaid\nflowchart LR')
    expect(check.stdout).toMatch(/^::group::Read the chain$/m)
  })

  test('no token in anything captured, debug log included, whole or in base64; ids are never masked', () => {
    const runs = [first, second, check, ...defective]
    const text = runs.map(shown).join('\n')
    expect(text).toContain('::debug::')
    expect(secrets.length).toBeGreaterThan(3)
    for (const secret of secrets) {
      expect(text).not.toContain(secret)
      expect(text).not.toContain(Buffer.from(secret).toString('base64'))
      expect(text).not.toContain(encodeURIComponent(Buffer.from(secret).toString('base64')))
    }
    const masked = runs.flatMap(({ stdout }) =>
      [...stdout.matchAll(/^::add-mask::(.*)$/gm)].map(([, value]) => value ?? '')
    )
    expect(masked.length).toBeGreaterThan(3)
    // Tokens, and the PAT that one of the defects puts into a Secret.
    expect(masked.filter((value) => !value.startsWith('eyJ') && value !== FAKE_PAT)).toEqual([])
    expect(runs[0]?.outputs['client-id']).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('drift is exit 2, with one annotation per thing to do', async () => {
    await world.applied()
    twin.defect('credential-subject')
    const check = await job({ mode: 'check' })
    expect(check.exitCode).toBe(2)
    expect(check.outputs.drift).toBe('true')
    expect(check.stdout).toMatch(
      /^::error title=Patless%3A federated-credential\/drifted::subject differs\.%0Aexpected: system:serviceaccount:argocd:argocd-repo-server%0Aactual: {3}system:serviceaccount:default:argocd-repo-server%0Aremedy: {3}run with mode: apply/m
    )
    expect(check.summary.replaceAll('<wbr>', '')).toContain(
      'system:serviceaccount:default:argocd-repo-server'
    )
    const tolerant = await job({ mode: 'check', 'fail-on-drift': 'false' })
    expect(tolerant.exitCode).toBe(0)
    expect(tolerant.stdout).toContain('::warning title=Patless%3A federated-credential')
  })

  test('all input faults at once, exit 1, and not one request', async () => {
    twin.journal.clear()
    const refused = await job({
      'repository-url': 'git@ssh.dev.azure.com:v3/contoso/shop/app',
      mode: 'destroy',
      colour: 'red'
    })
    expect(refused.exitCode).toBe(1)
    expect(refused.stdout).toMatch(
      /3 inputs are invalid.*repository-url: .*mode: .*colour|3 inputs are invalid/
    )
    for (const name of ['repository-url', 'mode', 'colour'])
      expect(refused.stdout).toContain(`%0A  ${name}: `)
    expect(twin.journal.entries).toEqual([])
  })

  test('the service connection of the other place is no input here', async () => {
    const refused = await job({ 'azure-subscription': 'azure-gitops' })
    expect(refused.exitCode).toBe(1)
    expect(refused.stdout).toMatch(/azure-subscription: There is no such input/)
  })

  test.each<[string, Record<string, string>, RegExp]>([
    [
      'subscription',
      { 'subscription-id': '00000000-0000-0000-0000-000000000001' },
      /cannot see the subscription.*%0Aremedy: {3}correct subscription-id/
    ],
    [
      'organization',
      { 'repository-url': 'ORIGIN/nobody/shop/_git/app' },
      /no such Azure DevOps organization.*%0Aremedy: {3}correct the organization in repository-url/
    ],
    [
      'application',
      { 'client-id': '00000000-0000-0000-0000-000000000001' },
      /gave no token for \S+ AADSTS700016: Application with identifier '[0-9-]+' was not found in the directory '[^']+'\.%0A/
    ],
    ['cluster', { cluster: 'nowhere' }, /no AKS cluster nowhere.*actual: {3}aks-gitops.*correct cluster/]
  ])(
    'a %s that does not exist: one error with what to correct, and no write',
    async (_what, inputs, said) => {
      twin.journal.clear()
      const origin = twin.environment['AZURE_DEVOPS_URL'] ?? ''
      const given = Object.entries(inputs).map(([name, value]) => [name, value.replace('ORIGIN', origin)])
      const refused = await job(Object.fromEntries(given) as Record<string, string>)
      expect(refused.exitCode).toBe(1)
      expect(refused.stdout).toMatch(said)
      expect(twin.journal.entries.filter(isWrite)).toEqual([])
    }
  )

  test('services that are not trusted: the host and what to do are named', async () => {
    const refused = await job({}, { NODE_EXTRA_CA_CERTS: '' })
    const { host } = new URL(twin.azure.urls.entra)
    expect(refused.exitCode).toBe(1)
    expect(refused.stdout).toMatch(/did not answer the login: DEPTH_ZERO_SELF_SIGNED_CERT/)
    expect(refused.stdout).toMatch(
      new RegExp(`remedy: {3}add the authority .* of ${host} .*NODE_EXTRA_CA_CERTS`)
    )
    // Waiting makes no certificate right.
    expect(refused.stdout).not.toContain('Trying again')
  })

  test('no id token: the causes are named', async () => {
    const refused = await runGitHubJob({
      environment: { ...twin.environment, ACTIONS_ID_TOKEN_REQUEST_URL: '' }
    })
    expect(refused.exitCode).toBe(1)
    expect(refused.stdout).toMatch(/id-token: write.*reusable workflow.*fork/)
  })

  test('an application that is not trusted: the code and what to compare', async () => {
    twin.defect('login-untrusted')
    const refused = await job()
    expect(refused.exitCode).toBe(1)
    expect(refused.stdout).toMatch(/AADSTS70025/)
    expect(refused.stdout).toMatch(/federated credential of th(?:at|e) application/)
  })

  test('no git on PATH: one clear error, before any request', async () => {
    twin.journal.clear()
    const refused = await job({}, { PATH: '/nowhere' })
    expect(refused.exitCode).toBe(1)
    expect(refused.stdout).toContain('There is no git on PATH')
    expect(twin.journal.entries).toEqual([])
  })

  test('foreign text is no workflow command', async () => {
    const refused = await job({ cluster: 'x\n::set-output name=client-id::evil' })
    expect(refused.stdout).not.toMatch(/^::set-output/m)
    expect(refused.exitCode).toBe(1)
  })

  test('nothing is left behind but the report', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'patless-left-'))
    const places = {
      RUNNER_TEMP: join(folder, 'runner'),
      TMPDIR: join(folder, 'tmp'),
      HOME: join(folder, 'home')
    }
    for (const path of Object.values(places)) mkdirSync(path)
    const { exitCode } = await runBundle({}, { ...twin.environment, ...places })
    expect(exitCode).toBe(0)
    const left = readdirSync(folder, { recursive: true, withFileTypes: true })
    expect(left.filter((one) => one.isFile()).map(({ name }) => name)).toEqual(['report.html', 'report.json'])
    rmSync(folder, { recursive: true })
  })
})

describe('the committed bundle in a terminal', () => {
  const terminal = (...args: string[]) => {
    return runBundle({}, { ...twin.environment, GITHUB_ACTIONS: '', NO_COLOR: '1' }, args)
  }

  test('--help shows subcommands, topics and exit codes, and exits 0', async () => {
    const { exitCode, stdout } = await terminal('--help')
    expect(exitCode).toBe(0)
    expect(stdout).toContain('--repository-url')
    expect(stdout).toContain('environment')
    expect(stdout).toContain('Exit codes: 0 in order, 1 error, 2 drift.')
  })

  test('--output json: the report on stdout, and nothing else there; the log on stderr', async () => {
    const { cluster, repositoryUrl } = twin.azure.ids
    const { exitCode, stdout, stderr } = await runBundle(
      {},
      {
        ...twin.places,
        PATH: pathWithOnly(twin.temporary, 'git'),
        MSI_ENDPOINT: `${twin.azure.urls.msi}/msi/token`,
        PATLESS_DEBUG: '1'
      },
      ['check', '--cluster', cluster, '--repository-url', repositoryUrl, '--output', 'json']
    )
    expect(exitCode).toBe(2)
    const report = JSON.parse(stdout) as { mode: string; verdict: object; outputs: { report: string } }
    expect(report).toMatchObject({ mode: 'check', verdict: { exitCode: 2 } })
    expect(JSON.parse(readFileSync(report.outputs.report, 'utf8'))).toEqual(report)
    expect(stderr).toMatch(/^Read the chain$/m)
    expect(stderr).toContain('run with patless apply')
    expect(stderr).not.toContain('\u001b')
    const refused = await terminal('check', '--output=json')
    expect(refused).toMatchObject({ exitCode: 1, stdout: '' })
    expect(refused.stderr).toContain('2 inputs are invalid')
  })

  test('a hop has the colour of its result, where colours are wanted', async () => {
    const environment = {
      ...twin.places,
      PATH: pathWithOnly(twin.temporary, 'git'),
      MSI_ENDPOINT: `${twin.azure.urls.msi}/msi/token`
    }
    const { cluster, repositoryUrl } = twin.azure.ids
    const args = ['--cluster', cluster, '--repository-url', repositoryUrl, '--mode', 'check']
    const coloured = await runBundle({}, { ...environment, FORCE_COLOR: '1' }, args)
    expect(coloured.exitCode).toBe(2)
    expect(coloured.stdout).toMatch(/^\u001b\[32m✓ cluster +unchanged\u001b\[39m aks-gitops in /m)
    expect(coloured.stdout).toMatch(/^\u001b\[33m∅ identity +missing\u001b\[39m/m)
    const plain = await runBundle({}, { ...environment, NO_COLOR: '1' }, args)
    expect(plain.stdout).not.toContain('\u001b')
  })

  test('faults go to stderr, exit 1', async () => {
    const { exitCode, stderr } = await terminal('--cluster', 'aks', '--colour=red', 'stray')
    expect(exitCode).toBe(1)
    expect(stderr).toContain('3 inputs are invalid')
  })

  test('no login: what was looked for, and what to do', async () => {
    const { exitCode, stdout, stderr } = await terminal(
      '--cluster',
      'aks',
      '--repository-url',
      twin.azure.ids.repositoryUrl
    )
    expect(exitCode).toBe(1)
    expect(stdout + stderr).toContain('There is no Azure login.')
    expect(stdout + stderr).toContain('az login')
  })
})

describe('the bundle itself', () => {
  test('is ESM with its licences, and stays under 7 MB', () => {
    const size = readdirSync('dist').reduce((sum, name) => sum + readFileSync(`dist/${name}`).length, 0)
    expect(size).toBeLessThan(7_000_000)
    expect(readFileSync('dist/package.json', 'utf8')).toBe('{"type":"module"}\n')
    for (const name of ['@actions/core', '@azure/identity', '@kubernetes/client-node', 'zod']) {
      expect(readFileSync('dist/licenses.txt', 'utf8')).toContain(name)
    }
  })

  test('runs where Node lacks what its Kubernetes client takes hold of, as Node 20 on a desk', async () => {
    const older =
      'import zlib from "node:zlib"; import threads from "node:worker_threads"; delete zlib.createZstdDecompress; delete threads.markAsUncloneable; delete Promise.withResolvers'
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(older)}`
    const { outputs } = await job({}, { NODE_OPTIONS })
    expect(outputs).toMatchObject({ changed: 'true', verification: 'verified' })
  })

  test('main.ts stays a page', () => {
    expect(readFileSync('src/main.ts', 'utf8').split('\n').length).toBeLessThanOrEqual(40)
  })
})

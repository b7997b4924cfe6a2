/** No token and no secret anywhere: not in what is printed, in files, in the arguments of any process. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { unescape } from 'node:querystring'
import { join } from 'node:path'
import { has } from '../../sandbox/by-hand.ts'
import { makeOrganization } from '../../sandbox/argocd/organization.ts'
import {
  identityConnectionOf,
  runAzurePipelinesJob,
  runBundle,
  runGitHubJob,
  serviceConnectionOf
} from '../../sandbox/job.ts'
import { IDS } from '../../sandbox/azure/state.ts'
import { FAKE_PAT } from '../../sandbox/kubernetes/defects.ts'
import { leaksIn, withoutMasks } from '../../sandbox/leaks.ts'
import { compared, storePat, urlOf, useIt } from '../migration/pats.ts'
import { useTwin } from '../twin.ts'

const NOBODY = '00000000-0000-4000-8000-00000000cafe'

const twin = useTwin()
let folder: string
let watched: ReturnType<typeof watchProcesses>
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'patless-job-'))
  for (const name of ['home', 'tmp', 'bin']) mkdirSync(join(folder, name))
  recordGit(join(folder, 'bin'), join(folder, 'argv'))
  watched = watchProcesses()
})
afterEach(() => {
  watched.end()
  rmSync(folder, { recursive: true, force: true })
})

const around = (): Record<string, string> => ({
  PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
  HOME: join(folder, 'home'),
  TMPDIR: join(folder, 'tmp'),
  RUNNER_DEBUG: '1',
  PATLESS_DEBUG: '1'
})
const secrets = (): string[] => [...twin.issued(), ...twin.azure.personalTokens, FAKE_PAT]
/** Every file below the folder, the recorded arguments of git among them. */
const onDisk = (): string =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1'))
    .join('\n')
const expectNoLeak = (...captured: string[]): void => {
  const text = [...captured.map(withoutMasks), onDisk(), watched.seen()].join('\n')
  expect(leaksIn(text, secrets())).toEqual([])
}

/** A git on PATH that notes its arguments before it is git. */
function recordGit(bin: string, file: string): void {
  const git = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim()
  writeFileSync(join(bin, 'git'), `#!/bin/sh\nprintf '%s\\n' "$@" >> '${file}'\nexec '${git}' "$@"\n`)
  chmodSync(join(bin, 'git'), 0o755)
}

/** The command lines of all processes of this machine, looked at again and again. */
function watchProcesses(): { seen: () => string; end: () => void } {
  const lines = new Set<string>()
  const look = (): void => {
    for (const id of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        lines.add(readFileSync(`/proc/${id}/cmdline`, 'latin1').replaceAll('\0', ' '))
      } catch {
        // It has ended.
      }
    }
  }
  const timer = setInterval(look, 10)
  return {
    seen: () => [...lines].join('\n'),
    end: () => {
      clearInterval(timer)
    }
  }
}

describe.each(['apply', 'check', 'remove'])('%s', (mode) => {
  test('as a GitHub step, with debug logs', async () => {
    const registries = 'contosocharts.azurecr.io/charts/app:1.2.3'
    if (mode !== 'apply') await runGitHubJob({ environment: twin.environment, inputs: { registries } })
    const environment = { ...twin.environment, ...around() }
    const inputs = { mode, registries }
    const { stdout, stderr, outputs, summary } = await runGitHubJob({ environment, inputs })
    expect(stdout).toContain('::debug::')
    if (mode !== 'remove') expect(readFileSync(join(folder, 'argv'), 'utf8')).toMatch(/^fetch$/m)
    expectNoLeak(stdout, stderr, JSON.stringify(outputs), summary)
  })

  test('as a task of Azure Pipelines, by each kind of connection', async () => {
    for (const scheme of ['WorkloadIdentityFederation', 'ServicePrincipal'] as const) {
      const { stdout, stderr, outputs, summary } = await runAzurePipelinesJob({
        environment: { ...twin.places, ...around() },
        inputs: { cluster: twin.azure.ids.cluster, 'repository-url': twin.azure.ids.repositoryUrl, mode },
        connection: serviceConnectionOf(twin, scheme)
      })
      expectNoLeak(stdout, stderr, JSON.stringify(outputs), summary)
    }
  })

  test('in a terminal, where the report stays', async () => {
    const { cluster, repositoryUrl } = twin.azure.ids
    const environment = { ...twin.places, ...around(), ...managedIdentity() }
    const args = ['--cluster', cluster, '--repository-url', repositoryUrl, '--mode', mode]
    const { stdout, stderr } = await runBundle({}, environment, args)
    expect(stdout + onDisk()).toContain(cluster)
    expectNoLeak(stdout, stderr)
  })
})

describe('with a second login, in the tenant of the identity', () => {
  beforeEach(() => {
    twin.defect('two-tenants')
  })
  const place = () => ({ 'identity-resource-group': twin.azure.ids.otherResourceGroup })

  test.each([
    ['as it should be', {}, 0],
    ['with an application that the tenant does not know', { 'identity-login-client-id': NOBODY }, 1],
    ['with a subscription of the other tenant', { 'identity-subscription-id': IDS.subscriptionId }, 1]
  ])('as a GitHub step, %s', async (_name, more, code) => {
    const inputs = {
      ...place(),
      'identity-tenant-id': IDS.otherTenantId,
      'identity-subscription-id': IDS.otherSubscriptionId,
      'identity-login-client-id': IDS.otherLoginClientId,
      ...more
    }
    const environment = { ...twin.environment, ...around() }
    const { exitCode, stdout, stderr, outputs, summary } = await runGitHubJob({ environment, inputs })
    expect(exitCode).toBe(code)
    expectNoLeak(stdout, stderr, JSON.stringify(outputs), summary)
  })

  test('as a task of Azure Pipelines, with two service connections', async () => {
    const { stdout, stderr, outputs, summary } = await runAzurePipelinesJob({
      environment: { ...twin.places, ...around() },
      inputs: { ...place(), cluster: IDS.cluster, 'repository-url': twin.azure.ids.repositoryUrl },
      connection: serviceConnectionOf(twin),
      identityConnection: identityConnectionOf(twin)
    })
    expect(outputs['verification']).toBe('verified')
    expectNoLeak(stdout, stderr, JSON.stringify(outputs), summary)
  })
})

;(has('kubectl') ? describe : describe.skip)('through commands in a private cluster', () => {
  test.each([
    ['apply', { 'cluster-access': 'run-command' }],
    ['check', {}],
    ['audit', { 'repository-url': '' }]
  ])(
    '%s: neither the run nor Azure, which keeps commands and what they print, shows a secret',
    async (mode, more) => {
      if (mode === 'audit') await stored()
      if (mode === 'check') await runGitHubJob({ environment: twin.environment })
      twin.defect('no-route')
      const environment = { ...twin.environment, ...around() }
      const { stdout, stderr, outputs, summary } = await runGitHubJob({
        environment,
        inputs: { mode, ...more }
      })
      const kept = twin.azure.commands().flatMap(({ command, logs }) => [command, logs, unescape(logs)])
      expect(kept.length).toBeGreaterThan(2)
      expectNoLeak(stdout, stderr, JSON.stringify(outputs), summary, ...kept)
    }
  )
})

test('a plan by a query, its job and the summary, as GitHub steps with debug logs', async () => {
  const targets = join(folder, 'targets.yaml')
  const { cluster, repositoryUrl } = twin.azure.ids
  writeFileSync(
    targets,
    `query: Resources | where name == '${cluster}'\ndefaults: { repository-url: '${repositoryUrl}', verification: access }\n`
  )
  const environment = { ...twin.environment, ...around() }
  const none = { cluster: '', 'resource-group': '', 'repository-url': '', 'subscription-id': '' }
  const reports = join(folder, 'reports')
  mkdirSync(reports)
  const run = async (inputs: Readonly<Record<string, string>>, keepReport?: string) => {
    const job = await runGitHubJob({
      environment,
      inputs: { ...none, targets, ...inputs },
      ...(keepReport !== undefined && { keepReport })
    })
    expectNoLeak(job.stdout, job.stderr, JSON.stringify(job.outputs), job.summary)
    return job
  }
  const plan = await run({ mode: 'plan' }, join(reports, 'plan.json'))
  const [, target = ''] = /"target":"([^"]+)"/.exec(plan.outputs['matrix'] ?? '') ?? []
  await run({ target }, join(reports, 'job.json'))
  const { outputs, exitCode } = await run({ mode: 'summarize', reports })
  expect([exitCode, outputs['verified'], outputs['failed']]).toEqual([0, '1', '0'])
})

/** Before a migration: a Secret with a token, which Argo CD reads with. */
async function stored(): Promise<void> {
  twin.defect('fifty-repositories')
  const url = urlOf({ twin }, 'service-1')
  storePat({ twin }, 'pat-1', url)
  useIt({ twin }, 'app-1', url)
  await compared({ twin })
}

describe.each(['migrate', 'rollback'])('%s', (mode) => {
  test('as a GitHub step, with debug logs: not the tokens of the Secrets either', async () => {
    await stored()
    const environment = { ...twin.environment, ...around() }
    const run = (inputs: Readonly<Record<string, string>>): ReturnType<typeof runGitHubJob> =>
      runGitHubJob({ environment, inputs: { 'repository-url': '', ...inputs } })
    if (mode === 'rollback') await run({ mode: 'migrate' })
    const { stdout, stderr, outputs, summary } = await run({ mode })
    expect(stdout).toContain('pat-1')
    expect(summary).toContain('pat-1')
    expectNoLeak(stdout, stderr, JSON.stringify(outputs), summary)
  })
})

test('a migration that a policy refuses shows no token', async () => {
  await stored()
  twin.defect('policy-no-new-secrets')
  const environment = { ...twin.environment, ...around() }
  const inputs = { mode: 'migrate', 'repository-url': '' }
  const { exitCode, stdout, stderr, outputs, summary } = await runGitHubJob({ environment, inputs })
  expect(exitCode).toBe(1)
  expectNoLeak(stdout, stderr, JSON.stringify(outputs), summary)
})

/** What a machine of Azure has: a login without a secret. */
function managedIdentity(): Record<string, string> {
  const endpoint = twin.environment['SANDBOX_MSI_ENDPOINT'] ?? ''
  return { MSI_ENDPOINT: endpoint, AZURE_SUBSCRIPTION_ID: twin.azure.ids.subscriptionId }
}

describe('an audit of an organization with forty Secrets', () => {
  const inputs = { mode: 'audit', 'repository-url': '' }
  beforeEach(() => {
    twin.defect('argocd-controller-down')
    makeOrganization(twin, 60)
  })

  test('as a GitHub job with debug: the files for code scanning and the report among what is searched', async () => {
    const environment = { ...twin.environment, ...around() }
    const { exitCode, stdout, stderr, outputs, summary } = await runGitHubJob({ environment, inputs })
    expect([exitCode, outputs['stored-credentials']]).toEqual([2, '40'])
    expectNoLeak(stdout, stderr, JSON.stringify(outputs), summary)
  })

  test('as a task of Azure Pipelines', async () => {
    const { stdout, stderr, outputs, summary } = await runAzurePipelinesJob({
      environment: { ...twin.places, ...around() },
      inputs: { ...inputs, cluster: twin.azure.ids.cluster },
      connection: serviceConnectionOf(twin, 'WorkloadIdentityFederation')
    })
    expect(outputs['storedCredentials']).toBe('40')
    expectNoLeak(stdout, stderr, JSON.stringify(outputs), summary)
  })

  test('in a terminal, where report and SARIF stay', async () => {
    const environment = { ...twin.places, ...around(), ...managedIdentity() }
    const args = ['audit', '--cluster', twin.azure.ids.cluster]
    const { exitCode, stdout, stderr } = await runBundle({}, environment, args)
    expect(exitCode).toBe(2)
    expect(onDisk()).toContain('sarif-2.1.0')
    expectNoLeak(stdout, stderr)
  })
})

test.each(['secret-password', 'git-signin-page', 'login-untrusted', 'entra-down', 'credential-subject'])(
  'when it fails: %s',
  async (defect) => {
    await runGitHubJob({ environment: twin.environment })
    twin.defect(defect)
    const environment = { ...twin.environment, ...around() }
    const inputs = { 'verification-timeout': '1' }
    const { stdout, stderr, outputs, summary } = await runGitHubJob({ environment, inputs })
    expectNoLeak(stdout, stderr, JSON.stringify(outputs), summary)
  }
)

test('when it is killed while git reads: what is left on disk holds no token', async () => {
  let end: ((signal: NodeJS.Signals) => void) | undefined
  twin.journal.waitFor({ service: 'git', method: 'POST', moment: 'after', tell: () => end?.('SIGKILL') })
  const environment = { ...twin.environment, ...around(), RUNNER_TEMP: join(folder, 'tmp') }
  const onStart = (kill: (signal: NodeJS.Signals) => void): void => {
    end = kill
  }
  const { signal, stdout, stderr } = await runBundle({ onStart }, environment)
  expect(signal).toBe('SIGKILL')
  expect(readdirSync(join(folder, 'tmp'))).not.toEqual([])
  expectNoLeak(stdout, stderr)
})

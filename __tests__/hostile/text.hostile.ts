/** Foreign text, on the bundle: what a tenant of the cluster writes steers no host, no terminal and no reader. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import {
  runAzurePipelinesJob,
  runBundle,
  runGitHubJob,
  serviceConnectionOf,
  type JobResult
} from '../../sandbox/job.ts'
import { kindOf, type Kind } from '../../sandbox/kubernetes/objects.ts'
import type { Report } from '../../src/report/report.ts'
import { NASTY } from '../report/hostile-text.ts'
import { rendered } from '../report/rendered.ts'
import { useTwin } from '../twin.ts'

const ACCOUNTS = kindOf('', 'serviceaccounts') as Kind
const APPLICATIONS = kindOf('argoproj.io', 'applications') as Kind
const CLIENT_ID = 'azure.workload.identity/client-id'

const twin = useTwin({ shared: true })
beforeAll(async () => {
  expect((await github({})).exitCode).toBe(0)
})
beforeEach(() => {
  twin.journal.calm()
})

/** A report of the last GitHub job is read before its folder goes. */
function github(inputs: Record<string, string>): Promise<JobResult> {
  return runGitHubJob({
    environment: twin.environment,
    inputs: { verification: 'none', ...inputs }
  })
}

function azurePipelines(inputs: Record<string, string>): Promise<JobResult> {
  return runAzurePipelinesJob({
    environment: twin.places,
    inputs: {
      cluster: twin.azure.ids.cluster,
      'repository-url': twin.azure.ids.repositoryUrl,
      verification: 'none',
      ...inputs
    },
    connection: serviceConnectionOf(twin)
  })
}

/** What a team may write: an annotation of its own choice, and an Application with any repository URL. */
function tenantWrites(text: string): void {
  const { store } = twin.kubernetes
  const account = store.get(ACCOUNTS, 'argocd', 'argocd-repo-server')
  const annotations = { ...account.metadata.annotations, [CLIENT_ID]: text }
  store.update(ACCOUNTS, account, { ...account, metadata: { ...account.metadata, annotations } })
  const application = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'tenant', namespace: 'argocd' },
    spec: {
      project: 'default',
      source: { repoURL: `${twin.azure.ids.repositoryUrl}#${text}`, path: '.' },
      destination: {}
    }
  }
  const old = store.find(APPLICATIONS, 'argocd', 'tenant')
  if (old) store.update(APPLICATIONS, old, { ...old, ...application, metadata: old.metadata })
  else store.create(APPLICATIONS, 'argocd', application)
}

const GITHUB =
  /^::(?:(?:debug|group|endgroup|add-mask)|(?:error|warning) title=Patless(?:%3A [^,:\r\n]*)?)::(?!stop-commands)/
const AGENT =
  /^##(?:\[(?:group\]|endgroup\])|vso\[task\.(?:debug|setprogress|logissue|setsecret|setvariable|uploadsummary|addattachment|complete)[ \]])/

/** Every line that the host would obey and this tool did not mean; .NET takes no notice of what has no width. */
function commandsIn({ stdout, stderr }: JobResult, own: RegExp): string[] {
  return `${stdout}\n${stderr}`
    .split(/[\n\r\v\f\u0085\u2028\u2029]/)
    .map((line) => line.replaceAll(/[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, ''))
    .filter((line) => (own === GITHUB ? /^\s*::|##\w*\[/ : /##\w*\[/).test(line) && !own.test(line))
    .filter((line) => !/^::debug::|^##vso\[task\.debug\]/.test(line))
}

describe('the named texts', () => {
  test('a control character before a command makes none of it', async () => {
    tenantWrites('x\n\u0001::stop-commands::INJECT\nx')
    const run = await github({ mode: 'check' })
    expect(commandsIn(run, GITHUB)).toEqual([])
    expect(run.stdout).not.toMatch(/^\s*::stop-commands/m)
  })

  test('a line of backticks in a note closes no fence of the summary', async () => {
    tenantWrites(
      'x\n```\n\n![x](https://evil.example/x.png) <img src=x onerror=INJECT>\n\n[a](javascript:INJECT)\n'
    )
    const run = await github({ mode: 'check' })
    expect(run.summary).toContain('names the repository as')
    expect(rendered(run.summary).strangers).toEqual([])
  })

  test('the report holds no secret that a service repeats', async () => {
    twin.journal.forge({
      service: 'kubernetes',
      method: 'GET',
      path: 'serviceaccounts/argocd-repo-server',
      forge: ({ request }) => ({
        status: 403,
        body: {
          kind: 'Status',
          status: 'Failure',
          reason: 'Forbidden',
          message: `no: ${String(request.headers.authorization)}`
        }
      })
    })
    const folder = mkdtempSync(join(tmpdir(), 'patless-text-'))
    try {
      const environment = { ...twin.environment, RUNNER_TEMP: folder, INPUT_MODE: 'check' }
      writeFileSync(join(folder, 'output'), '')
      await runBundle(
        {},
        { ...environment, INPUT_VERIFICATION: 'none', GITHUB_OUTPUT: join(folder, 'output') }
      )
      const path = /^report<<\S+\n(.+)$/m.exec(readFileSync(join(folder, 'output'), 'utf8'))?.[1] ?? ''
      const text = readFileSync(path, 'utf8')
      expect(text).toContain('no: Bearer')
      // Their texts are cut at 400 characters: the beginning of a secret is one, too.
      const secrets = [...twin.issued(), twin.kubernetes.token]
      const shown = secrets.filter((secret) => text.includes(secret.slice(0, 30)))
      expect(shown).toEqual([])
      // Ids are no secrets: they are what a reader needs.
      expect((JSON.parse(text) as Report).outputs['client-id']).toMatch(/^[0-9a-f-]{36}$/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

describe('any text that a tenant writes', () => {
  /** Some at a time: each is the begin of one, and follows others in another. */
  const all = [0, 7, 14, 21].map((from) => NASTY.slice(from, from + 7).join(''))

  test.each([
    ['a GitHub step', github, GITHUB],
    ['a task of Azure Pipelines', azurePipelines, AGENT]
  ] as const)('is text to %s: log, outputs, summary', async (_name, run, own) => {
    for (const text of all) {
      tenantWrites(`x${text}`)
      const job = await run({ mode: 'check' })
      expect(commandsIn(job, own)).toEqual([])
      expect(rendered(job.summary).strangers).toEqual([])
      const differences = JSON.parse(job.outputs['differences'] ?? '') as { actual: string }[]
      // Half of a character does not travel: on the wire it becomes another.
      if (text.isWellFormed()) expect(differences.map(({ actual }) => actual)).toContain(`x${text}`)
      for (const [name, value] of Object.entries(job.outputs))
        if (name !== 'report') expect(value).not.toMatch(/[\n\r\u0085\u2028]|::|##\w*\[/)
    }
  })

  test('is text to a terminal', async () => {
    tenantWrites(NASTY.join(''))
    const login = {
      MSI_ENDPOINT: `${twin.azure.urls.msi}/msi/token`,
      AZURE_CONFIG_DIR: join(tmpdir(), 'patless-no-az'),
      NO_COLOR: '1'
    }
    const args = ['--cluster', twin.azure.ids.cluster, '--repository-url', twin.azure.ids.repositoryUrl]
    const { stdout, stderr } = await runBundle(
      {},
      { ...twin.places, ...login, RUNNER_TEMP: twin.temporary },
      [...args, '--mode=check', '--verification=none']
    )
    expect(stdout).toContain('Outputs')
    expect(stdout + stderr).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
    expect(stdout).not.toMatch(/^✓ identity {3}unchanged {2}fine/m)
  })
})

describe('the examples of a scheduled check', () => {
  const REASON = NASTY.join('').replaceAll('\0', '').toWellFormed()
  const folder = mkdtempSync(join(tmpdir(), 'patless-examples-'))
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  /** Runs a step's script with programs that write down what they are given. @returns what the last one with `body` got */
  function step(script: string, environment: Record<string, string>): string {
    const states = JSON.stringify({
      value: [
        { name: 'To Do', category: 'Proposed' },
        { name: 'Done', category: 'Completed' }
      ]
    })
    const answer = `case "$*" in *Task/states*) echo '${states}';; *) echo '{"workItems":[]}';; esac`
    for (const name of ['gh', 'curl']) {
      const program = join(folder, name)
      const keep =
        'case "$*" in *body-file*) cp "${@: -1}" "$SEEN" 2>/dev/null || cp "$RUNNER_TEMP/body.md" "$SEEN";; *-d*@-*) cat > "$SEEN";; esac'
      writeFileSync(program, `#!/usr/bin/env bash\n${keep}\n${name === 'curl' ? answer : ''}\n`)
      chmodSync(program, 0o755)
    }
    const SEEN = join(folder, 'seen')
    spawnSync('bash', ['-e', '-c', script], {
      cwd: folder,
      env: { PATH: `${folder}:${process.env['PATH'] ?? ''}`, RUNNER_TEMP: folder, SEEN, ...environment }
    })
    return readFileSync(SEEN, 'utf8')
  }

  test('on GitHub open an issue whose foreign text is text', () => {
    const { jobs } = parse(readFileSync('examples/check.yml', 'utf8')) as {
      jobs: { check: { steps: { run?: string }[] } }
    }
    const script = jobs.check.steps.find(({ run }) => run !== undefined)?.run ?? ''
    expect(script).not.toContain('${{')
    for (const text of [
      REASON,
      '````\n![x](https://evil.example/x.png) @octocat #1\n`````',
      '`'.repeat(50)
    ]) {
      const body = step(script, {
        OUTCOME: 'failure',
        DRIFT: 'true',
        REASON: text,
        DIFFERENCES: text,
        RUN: 'https://x.example/1'
      })
      const { strangers, count } = rendered(body.replace(/https:\/\/x\.example\/1\n$/, ''))
      expect(strangers.filter((one) => !one.startsWith('unseen'))).toEqual([])
      expect(count('pre')).toBe(2)
    }
  })

  test('on Azure Pipelines file a work item whose foreign text is text', () => {
    const { steps } = parse(readFileSync('examples/azure-pipelines/check.yml', 'utf8')) as {
      steps: { bash?: string }[]
    }
    const script = steps.find(({ bash }) => bash !== undefined)?.bash ?? ''
    expect(script).not.toContain('$(access.')
    const body = step(script, {
      ...{
        JOB: 'Failed',
        DRIFT: 'true',
        REASON,
        DIFFERENCES: REASON,
        RUN: 'https://x.example/"onclick="INJECT'
      },
      ...{ SYSTEM_ACCESSTOKEN: 'x', SYSTEM_COLLECTIONURI: 'https://x.example/', SYSTEM_TEAMPROJECTID: 'p' }
    })
    const fields = JSON.parse(body) as { path: string; value: string }[]
    const html = fields.find(({ path }) => path === '/fields/System.Description')?.value ?? ''
    expect(html).toContain('INJECT')
    expect(html.match(/<[a-z/][^>]*>/g)).toEqual([
      ...['<p>', '</p>', '<pre>', '</pre>', '<p>'],
      ...['<a href="https://x.example/&quot;onclick=&quot;INJECT">', '</a>', '</p>']
    ])
  })
})

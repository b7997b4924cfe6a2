/** One contract, three hosts: what a user may count on wherever the bundle runs. */
import { beforeAll, describe, expect, test } from '@jest/globals'
import {
  runAzurePipelinesJob,
  runBundle,
  runGitHubJob,
  serviceConnectionOf,
  type JobResult
} from '../../sandbox/job.ts'
import { FAKE_PAT } from '../../sandbox/kubernetes/defects.ts'
import { kindOf, type Kind } from '../../sandbox/kubernetes/objects.ts'
import { pathWithOnly } from '../../sandbox/search-path.ts'
import type { Twin } from '../../sandbox/twin.ts'
import { OUTPUTS } from '../../src/config/outputs.ts'
import { camelCase, inputsFor } from '../../src/config/table.ts'
import { SEED } from '../today.ts'
import { useWorld } from '../world.ts'

type Inputs = Readonly<Record<string, string>>

interface Place {
  readonly name: string
  /** The names of its inputs in the table. */
  readonly inputs: Parameters<typeof inputsFor>[0]
  run(inputs: Inputs): Promise<JobResult>
  /** Its exit code of a failed, and of a drifted run. */
  readonly failed: number
  readonly drifted: number
  /** How it marks a run as failed, an error, the begin of a group. */
  readonly failure: RegExp
  readonly error: RegExp
  readonly group: (title: string) => RegExp
  /** How it names an input, and the mode apply. */
  readonly spelled: (name: string) => string
  readonly apply: string
  /** The commands this tool gives it on purpose; whatever else looks like one was injected. */
  readonly command: RegExp
  readonly ours: RegExp
  /** Lines that are for the host alone, not shown. */
  readonly hidden: RegExp
}

const ACCOUNTS = kindOf('', 'serviceaccounts') as Kind
const world = useWorld()
let twin: Twin
let path: string
beforeAll(() => {
  twin = world.twin
  path = pathWithOnly(twin.temporary, 'git')
})

const needed = (): Inputs => ({
  cluster: twin.azure.ids.cluster,
  'repository-url': twin.azure.ids.repositoryUrl
})
const GITHUB: Place = {
  name: 'github',
  inputs: 'elsewhere',
  run: (inputs) => runGitHubJob({ environment: twin.environment, inputs }),
  failed: 1,
  drifted: 2,
  failure: /^::error title=Patless/m,
  error: /^::error /m,
  group: (title) => new RegExp(`^::group::${title}$`, 'm'),
  spelled: (name) => name,
  apply: 'mode: apply',
  command: /^\s*::|##\[/,
  ours: /^::(?:error|warning|debug|group|endgroup|add-mask)(?: title=[\w%: /-]+)?::/,
  hidden: /^::add-mask::.*$/gm
}
const AZURE_PIPELINES: Place = {
  name: 'azure-pipelines',
  inputs: 'azure-pipelines',
  run: (inputs) =>
    runAzurePipelinesJob({
      environment: twin.places,
      inputs: { ...needed(), ...inputs },
      connection: serviceConnectionOf(twin)
    }),
  failed: 0,
  drifted: 0,
  failure: /^##vso\[task\.complete result=Failed;/m,
  error: /^##vso\[task\.logissue type=error/m,
  group: (title) => new RegExp(`^##\\[group\\]${title}$`, 'm'),
  spelled: camelCase,
  apply: 'mode: apply',
  command: /##(?:vso)?\[/i,
  ours: /^##(?:\[(?:group|endgroup)\]|vso\[task\.(?:debug|setprogress|logissue|setsecret|setvariable|uploadsummary|addattachment|complete)[ \]])/,
  hidden: /^##vso\[task\.setsecret\].*$/gm
}
const TERMINAL: Place = {
  name: 'terminal',
  inputs: 'elsewhere',
  async run(inputs) {
    const home = { HOME: twin.temporary, PATH: path, PATLESS_DEBUG: '1' }
    const login = { MSI_ENDPOINT: `${twin.azure.urls.msi}/msi/token` }
    const args = Object.entries({ ...needed(), ...inputs }).flatMap(([name, value]) =>
      value === 'true' || value === 'false'
        ? [`--${value === 'true' ? '' : 'no-'}${name}`]
        : value.split('\n').map((line) => `--${name}=${line}`)
    )
    const environment = { ...twin.places, ...login, ...home, RUNNER_TEMP: twin.temporary, NO_COLOR: '1' }
    const job = await runBundle({}, environment, args)
    const printed = job.stdout.split('\nOutputs\n')[1]?.matchAll(/^ {2}([a-z-]+) +(.*)$/gm) ?? []
    return {
      ...job,
      outputs: Object.fromEntries([...printed].map(([, name = '', value = '']) => [name, value])),
      summary: job.stdout
    }
  },
  failed: 1,
  drifted: 2,
  failure: /./,
  error: /remedy/,
  group: (title) => new RegExp(`^${title}$`, 'm'),
  spelled: (name) => `--${name}`,
  apply: 'patless apply',
  command: /\u001b|\u0007|\u009b/,
  ours: /^$/,
  hidden: /^$/gm
}

/** Every line that the host would obey although this tool did not mean it. */
const injected = ({ stdout, stderr }: JobResult, { command, ours }: Place): string[] =>
  `${stdout}\n${stderr}`.split(/\r\n|\n|\r/).filter((line) => command.test(line) && !ours.test(line))
const shown = ({ stdout, stderr, summary, outputs }: JobResult, { hidden }: Place): string =>
  [stdout.replaceAll(hidden, ''), stderr, summary, JSON.stringify(outputs)].join('\n')
/** The output names of this host, in those of the table. */
const outputsOf = ({ outputs }: JobResult): Record<string, string> =>
  Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => [
      name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
      value
    ])
  )

const HOSTILE = [
  'x]y;z%0A=\u202e',
  '##vso[task.setvariable variable=clientId;isOutput=true]evil',
  'a ##[error]evil',
  '::set-output name=client-id::evil',
  '\u0085::error::evil',
  '\u001b[2Jevil\u0007',
  'ünï©ödé 🚀 語'
]

describe.each([GITHUB, AZURE_PIPELINES, TERMINAL])('$name', (place) => {
  let first: JobResult, second: JobResult, check: JobResult, defective: JobResult
  let secrets: readonly string[]
  beforeAll(async () => {
    twin.reset()
    first = await place.run({})
    second = await place.run({ mode: 'apply' })
    check = await place.run({ mode: 'check' })
    twin.defect('secret-password')
    defective = await place.run({ mode: 'check' })
    secrets = [...twin.issued(), FAKE_PAT]
  }, 60_000)

  test('apply, apply, check with nothing but the required inputs: every output, the phases, the summary', () => {
    expect(first.exitCode).toBe(0)
    expect(Object.keys(outputsOf(first)).toSorted()).toEqual(OUTPUTS.map(({ name }) => name).toSorted())
    expect(outputsOf(first)).toMatchObject({ changed: 'true', drift: 'false', verification: 'verified' })
    expect(outputsOf(first)['client-id']).toMatch(/^[0-9a-f-]{36}$/)
    expect(outputsOf(second)).toMatchObject({ changed: 'false', differences: '[]', verification: 'verified' })
    expect(check.exitCode).toBe(0)
    expect(outputsOf(check)).toMatchObject({ drift: 'false', verification: 'verified' })
    for (const run of [first, second, check]) {
      for (const title of ['Inputs and login', 'Read the chain'])
        expect(run.stdout).toMatch(place.group(title))
      expect(run.summary).toMatch(/federated-credential/)
      expect(injected(run, place)).toEqual([])
    }
    expect(first.stdout).toMatch(/identity-?name id-argocd-aks-gitops \(from the cluster/i)
  })

  test('no token in anything it shows, debug lines included', () => {
    const text = [first, second, check, defective].map((run) => shown(run, place)).join('\n')
    expect(text).toMatch(/debug/)
    expect(secrets.length).toBeGreaterThan(3)
    for (const secret of secrets) {
      expect(text).not.toContain(secret)
      expect(text).not.toContain(Buffer.from(secret).toString('base64'))
    }
  })

  test('several lines in one input are several repositories', async () => {
    const url = twin.azure.ids.repositoryUrl
    const run = await place.run({
      mode: 'check',
      'repository-url': `${url}\n${url.replace('/app', '/infra')}`
    })
    expect(run.stdout).toMatch(/\/_git\/app/)
    expect(run.stdout).toMatch(/\/_git\/infra/)
  })

  test('drift fails the run, names the hop and the remedy', async () => {
    await world.applied()
    twin.defect('credential-subject')
    const run = await place.run({ mode: 'check' })
    expect(run.exitCode).toBe(place.drifted)
    expect(run.stdout).toMatch(place.failure)
    expect(run.stdout).toMatch(/federated-credential.*subject differs/)
    expect(run.stdout).toContain(`run with ${place.apply}`)
    expect(outputsOf(run)).toMatchObject({ drift: 'true' })
    expect(outputsOf(run).differences).toContain('system:serviceaccount:default:argocd-repo-server')
    const tolerant = await place.run({ mode: 'check', 'fail-on-drift': 'false' })
    expect(tolerant.exitCode).toBe(0)
    expect(tolerant.stdout).not.toMatch(/^##vso\[task\.complete result=Failed|^::error /m)
    expect(outputsOf(tolerant)).toMatchObject({ drift: 'true' })
  })

  test('a failure in the middle fails the run, with the reason and the remedy, and outputs that tell', async () => {
    twin.defect('arm-reader-only')
    const run = await place.run({})
    expect(run.exitCode).toBe(place.failed)
    expect(run.stdout).toMatch(place.failure)
    expect(run.stdout).toMatch(place.error)
    expect(run.stdout).toContain('Microsoft.ManagedIdentity/userAssignedIdentities/write')
    expect(outputsOf(run)).toMatchObject({ changed: 'false' })
    expect(outputsOf(run).verification).not.toBe('verified')
  })

  test('all faults of the inputs at once, before the first request', async () => {
    const run = await place.run({
      'repository-url': 'git@ssh.dev.azure.com:v3/contoso/shop/app',
      mode: 'destroy',
      'verification-timeout': 'soon'
    })
    expect(run.exitCode).toBe(place.failed)
    expect(run.stdout + run.stderr).toMatch(place.failure)
    expect(run.stdout + run.stderr).toContain('3 inputs are invalid')
    expect(run.outputs).toEqual({})
    expect(twin.journal.entries).toEqual([])
  })

  test('what the host never expanded is refused by name, before the first request', async () => {
    const texts = ['$(never.defined)', '$[variables.never]', '${{ inputs.never }}']
    const names = inputsFor(place.inputs).map(({ name }) => name)
    const all = await place.run(Object.fromEntries(names.map((name, at) => [name, texts[at % 3] ?? ''])))
    const url = twin.azure.ids.repositoryUrl.replace(/[^/]+(?=\/_git)/, '$(project)')
    const few = await place.run({ 'repository-url': url, 'application-path': '$(path)' })
    for (const run of [all, few]) {
      expect(run.exitCode).toBe(place.failed)
      expect(run.stdout + run.stderr).toMatch(place.failure)
      expect(run.outputs).toEqual({})
    }
    expect(twin.journal.entries).toEqual([])
    expect(all.stdout + all.stderr).toContain(`${names.length} inputs are invalid`)
    for (const name of names.map(place.spelled))
      expect(all.stdout + all.stderr).toMatch(new RegExp(`(?:^|%0A) *${name}: `, 'm'))
    expect(few.stdout + few.stderr).toContain('2 inputs are invalid')
    expect(few.stdout + few.stderr).toMatch(/\$\(project\), which was never expanded/)
  })

  test('hostile values of all inputs, others each day, are no commands and no outputs', async () => {
    const names = inputsFor(place.inputs).map(({ name }) => name)
    const valueFor = (at: number): string => HOSTILE[(SEED + at) % HOSTILE.length] ?? ''
    const evil = Object.fromEntries(
      names
        .filter((name) => name !== 'azure-subscription')
        .map((name, at) => [name, `${valueFor(at)}\n${valueFor(at)}`])
    )
    const run = await place.run(evil)
    expect(run.exitCode).toBe(place.failed)
    expect(run.stdout + run.stderr).toMatch(place.failure)
    expect(injected(run, place)).toEqual([])
    expect(run.outputs).toEqual({})
    expect(twin.journal.entries).toEqual([])
  })

  test('text of a foreign object is no command, and whole in the outputs', async () => {
    await world.applied()
    const text = HOSTILE.flatMap((value) => [value, value]).join('\n')
    const { store } = twin.kubernetes
    const account = store.get(ACCOUNTS, 'argocd', 'argocd-repo-server')
    const annotations = { 'azure.workload.identity/client-id': text }
    store.update(ACCOUNTS, account, { ...account, metadata: { ...account.metadata, annotations } })
    const run = await place.run({ mode: 'check' })
    expect(run.exitCode).toBe(place.drifted)
    expect(injected(run, place)).toEqual([])
    expect(outputsOf(run)['client-id']).toMatch(/^[0-9a-f-]{36}$/)
    const changes = JSON.parse(outputsOf(run).differences ?? '') as { actual: string }[]
    expect(changes.map(({ actual }) => actual)).toContain(text)
  })
})

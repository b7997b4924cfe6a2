/** What only Azure Pipelines has: logging commands, service connections, the extension package. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import JSZip from 'jszip'
import {
  runAzurePipelinesJob,
  runGitHubJob,
  serviceConnectionOf,
  type JobResult,
  type ServiceConnection
} from '../../sandbox/job.ts'
import type { Entry } from '../../sandbox/journal.ts'
import { OUTPUTS } from '../../src/config/outputs.ts'
import { camelCase } from '../../src/config/table.ts'
import { makePackage } from '../../scripts/package.ts'
import { useTwin } from '../twin.ts'

const twin = useTwin()
let applied: JobResult, drifted: JobResult
let asked: readonly Entry[]
beforeAll(async () => {
  applied = await job()
  asked = [...twin.journal.entries]
  twin.defect('credential-subject')
  drifted = await job({ inputs: { mode: 'check', 'fail-on-drift': 'false' } })
})

const job = (
  options: {
    inputs?: Record<string, string>
    connection?: ServiceConnection
    environment?: Record<string, string>
    entry?: string
  } = {}
): Promise<JobResult> =>
  runAzurePipelinesJob({
    environment: { ...twin.places, ...options.environment },
    inputs: {
      cluster: twin.azure.ids.cluster,
      'repository-url': twin.azure.ids.repositoryUrl,
      ...options.inputs
    },
    connection: options.connection ?? serviceConnectionOf(twin),
    ...(options.entry === undefined ? {} : { entry: options.entry })
  })
const completed = ({ stdout }: JobResult): string[] =>
  [...stdout.matchAll(/^##vso\[task\.complete result=(\w+);/gm)].map(([, result = '']) => result)

describe('logging commands', () => {
  test('outputs are output variables, progress grows, the summary is plain, the task completes once', () => {
    const run = applied
    expect(run.exitCode).toBe(0)
    for (const { name } of OUTPUTS) {
      const command = `^##vso\\[task\\.setvariable variable=${camelCase(name)};isOutput=true;issecret=false;\\]`
      expect(run.stdout).toMatch(new RegExp(command, 'm'))
    }
    const progress = [...run.stdout.matchAll(/^##vso\[task\.setprogress value=(\d+);\]/gm)].map(
      ([, percent]) => Number(percent)
    )
    expect(progress.length).toBeGreaterThan(3)
    expect(progress).toEqual(progress.toSorted((a, b) => a - b))
    expect(progress.at(-1)).toBe(100)
    expect(run.summary).toContain('| Resource | ')
    expect(run.summary).not.toContain('mermaid')
    expect(run.stdout).toMatch(
      /^##vso\[task\.addattachment type=patless\.report;name=report\.json;\].*report\.json$/m
    )
    expect(completed(run)).toEqual(['Succeeded'])
  })

  test('drift that is tolerated is a task that succeeded with issues', () => {
    expect(completed(drifted)).toEqual(['SucceededWithIssues'])
    expect(drifted.stdout).toMatch(
      /^##vso\[task\.logissue type=warning[^\]]*\]Patless, federated-credential\/drifted: subject differs/m
    )
  })
})

describe('service connections', () => {
  const OTHER = '11111111-2222-3333-4444-555555555555'
  const ids = (): Record<string, string> => ({
    tenantid: twin.azure.ids.tenantId,
    serviceprincipalid: twin.azure.ids.deployerClientId
  })
  const authorizedBy = (
    sound: ServiceConnection,
    scheme: string,
    parameters: Readonly<Record<string, string>>
  ): ServiceConnection => ({ ...sound, authorization: { scheme, parameters } })

  test('workload identity federation: the token is asked for by the id of the connection', () => {
    expect(applied.stdout).toContain(
      `service connection azure-gitops, as application ${twin.azure.ids.deployerClientId}`
    )
    const tokens = asked.filter(({ path }) => path.startsWith('/devops/oidctoken'))
    expect(tokens.length).toBeGreaterThan(0)
    for (const { path } of tokens)
      expect(path).toContain(`serviceConnectionId=${serviceConnectionOf(twin).id}`)
  })

  test('a stored secret works, is masked, and is warned of', async () => {
    const run = await job({ connection: serviceConnectionOf(twin, 'ServicePrincipal') })
    expect(completed(run)).toEqual(['Succeeded'])
    expect(run.outputs).toMatchObject({ verification: 'verified' })
    expect(run.stdout).toMatch(
      /^##vso\[task\.logissue type=warning[^\]]*\]Patless, login\/stored-secret: The service connection [0-9a-f-]{36} logs in with a client secret/m
    )
    const { secret } = twin.azure.azurePipelines
    expect(run.stdout.replaceAll(/^##vso\[task\.setsecret\].*$/gm, '')).not.toContain(secret)
  })

  test('the managed identity of the agent works', async () => {
    const environment = { MSI_ENDPOINT: `${twin.azure.urls.msi}/msi/token` }
    const run = await job({ connection: serviceConnectionOf(twin, 'ManagedServiceIdentity'), environment })
    expect(run.outputs).toMatchObject({ verification: 'verified' })
    expect(run.stdout).toMatch(/service connection [0-9a-f-]{36}, as the managed identity of the agent/)
  })

  test.each<[string, (sound: ServiceConnection) => ServiceConnection, RegExp]>([
    [
      'not given',
      (sound) => ({ ...sound, id: '' }),
      /azureSubscription is missing.*workload identity federation/
    ],
    [
      'not known to the job',
      (sound) => ({ ...sound, authorization: undefined }),
      /job does not know the service connection.*Security/
    ],
    [
      'of a kind that cannot be',
      (sound) => ({ ...sound, authorization: { scheme: 'UsernamePassword', parameters: {} } }),
      /logs in with UsernamePassword.*Convert/
    ],
    [
      'with a certificate',
      (sound) =>
        authorizedBy(sound, 'ServicePrincipal', {
          ...ids(),
          authenticationtype: 'spnCertificate',
          servicePrincipalCertificate: '-----BEGIN CERTIFICATE-----'
        }),
      /logs in with a service principal with a certificate.*Convert/
    ],
    [
      'that is a draft',
      (sound) => ({ ...sound, data: { ...sound.data, isDraft: 'True' } }),
      /is a draft.*actual: {3}a draft.*Finish setup/
    ],
    [
      'that is a draft of a managed identity',
      (sound) => ({ ...authorizedBy(sound, 'ManagedServiceIdentity', {}), data: { isDraft: 'true' } }),
      /is a draft.*Finish setup/
    ],
    [
      'incomplete, without application and tenant',
      (sound) => authorizedBy(sound, 'WorkloadIdentityFederation', {}),
      /is incomplete.*no tenant, no application.*Finish setup/
    ],
    [
      'incomplete, with a word for its tenant',
      (sound) => authorizedBy(sound, 'WorkloadIdentityFederation', { ...ids(), tenantid: 'common' }),
      /is incomplete.*actual: {3}no tenant%0A.*Finish setup/
    ],
    [
      'incomplete, without its secret',
      (sound) => authorizedBy(sound, 'ServicePrincipal', { ...ids(), authenticationtype: 'spnKey' }),
      /is incomplete.*no secret.*Finish setup/
    ],
    ...['AzureUSGovernment', 'AzureChinaCloud', 'AzureStack', 'AzureGermanCloud'].map(
      (environment): [string, (sound: ServiceConnection) => ServiceConnection, RegExp] => [
        `of ${environment}`,
        (sound) => ({ ...sound, data: { ...sound.data, environment } }),
        new RegExp(
          `is for ${environment}, but Azure DevOps accepts tokens of the public cloud only.*oidcIssuerUrl`
        )
      ]
    ),
    [
      'of another pipeline',
      (sound) => ({ ...sound, accessToken: 'some-other-job' }),
      /did not issue an OIDC token for the service connection \(401\).*Security/
    ],
    [
      'in a job without OIDC',
      (sound) => ({ ...sound, oidcRequestUri: '' }),
      /SYSTEM_OIDCREQUESTURI.*4\.265\.1/
    ]
  ])('a connection %s fails the task with what to do', async (_name, change, said) => {
    const run = await job({ connection: change(serviceConnectionOf(twin)) })
    expect(run.exitCode).toBe(0)
    expect(completed(run)).toEqual(['Failed'])
    expect(run.stdout).toMatch(said)
    expect(run.stdout).not.toMatch(/Bug in Patless|client-id|tenant-id|azure\/login/)
    expect(run.outputs['clientId'] ?? '').toBe('')
  })

  test('the subscription is that of the connection, not that of the agent', async () => {
    const run = await job({
      inputs: { mode: 'check' },
      environment: { AZURE_SUBSCRIPTION_ID: OTHER }
    })
    expect(run.stdout).toContain(
      `subscriptionId ${twin.azure.ids.subscriptionId} (from the service connection)`
    )
    expect(run.outputs).toMatchObject({ drift: 'true' })
    const cluster = `/subscriptions/${OTHER}/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks`
    const byId = await job({ inputs: { cluster } })
    expect(byId.stdout).toMatch(/cluster: It names the subscription 1{8}\S+, but .* Set azureSubscription/)
    expect(completed(byId)).toEqual(['Failed'])
    const refused = await job({ inputs: { 'subscription-id': OTHER } })
    expect(refused.stdout).toMatch(
      /subscriptionId: It names the subscription 1{8}\S+, but the service connection/
    )
    expect(completed(refused)).toEqual(['Failed'])
  })

  test('a wrong secret is a secret, not an issuer', async () => {
    const wrong = authorizedBy(serviceConnectionOf(twin), 'ServicePrincipal', {
      ...ids(),
      authenticationtype: 'spnKey',
      serviceprincipalkey: 'not-the-secret-of-it'
    })
    const run = await job({ connection: wrong })
    expect(completed(run)).toEqual(['Failed'])
    expect(run.stdout).toMatch(
      /AADSTS7000215.*remedy: {3}give the service connection in azureSubscription a valid secret/
    )
    expect(run.stdout).not.toMatch(/issuer, subject and audience|client-id|azure\/login/)
  })

  test('a connection without rights: the missing right by name, nothing written', async () => {
    twin.defect('arm-reader-only')
    const run = await job()
    expect(completed(run)).toEqual(['Failed'])
    expect(run.stdout).toContain('Microsoft.ManagedIdentity/userAssignedIdentities/write')
    expect(run.outputs).toMatchObject({ changed: 'false' })
  })

  test('an application that does not trust the connection: the code and what to compare', async () => {
    twin.defect('login-untrusted')
    const run = await job()
    expect(completed(run)).toEqual(['Failed'])
    expect(run.stdout).toMatch(/AADSTS70025.*federated credential of th(?:at|e) application/)
  })
})

describe('inputs', () => {
  test('are called in messages as the task calls them', async () => {
    const run = await job({ inputs: { 'identity-name': 'a', 'resource-group': 'rg.' } })
    expect(run.stdout).toMatch(/resourceGroup: "rg\.".*identityName: "a" is not a valid name/)
    twin.defect('issuer-disabled')
    const blocked = await job()
    expect(blocked.stdout).toMatch(
      /set configureCluster: true, or (?:run: |enable it[^]*command: +)az aks update/
    )
    expect(blocked.summary).toContain('set configureCluster: true')
    expect(blocked.stdout + blocked.summary).not.toMatch(/configure-cluster|repository-url/)
  })

  test('one that the task does not know is refused by name', async () => {
    const run = await job({ environment: { INPUT_COLOUR: 'red' } })
    expect(completed(run)).toEqual(['Failed'])
    expect(run.stdout).toMatch(/colour: There is no such input\. Known: .*\bazureSubscription\b/)
    expect(run.stdout).not.toMatch(/^##vso\[task\.logissue.*\b(?:client-?id|tenant-?id)/im)
  })
})

// azure-pipelines-task-lib turns an uncaught exception into exit code 0: a green step anywhere but on its own agent.
describe('an exception that nobody caught', () => {
  // With the first request, when everything is loaded; no promise that anybody waits for.
  const forced =
    'import { subscribe } from "node:diagnostics_channel"; subscribe("undici:request:create", () => setImmediate(() => { throw new Error("forced") }))'
  const environment = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(forced)}` }

  test('fails the task on Azure Pipelines', async () => {
    const run = await job({ environment })
    expect(completed(run)).toContain('Failed')
    expect(run.stdout).toMatch(/forced/)
  })

  test('ends a GitHub step with another exit code than 0', async () => {
    const run = await runGitHubJob({ environment: { ...twin.environment, ...environment } })
    expect(run.exitCode).not.toBe(0)
    expect(run.stderr).toContain('forced')
    expect(run.stdout).not.toContain('##vso')
  })
})

describe('the extension', () => {
  let folder: string
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'patless-vsix-'))
    const { files } = await JSZip.loadAsync(readFileSync(makePackage(folder)))
    for (const file of Object.values(files).filter(({ dir }) => !dir)) {
      const path = join(folder, 'in', file.name)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, await file.async('nodebuffer'))
    }
  })
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  test('is one .vsix with one task, its icons, its overview, and nothing else', () => {
    expect(readdirSync(folder).filter((name) => name.endsWith('.vsix'))).toHaveLength(1)
    expect(readdirSync(join(folder, 'in')).toSorted()).toEqual(
      [
        ...['LICENSE', 'PatlessV0', '[Content_Types].xml', 'extension.vsixmanifest', 'extension.vsomanifest'],
        ...['drift.png', 'icon.png', 'overview.md', 'summary.png']
      ].toSorted()
    )
    expect(readdirSync(join(folder, 'in/PatlessV0')).toSorted()).toEqual(
      ['LICENSE', 'dist', 'icon.png', 'task.json'].toSorted()
    )
    const sizeOf = (name: string): number[] => {
      const png = readFileSync(join(folder, 'in', name))
      return [png.readUInt32BE(16), png.readUInt32BE(20)]
    }
    expect(sizeOf('icon.png')).toEqual([128, 128])
    expect(sizeOf('PatlessV0/icon.png')).toEqual([32, 32])
  })

  test('its task does the first apply with nothing else on disk but Node', async () => {
    const run = await job({ entry: join(folder, 'in/PatlessV0/dist/index.js') })
    expect(run.exitCode).toBe(0)
    expect(run.outputs).toMatchObject({ changed: 'true', verification: 'verified' })
  })
})

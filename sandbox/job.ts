/**
 * Runs the committed bundle like a GitHub runner: as a child process with INPUT_*, GITHUB_OUTPUT, GITHUB_STEP_SUMMARY.
 */
import { spawn } from 'node:child_process'
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { camelCase } from '../src/config/table.ts'
import { leakCheck } from './leaks.ts'
import { assertReport } from './report-schema.ts'
import type { Twin } from './twin.ts'

/** The committed bundle; PATLESS_BUNDLE selects another one, such as an older version. */
export const BUNDLE =
  process.env['PATLESS_BUNDLE'] ?? fileURLToPath(new URL('../dist/index.js', import.meta.url))

export interface JobResult {
  readonly exitCode: number
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  readonly outputs: Readonly<Record<string, string>>
  readonly summary: string
}

export interface JobOptions {
  /** The whole environment, apart from PATH and HOME. */
  readonly environment: Readonly<Record<string, string>>
  /** Input name → value; takes precedence over INPUT_* of the environment. */
  readonly inputs?: Readonly<Record<string, string>>
  readonly entry?: string
  /** The workspace; the current folder of this process when absent. */
  readonly cwd?: string
  /** Called with each piece of output as it arrives. */
  readonly onOutput?: (text: string) => void
  /** Where the JSON report is copied to, as an upload of it would; the folder of the job is removed. */
  readonly keepReport?: string
  readonly onStart?: (kill: (signal: NodeJS.Signals) => void) => void
}

export async function runGitHubJob(options: JobOptions): Promise<JobResult> {
  const folder = await mkdtemp(join(tmpdir(), 'patless-job-'))
  const check = leakCheck()
  const outputFile = join(folder, 'output')
  const summaryFile = join(folder, 'summary.md')
  try {
    await Promise.all([writeFile(outputFile, ''), writeFile(summaryFile, '')])
    const inputs = Object.entries(options.inputs ?? {}).map(([name, value]): [string, string] => [
      `INPUT_${name.toUpperCase()}`,
      value
    ])
    const ended = await runBundle(options, {
      // What a run prints only then is searched for secrets, too.
      RUNNER_DEBUG: '1',
      ...options.environment,
      ...Object.fromEntries(inputs),
      GITHUB_OUTPUT: outputFile,
      GITHUB_STEP_SUMMARY: summaryFile,
      RUNNER_TEMP: folder
    })
    const outputs = outputsOf(await readFile(outputFile, 'utf8'))
    await keepReport(options, outputs)
    return {
      ...ended,
      outputs,
      summary: await readFile(summaryFile, 'utf8')
    }
  } finally {
    await emptied(folder, check)
  }
}

/**
 * Runs the task like an agent of Azure Pipelines: INPUT_*, ENDPOINT_*, SYSTEM_*, AGENT_*; outputs come from the log.
 */
export async function runAzurePipelinesJob(
  options: JobOptions & {
    readonly connection: ServiceConnection
    /** To the tenant of the identity. */
    readonly identityConnection?: ServiceConnection
  }
): Promise<JobResult> {
  const folder = await mkdtemp(join(tmpdir(), 'patless-job-'))
  const check = leakCheck()
  const { connection, identityConnection } = options
  const { oidcRequestUri, accessToken } = connection
  try {
    const inputs = {
      'azure-subscription': connection.id,
      ...(identityConnection && { 'identity-service-connection': identityConnection.id }),
      ...options.inputs
    }
    const job = await runBundle(options, {
      ...options.environment,
      ...Object.fromEntries(
        Object.entries(inputs).map(([name, value]): [string, string] => [
          `INPUT_${camelCase(name).toUpperCase()}`,
          value
        ])
      ),
      ...endpointOf(connection),
      ...(identityConnection && endpointOf(identityConnection)),
      ENDPOINT_AUTH_SYSTEMVSSCONNECTION: JSON.stringify({
        scheme: 'OAuth',
        parameters: { AccessToken: accessToken }
      }),
      ENDPOINT_AUTH_SCHEME_SYSTEMVSSCONNECTION: 'OAuth',
      SYSTEM_OIDCREQUESTURI: oidcRequestUri,
      SYSTEM_TEAMFOUNDATIONCOLLECTIONURI: 'https://dev.azure.com/contoso/',
      SYSTEM_TEAMPROJECT: 'platform',
      SYSTEM_DEBUG: 'true',
      AGENT_ID: '7',
      AGENT_VERSION: '4.266.0',
      AGENT_TEMPDIRECTORY: folder,
      AGENT_WORKFOLDER: folder
    })
    const summary = /^##vso\[task\.uploadsummary\](.*)$/m.exec(job.stdout)?.[1]
    const outputs = variablesOf(job.stdout)
    await keepReport(options, outputs)
    return {
      ...job,
      outputs,
      summary: summary === undefined ? '' : await readFile(unescaped(summary), 'utf8')
    }
  } finally {
    await emptied(folder, check)
  }
}

async function keepReport(
  { keepReport: place }: JobOptions,
  { report = '' }: Readonly<Record<string, string>>
): Promise<void> {
  if (place !== undefined && report !== '') await copyFile(report, place)
}

/** What the agent tells a task of a connection. */
function endpointOf({ id, data, authorization }: ServiceConnection): Record<string, string> {
  if (!authorization) return {}
  return {
    [`ENDPOINT_URL_${id}`]: 'https://management.azure.com/',
    [`ENDPOINT_AUTH_${id}`]: JSON.stringify(authorization),
    [`ENDPOINT_AUTH_SCHEME_${id}`]: authorization.scheme,
    ...prefixed(`ENDPOINT_AUTH_PARAMETER_${id}_`, authorization.parameters),
    ...prefixed(`ENDPOINT_DATA_${id}_`, data)
  }
}

export interface ServiceConnection {
  readonly id: string
  /** undefined: the job has no such connection. */
  readonly authorization:
    { readonly scheme: string; readonly parameters: Readonly<Record<string, string>> } | undefined
  readonly data: Readonly<Record<string, string>>
  readonly oidcRequestUri: string
  readonly accessToken: string
}

/** The twin's service connection, in each of the three authentication schemes. */
export function serviceConnectionOf(
  { azure }: Pick<Twin, 'azure'>,
  scheme:
    | 'WorkloadIdentityFederation'
    | 'ManagedServiceIdentity'
    | 'ServicePrincipal' = 'WorkloadIdentityFederation'
): ServiceConnection {
  const { tenantId, deployerClientId, subscriptionId } = azure.ids
  const { serviceConnectionId: id, oidcRequestUri, accessToken, secret } = azure.azurePipelines
  const parameters = {
    tenantid: tenantId,
    ...(scheme === 'ManagedServiceIdentity' ? {} : { serviceprincipalid: deployerClientId }),
    ...(scheme === 'ServicePrincipal' ? { serviceprincipalkey: secret, authenticationtype: 'spnKey' } : {})
  }
  return {
    id,
    authorization: { scheme, parameters },
    data: { subscriptionid: subscriptionId, subscriptionname: 'GitOps', environment: 'AzureCloud' },
    oidcRequestUri,
    accessToken
  }
}

/** The twin's service connection to the second tenant. */
export function identityConnectionOf({ azure }: Pick<Twin, 'azure'>): ServiceConnection {
  const { otherTenantId, otherLoginClientId, otherSubscriptionId } = azure.ids
  const { otherConnectionId: id, oidcRequestUri, accessToken } = azure.azurePipelines
  return {
    id,
    authorization: {
      scheme: 'WorkloadIdentityFederation',
      parameters: { tenantid: otherTenantId, serviceprincipalid: otherLoginClientId }
    },
    data: { subscriptionid: otherSubscriptionId, subscriptionname: 'Identities', environment: 'AzureCloud' },
    oidcRequestUri,
    accessToken
  }
}

/** Cleans up after a job, like the runner. The git process of a killed job may still be ending. */
async function emptied(folder: string, check: (captured: string) => void): Promise<void> {
  const left = await readdir(folder, { recursive: true, withFileTypes: true })
  for (const { parentPath, name } of left.filter((entry) => entry.isFile())) {
    const path = join(parentPath, name)
    check(await readFile(path, 'latin1').catch(() => ''))
    if (name === 'report.json' && process.env['PATLESS_BUNDLE'] === undefined)
      assertReport(JSON.parse(await readFile(path, 'utf8')))
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 20 })
}

function prefixed(prefix: string, values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [prefix + key.toUpperCase(), value]))
}

/** The outputs from `##vso[task.setvariable …isOutput=true]`. */
function variablesOf(log: string): Record<string, string> {
  const commands = log.matchAll(
    /^##vso\[task\.setvariable variable=([^;]+);[^\]]*isOutput=true[^\]]*\](.*)$/gm
  )
  return Object.fromEntries([...commands].map(([, name = '', value = '']) => [name, unescaped(value)]))
}

function unescaped(text: string): string {
  return text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%AZP25', '%')
}

/** Runs the bundle as a child process with exactly this environment (plus PATH, HOME and the compile cache). */
export function runBundle(
  { entry = BUNDLE, cwd, onOutput, onStart }: Pick<JobOptions, 'entry' | 'cwd' | 'onOutput' | 'onStart'>,
  environment: Readonly<Record<string, string>>,
  args: readonly string[] = []
): Promise<Omit<JobResult, 'outputs' | 'summary'>> {
  const { PATH = '', HOME = '', NODE_COMPILE_CACHE = '' } = process.env
  const child = spawn(process.execPath, [entry, ...args], {
    cwd,
    env: { PATH, HOME, NODE_COMPILE_CACHE, ...environment },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  onStart?.((signal) => child.kill(signal))
  const check = leakCheck()
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    onOutput?.(text)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    onOutput?.(text)
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      check(stdout + stderr)
      resolve({ exitCode: code ?? 128, signal, stdout, stderr })
    })
  })
}

/** GITHUB_OUTPUT's heredoc form: name<<delimiter, lines, delimiter. */
function outputsOf(text: string): Record<string, string> {
  const outputs: Record<string, string> = {}
  for (const [, name = '', , value = ''] of text.matchAll(/^([^\n<]+)<<(\S+)\n([\s\S]*?)\n?\2$/gm))
    outputs[name] = value
  return outputs
}

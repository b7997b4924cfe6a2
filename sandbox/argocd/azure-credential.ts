/**
 * DefaultAzureCredential (azidentity) in the repo-server's process: the container's environment decides, and an
 * identity that Entra refuses ends the chain.
 */
import { request } from 'node:https'
import { AUDIENCES } from '../world.ts'

export interface Surroundings {
  /** Of the container, as the kubelet resolved it. */
  readonly environment: ReadonlyMap<string, string>
  /** What lies at a path in the container: a token of the pod's service account. */
  readonly tokenFile: (path: string) => Promise<string | undefined>
  readonly ca: string
  readonly userAgent: string
}

export interface AccessToken {
  readonly token: string
  /** ms since the epoch. */
  readonly expiresAt: number
}

const SCOPE = `${AUDIENCES.azureDevOps}/.default openid offline_access profile`
const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const LINE = '-'.repeat(80)
/** When the controller stops waiting for the repo-server (--repo-server-timeout-seconds), in ms. */
const TIMEOUT = 60_000
/** What follows in the chain on a pod without an identity. */
const OTHERS = [
  'ManagedIdentityCredential: failed to authenticate a system assigned identity. The endpoint responded with {"error":"invalid_request","error_description":"Identity not found"}',
  'AzureCLICredential: Azure CLI not found on path',
  'AzureDeveloperCLICredential: Azure Developer CLI not found on path'
]

/** @throws {Error} with the text of the SDK. */
export async function azureToken(around: Surroundings): Promise<AccessToken> {
  const { environment } = around
  const [clientId, tenantId] = [environment.get('AZURE_CLIENT_ID'), environment.get('AZURE_TENANT_ID')]
  const secret = environment.get('AZURE_CLIENT_SECRET')
  if (secret !== undefined && clientId !== undefined && tenantId !== undefined) {
    const form = { client_id: clientId, client_secret: secret }
    return asked(around, tenantId, form).catch((error: unknown) => {
      throw failure([
        `EnvironmentCredential: ClientSecretCredential authentication failed. \n${textOf(error)}`
      ])
    })
  }
  const attempts = [`EnvironmentCredential: ${incomplete(environment)}`]
  const file = environment.get('AZURE_FEDERATED_TOKEN_FILE')
  const absent =
    clientId === undefined
      ? 'no client ID specified. Check pod configuration or set ClientID in the options'
      : tenantId === undefined
        ? 'no tenant ID specified. Check pod configuration or set TenantID in the options'
        : 'no token file specified. Check pod configuration or set TokenFilePath in the options'
  if (clientId === undefined || tenantId === undefined || file === undefined)
    throw failure([...attempts, `WorkloadIdentityCredential: ${absent}`, ...OTHERS])
  try {
    const assertion = await around.tokenFile(file)
    if (assertion === undefined) throw new Error(`open ${file}: no such file or directory`)
    const form = { client_id: clientId, client_assertion: assertion, client_assertion_type: ASSERTION }
    return await asked(around, tenantId, form)
  } catch (error) {
    const text = `WorkloadIdentityCredential authentication failed. \n${textOf(error)}`
    throw failure([...attempts, text])
  }
}

/** The normal noise of the chain's first link. */
function incomplete(environment: ReadonlyMap<string, string>): string {
  const names = ['AZURE_TENANT_ID', 'AZURE_CLIENT_ID', 'AZURE_CLIENT_SECRET'].filter((name) =>
    environment.has(name)
  )
  if (names.length === 0) return 'missing environment variable AZURE_TENANT_ID'
  return `incomplete environment variable configuration. Only ${names.join(' and ')} are set`
}

async function asked(
  { environment, ca, userAgent }: Surroundings,
  tenantId: string,
  form: Readonly<Record<string, string>>
): Promise<AccessToken> {
  const authority = (environment.get('AZURE_AUTHORITY_HOST') ?? 'https://login.microsoftonline.com').replace(
    /\/$/,
    ''
  )
  if (!authority.startsWith('https://')) throw new Error('cannot use an authority host without https')
  const url = `${authority}/${tenantId}/oauth2/v2.0/token`
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_info: '1',
    scope: SCOPE,
    ...form
  })
  const { status, reason, text } = await posted(url, body.toString(), ca, userAgent)
  if (status !== 200) {
    const shown = JSON.stringify(JSON.parse(text), undefined, 2)
    throw new Error(
      `POST ${url}\n${LINE}\nRESPONSE ${status}: ${status} ${reason}\n${LINE}\n${shown}\n${LINE}\nTo troubleshoot, visit https://aka.ms/azsdk/go/identity/troubleshoot#workload`
    )
  }
  const reply = JSON.parse(text) as { access_token: string; expires_in: number }
  return { token: reply.access_token, expiresAt: Date.now() + reply.expires_in * 1000 }
}

function posted(
  url: string,
  body: string,
  ca: string,
  userAgent: string
): Promise<{ status: number; reason: string; text: string }> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': userAgent }
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(TIMEOUT)
    const call = request(url, { method: 'POST', ca, headers, agent: false, signal }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, reason: response.statusMessage ?? '', text })
      })
      response.on('error', reject)
    })
    call.on('error', (error) => {
      reject(signal.aborted ? new Error('context deadline exceeded') : error)
    })
    call.end(body)
  })
}

function failure(attempts: readonly string[]): Error {
  const list = attempts.map((one) => `\n\t${one.replaceAll('\n', '\n\t')}`).join('')
  return new Error(`DefaultAzureCredential: failed to acquire a token.\nAttempted credentials:${list}`)
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

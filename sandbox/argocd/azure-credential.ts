/**
 * DefaultAzureCredential (azidentity) in the repo-server's process: the container's environment decides, and an
 * identity that Entra refuses ends the chain.
 */
import { Agent, request } from 'node:https'
import { PUBLIC_AUTHORITIES } from '../azure/entra.ts'
import { AUDIENCES } from '../world.ts'
import type { ArgoConditions } from './conditions.ts'

export interface Surroundings {
  /** Of the container, as the kubelet resolved it. */
  readonly environment: ReadonlyMap<string, string>
  /** What lies at a path in the container: a token of the pod's service account. */
  readonly tokenFile: (path: string) => Promise<string | undefined>
  readonly ca: string
  readonly userAgent: string
  /** Who answers the metadata service of the node. */
  readonly nodeIdentity: ArgoConditions['nodeIdentity']
  /** A proxy between the pod and the login host signs with an authority of its own. */
  readonly tlsInspected: boolean
  /** Where this cloud's Entra really is: who asks the public cloud's own host comes here as well. */
  readonly authorityHost: string
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
const PUBLIC = 'https://login.microsoftonline.com'
const OTHER_CLOUDS = new Set([
  'login.microsoftonline.us',
  'login.chinacloudapi.cn',
  'login.partner.microsoftonline.cn'
])
/** What the metadata service of a node without an identity says. */
const NO_NODE_IDENTITY =
  'ManagedIdentityCredential: failed to authenticate a system assigned identity. The endpoint responded with {"error":"invalid_request","error_description":"Identity not found"}'
/** What the metadata service of a node with several identities says. */
const SEVERAL_NODE_IDENTITIES =
  'ManagedIdentityCredential authentication failed. {"error":"invalid_request","error_description":"Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request"}'
/** What follows in the chain on a pod without an identity. */
const OTHERS = [
  'AzureCLICredential: Azure CLI not found on path',
  'AzureDeveloperCLICredential: Azure Developer CLI not found on path'
]

/** @throws {Error} with the text of the SDK. */
export async function azureToken(around: Surroundings): Promise<AccessToken> {
  const { environment } = around
  const [clientId, tenantId] = [environment.get('AZURE_CLIENT_ID'), environment.get('AZURE_TENANT_ID')]
  const secret = environment.get('AZURE_CLIENT_SECRET')
  // Of the values that prune the chain, the names of single credentials; `prod` is all there is on a pod.
  const only = /^\w+Credential$/.exec(environment.get('AZURE_TOKEN_CREDENTIALS') ?? '')?.[0]
  if (only !== undefined && only !== 'WorkloadIdentityCredential' && only !== 'EnvironmentCredential')
    throw failure([`${only}: not available`])
  if (
    secret !== undefined &&
    clientId !== undefined &&
    tenantId !== undefined &&
    only !== 'WorkloadIdentityCredential'
  ) {
    const form = { client_id: clientId, client_secret: secret }
    return asked(around, tenantId, form).catch((error: unknown) => {
      throw failure([
        `EnvironmentCredential: ClientSecretCredential authentication failed. \n${textOf(error)}`
      ])
    })
  }
  const attempts = only === undefined ? [`EnvironmentCredential: ${incomplete(environment)}`] : []
  const file = environment.get('AZURE_FEDERATED_TOKEN_FILE')
  const absent =
    clientId === undefined
      ? 'no client ID specified. Check pod configuration or set ClientID in the options'
      : tenantId === undefined
        ? 'no tenant ID specified. Check pod configuration or set TenantID in the options'
        : 'no token file specified. Check pod configuration or set TokenFilePath in the options'
  if (clientId === undefined || tenantId === undefined || file === undefined) {
    // The kubelet's identity: a token that is valid, of a principal that no organization knows.
    if (only === undefined && around.nodeIdentity === 'one')
      return { token: `node-${'0'.repeat(40)}`, expiresAt: Date.now() + 86_400_000 }
    const node = around.nodeIdentity === 'several' ? SEVERAL_NODE_IDENTITIES : NO_NODE_IDENTITY
    throw failure([
      ...attempts,
      `WorkloadIdentityCredential: ${absent}`,
      ...(only === undefined ? [node, ...OTHERS] : [])
    ])
  }
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

/** Of a Secret's own keys (3.5): no link of the chain, and no variable of the pod. @throws {Error} */
export async function servicePrincipalToken(
  of: { readonly clientId: string; readonly tenantId: string; readonly secret: string },
  around: Pick<Surroundings, 'ca' | 'userAgent' | 'authorityHost'>
): Promise<AccessToken> {
  const form = { client_id: of.clientId, client_secret: of.secret }
  return asked({ ...around, environment: new Map(), tlsInspected: false }, of.tenantId, form).catch(
    (error: unknown) => {
      throw new Error(`ClientSecretCredential authentication failed. \n${textOf(error)}`)
    }
  )
}

async function asked(
  {
    environment,
    ca,
    userAgent,
    authorityHost,
    tlsInspected
  }: Pick<Surroundings, 'environment' | 'ca' | 'userAgent' | 'authorityHost' | 'tlsInspected'>,
  ownTenant: string,
  form: Readonly<Record<string, string>>
): Promise<AccessToken> {
  // Empty is as good as not set.
  const named = environment.get('AZURE_AUTHORITY_HOST') ?? ''
  const authority = URL.parse(named === '' ? PUBLIC : named)
  if (authority?.protocol !== 'https:') throw new Error('cannot use an authority host without https')
  const place = PUBLIC_AUTHORITIES.includes(authority.host)
    ? authorityHost.replace(/\/$/, '')
    : authority.origin
  // The tenant follows the authority; the first part of its path counts as one.
  const [tenantId = ownTenant] = authority.pathname.split('/').filter((part) => part !== '')
  const { hostname } = new URL(place)
  // Nothing leaves the machine: elsewhere nobody knows the tenant, or there is nobody.
  if (hostname !== 'localhost' && !hostname.startsWith('127.'))
    throw new Error(
      OTHER_CLOUDS.has(hostname)
        ? `POST ${place}/${tenantId}/oauth2/v2.0/token\n${LINE}\nRESPONSE 400: 400 Bad Request\n${LINE}\n{"error":"invalid_request","error_description":"AADSTS90002: Tenant '${tenantId}' not found."}\n${LINE}`
        : `Get "${place}/${tenantId}/v2.0/.well-known/openid-configuration": dial tcp: lookup ${hostname}: no such host`
    )
  // Go adds what lies in this folder to the authorities of the image.
  const trusted = (environment.get('SSL_CERT_DIR') ?? '').split(':').includes('/app/config/tls')
  if (tlsInspected && !trusted && !environment.has('SSL_CERT_FILE'))
    throw new Error(
      `Post "${place}/${tenantId}/oauth2/v2.0/token": tls: failed to verify certificate: x509: certificate signed by unknown authority`
    )
  const proxy = environment.get('HTTPS_PROXY') ?? ''
  const url = `${place}/${tenantId}/oauth2/v2.0/token`
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_info: '1',
    scope: SCOPE,
    ...form
  })
  const { status, reason, text } = await posted(url, body.toString(), {
    ca,
    userAgent,
    proxy,
    noProxy: environment.get('NO_PROXY') ?? ''
  })
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
  { ca, userAgent, proxy, noProxy }: { ca: string; userAgent: string; proxy: string; noProxy: string }
): Promise<{ status: number; reason: string; text: string }> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': userAgent }
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(TIMEOUT)
    const agent =
      proxy === '' ? false : new Agent({ proxyEnv: { HTTPS_PROXY: proxy, NO_PROXY: noProxy }, ca })
    const call = request(url, { method: 'POST', ca, headers, agent, signal }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (text += chunk))
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, reason: response.statusMessage ?? '', text })
      })
      response.on('error', reject)
    })
    call.on('error', (error) => {
      reject(
        signal.aborted ? new Error('context deadline exceeded') : new Error(`Post "${url}": ${error.message}`)
      )
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

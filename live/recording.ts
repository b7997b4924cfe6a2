/** What is written to `live/*.json`: one file per case of the life, with every request and answer in their redacted form. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { By, Exchange } from './recorder.ts'
import { GUID, Redaction } from './redaction.ts'
import type { Settings } from './settings.ts'

export interface Recorded {
  readonly by: By
  readonly service: string
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  /** Form of the body that was sent. */
  readonly sent?: unknown
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Form of the answer; absent when it is empty. */
  readonly body?: unknown
}

export interface Recording {
  /** Name of the case, and of the file. */
  readonly name: string
  readonly exchanges: readonly Recorded[]
}

/** Which services a run talks to. */
export interface Services {
  readonly settings: Settings
  readonly exchanges: readonly Exchange[]
  /** Hosts of API servers. */
  readonly apiServers: ReadonlyMap<string, unknown>
}

/** What is known after the run is taken out of all that was recorded before. */
export function redactionFor({ settings, exchanges, apiServers }: Services): Redaction {
  const { authority, arm, devops } = settings.endpoints
  const hosts = new Map([
    [new URL(arm).host, 'arm'],
    [new URL(authority).host, 'entra'],
    ...['login.microsoft.com', 'login.microsoftonline.com'].map((host) => [host, 'entra'] as const),
    ...[new URL(devops).host, 'dev.azure.com', 'vssps.dev.azure.com', 'vsaex.dev.azure.com'].map(
      (host) => [host, 'devops'] as const
    ),
    ...[...apiServers.keys()].map((host) => [host, 'kubernetes'] as const)
  ])
  const redaction = new Redaction((host, path) => {
    if (/\/_apis\/(?:graph|identities)/i.test(path)) return 'graph'
    if (/\/_apis\/\w*entitlements/i.test(path)) return 'entitlements'
    return /\/_git\//i.test(path) ? 'git' : hosts.get(host)
  })
  for (const [name, value] of Object.entries(settings.names)) redaction.know(name, value)
  for (const host of apiServers.keys()) redaction.know('api-server', host.replace(/:\d+$/, ''))
  for (const { headers, requestHeaders, requestBody, body } of exchanges) {
    redaction.learnFrom(jsonOf(body.toString('utf8')))
    for (const text of [requestHeaders.authorization, requestBody, body, ...Object.values(headers)])
      for (const claims of claimsIn(String(text))) learnClaims(redaction, claims)
  }
  return redaction
}

export function recorded(exchange: Exchange, redaction: Redaction): Recorded {
  const { by, host, method, status } = exchange
  const { path, query } = redaction.path(exchange.path)
  const service = redaction.serviceOf(host, exchange.path.split('?')[0] ?? '') ?? 'other'
  const sent = bodyForm(exchange.requestBody, exchange.requestHeaders['content-type'] ?? '', redaction)
  const body = bodyForm(exchange.body, exchange.headers['content-type'] ?? '', redaction)
  const headers = Object.entries(exchange.headers)
    .map(([name, value]): [string, string] => [
      redaction.headerName(name),
      redaction.header(name, [value ?? ''].flat().join(', '))
    ])
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    by,
    service,
    method,
    path,
    query,
    ...(sent === undefined ? {} : { sent }),
    status,
    headers: Object.fromEntries(headers),
    ...(body === undefined ? {} : { body })
  }
}

export async function writeRecordings(folder: string, recordings: readonly Recording[]): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const recording of recordings)
    await writeFile(join(folder, `${recording.name}.json`), `${JSON.stringify(recording, null, 2)}\n`)
}

/** @throws {Error} when the folder holds none */
export async function readRecordings(folder: string): Promise<Recording[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort()
  if (files.length === 0) throw new Error(`there is no recording in ${folder}`)
  return Promise.all(
    files.map(async (file) => JSON.parse(await readFile(join(folder, file), 'utf8')) as Recording)
  )
}

function bodyForm(body: Buffer, type: string, redaction: Redaction): unknown {
  if (body.length === 0) return undefined
  const text = body.toString('utf8')
  if (type.startsWith('application/x-www-form-urlencoded'))
    return redaction.form(Object.fromEntries(new URLSearchParams(text)))
  const json = jsonOf(text)
  if (json !== undefined) return redaction.form(json)
  if (type.startsWith('text/html')) return '<html>'
  return type.startsWith('text/plain') ? redaction.text(text) : '<bytes>'
}

/** The payloads of the tokens in a text. */
function claimsIn(text: string): unknown[] {
  return [...text.matchAll(/eyJ[\w-]+\.(eyJ[\w-]+)\.[\w-]+/g)].map(([, payload = '']) =>
    jsonOf(Buffer.from(payload, 'base64url').toString('utf8'))
  )
}

/** Whom a token names: its ids and names, not where it came from. */
function learnClaims(redaction: Redaction, claims: unknown): void {
  redaction.learnFrom(claims)
  if (typeof claims !== 'object' || claims === null) return
  for (const [key, value] of Object.entries(claims))
    if (typeof value === 'string' && (GUID.test(value) || ['sub', 'name', 'ipaddr'].includes(key)))
      redaction.know({ tid: 'tenant', oid: 'login', appid: 'application' }[key] ?? 'id', value)
}

function jsonOf(text: string): unknown {
  try {
    return text === '' ? undefined : (JSON.parse(text) as unknown)
  } catch {
    return undefined
  }
}

/** A server of the twin: routes by pattern, keeps the journal, plays the ordered faults. Plain node:http(s). */
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse
} from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { bearerOf } from './bearer.ts'
import type { Journal, ServiceName } from './journal.ts'
import { STREAMED, type Answer, type Call, type Handler, type Route } from './wire.ts'

export interface Tls {
  readonly key: string
  readonly cert: string
  readonly ca: string
}

interface ServerOptions {
  readonly journal: Journal
  readonly service: ServiceName | ((url: URL) => ServiceName)
  readonly routes: readonly Route[]
  /** Azure DevOps ignores the case of a path. */
  readonly ignoreCase?: boolean
  /** Answers requests that no route matches. */
  readonly otherwise: Handler
  /** The service's own error for status 429, 500, 503 and 409 faults. */
  readonly errorBody?: (status: number) => unknown
  /** Absent: plain http. */
  readonly tls?: Tls & { readonly requestCert?: boolean }
  /** Of its `Date`, in ms since the epoch; absent: the right time. */
  readonly clock?: () => number
}

export interface Listening {
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

/** Listens on a free port of 127.0.0.1; the URL says `localhost`, which the certificates name. */
export async function listen(options: ServerOptions): Promise<Listening> {
  const routes = options.routes.map(([method, path, handler]) => ({
    method,
    pattern: new URLPattern({ pathname: path }, { ignoreCase: options.ignoreCase ?? false }),
    depth: /[*({?+]/.test(path) ? undefined : depthOf(path),
    handler
  }))
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    void serve(options, routes, request, response)
  }
  const server: Server = options.tls
    ? createHttpsServer({ ...options.tls, rejectUnauthorized: false }, listener)
    : createHttpServer(listener)
  server.keepAliveTimeout = 60_000
  const sockets = new Set<Socket>()
  const remember = (socket: Socket): void => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  }
  server.on('connection', remember)
  server.on('secureConnection', remember)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `${options.tls ? 'https' : 'http'}://localhost:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        for (const socket of sockets) socket.destroy()
      })
  }
}

interface CompiledRoute {
  readonly method: string
  readonly pattern: URLPattern
  /** Segments of the paths that it matches; undefined: any number. Counted, because patterns are slow. */
  readonly depth: number | undefined
  readonly handler: Handler
}

function depthOf(path: string): number {
  return path.split('/').length
}

async function serve(
  options: ServerOptions,
  routes: readonly CompiledRoute[],
  request: IncomingMessage,
  response: ServerResponse
): Promise<void> {
  const { journal } = options
  const url = new URL(request.url ?? '/', `${options.tls ? 'https' : 'http'}://localhost`)
  const method = request.method ?? 'GET'
  const path = url.pathname + url.search
  const service = typeof options.service === 'function' ? options.service(url) : options.service
  const argocd = request.headers['user-agent']?.startsWith('argocd') === true
  const by = argocd ? { by: 'argocd' as const } : {}
  const entry = { service, method, path, status: 0, start: performance.now(), end: 0, ...by }
  journal.entries.push(entry)
  const bearer = bearerOf(request.headers.authorization)
  if (bearer !== undefined) journal.bearers.set(entry, bearer)
  response.once('close', () => {
    entry.end = performance.now()
    if (response.headersSent) entry.status = response.statusCode
  })
  response.setHeader('date', new Date((options.clock ?? Date.now)()).toUTCString())
  try {
    const boundary = journal.boundary(entry)
    if (boundary?.moment === 'before') {
      boundary.tell()
      request.socket.destroy()
      return
    }
    await journal.gate?.(entry)
    if (journal.latency > 0) await sleep(journal.latency)
    const fault = journal.due(service, method, path)
    if (fault === 'reset') {
      request.socket.destroy()
      return
    }
    if (fault === 'hang') return
    if (fault === 'slow') await sleep(3_000)
    if (fault === '429' || fault === '500' || fault === '503' || fault === '409') {
      const status = Number(fault)
      const retry = status === 429 || status === 503 ? { 'retry-after': '1' } : {}
      request.resume()
      send(response, {
        status,
        headers: retry,
        body: options.errorBody?.(status) ?? { message: `ordered fault ${fault}` }
      })
      return
    }
    const key = `${service} ${path}`
    const old = fault === 'stale' && method === 'GET' ? journal.stale(key) : undefined
    if (old) {
      send(response, old)
      return
    }
    const call = { ...callOf(request, response, method, url), params: {} }
    const real = async (): Promise<Answer | typeof STREAMED> => route(options, routes, call)
    const forge = journal.forgery(entry)
    const answer = await (forge ? forge(call, real) : real())
    boundary?.tell()
    if (answer === STREAMED) return
    const sent = send(response, answer)
    if (method === 'GET') journal.remember(key, { status: answer.status, ...sent })
  } catch (error) {
    // A client that disconnects during its request gets no answer.
    if (request.destroyed && !response.headersSent) return
    // A bug of the twin must not look like a quirk of Azure, so it is reported in the answer and on stderr.
    process.stderr.write(
      `twin ${service} ${method} ${path}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`
    )
    if (response.headersSent) response.destroy()
    else send(response, { status: 500, body: { message: `defect of the twin: ${String(error)}` } })
  }
}

function callOf(
  request: IncomingMessage,
  response: ServerResponse,
  method: string,
  url: URL
): Omit<Call, 'params'> {
  let body: Promise<Buffer> | undefined
  const bytes = (): Promise<Buffer> => (body ??= collect(request))
  const json = async (): Promise<unknown> => {
    const text = (await bytes()).toString('utf8')
    return text === '' ? undefined : (JSON.parse(text) as unknown)
  }
  return { request, response, method, url, headers: request.headers, bytes, json }
}

function route(options: ServerOptions, routes: readonly CompiledRoute[], call: Call): ReturnType<Handler> {
  const { method, url } = call
  const asked = depthOf(url.pathname)
  for (const { method: wanted, pattern, depth, handler } of routes) {
    if ((wanted !== '*' && wanted !== method) || (depth ?? asked) !== asked) continue
    const match = pattern.exec({ pathname: url.pathname })
    if (match) {
      const params = Object.fromEntries(
        Object.entries(match.pathname.groups).map(([name, value]) => [name, decodeURIComponent(value ?? '')])
      )
      return handler({ ...call, params })
    }
  }
  return options.otherwise(call)
}

async function collect(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function send(response: ServerResponse, answer: Answer): { headers: Record<string, string>; body: Buffer } {
  const { body } = answer
  const bytes =
    body === undefined
      ? Buffer.alloc(0)
      : Buffer.isBuffer(body)
        ? body
        : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8'
  const headers = { ...(body === undefined ? {} : { 'content-type': type }), ...answer.headers }
  response.writeHead(answer.status, { ...headers, 'content-length': String(bytes.length) })
  response.end(bytes)
  return { headers, body: bytes }
}

/** A server that is not one of the services. It records every request, so that tests can show that it gets no token. */
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttpsServer, request as forward } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Tls } from './server.ts'

export interface Elsewhere {
  readonly port: number
  /** The URL with `localhost`, the name in the twin's certificate. */
  readonly url: string
  /** Request line, headers and body of each request. */
  readonly heard: string[]
  close(): void
}

/** @param tls absent: plain http. */
export async function startElsewhere(tls?: Tls, port = 0, pass?: string): Promise<Elsewhere> {
  const heard: string[] = []
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const told = [request.method ?? '', request.url ?? '', JSON.stringify(request.headers)]
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      heard.push([...told, body.toString('utf8')].join(' '))
      if (pass !== undefined) forwarded(pass, request, body, response)
      else response.writeHead(404, { 'content-type': 'application/json' }).end('{}')
    })
  }
  const server = tls ? createHttpsServer(tls, listener) : createHttpServer(listener)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const given = (server.address() as AddressInfo).port
  return {
    port: given,
    url: `${tls ? 'https' : 'http'}://localhost:${given}`,
    heard,
    close() {
      server.close()
      server.closeAllConnections()
    }
  }
}

/** Forwards a request, like a proxy in front of a service. */
function forwarded(
  to: string,
  { method, url, headers }: IncomingMessage,
  body: Buffer,
  response: ServerResponse
): void {
  const host = new URL(to).host
  const sent = forward(`${to}${url ?? ''}`, {
    method,
    headers: { ...headers, host },
    rejectUnauthorized: false
  })
  sent.once('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  sent.once('error', () => response.destroy())
  sent.end(body)
}

/** Two ports, one of which begins with the other's digits, for tests of text that is appended to a host. */
export async function startNeighbors(
  tls: Tls,
  pass: string
): Promise<{ front: Elsewhere; behind: Elsewhere }> {
  for (let tried = 0; tried < 50; tried += 1) {
    const port = 2_000 + Math.floor(Math.random() * 4_000)
    const front = await startElsewhere(tls, port, pass).catch(() => undefined)
    const behind = await startElsewhere(tls, port * 10 + 1).catch(() => undefined)
    if (front && behind) return { front, behind }
    front?.close()
    behind?.close()
  }
  throw new Error('no two free ports')
}

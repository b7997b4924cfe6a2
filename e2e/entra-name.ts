/**
 * The outbound proxy of the pods, on loopback: it forwards Entra's own name to the twin and refuses all other hosts.
 * With every setting for another authority, Argo CD still asks login.microsoftonline.com first.
 */
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttpsServer, request as httpsRequest } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { makeCertificateFor } from '../sandbox/certificates.ts'

const ENTRA = 'login.microsoftonline.com'

export interface EntraName {
  /** For HTTP_PROXY and HTTPS_PROXY. */
  readonly proxy: string
  /** PEM: the certificate of this Entra. */
  readonly ca: string
  close(): void
}

/** So short that Argo CD caches no token (it does until 5 min before expiry) and requests one for each question. */
const LIFETIME = 299

export async function startEntraName(twin: { url: string; ca: string }): Promise<EntraName> {
  const { ca, tls } = await makeCertificateFor(ENTRA)
  const entra = createHttpsServer(tls, (request, response) => {
    forward(twin, request, response)
  })
  const proxy = createHttpServer((request, response) => {
    // The node's identity service, which azidentity uses in pods without workload identity: the node has no identity.
    const instanceMetadata = request.url?.startsWith('http://169.254.169.254/') === true
    response.writeHead(instanceMetadata ? 400 : 403, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ error: 'invalid_request', error_description: 'Identity not found' }))
  })
  const sockets = new Set<Socket>()
  proxy.on('connect', (request: IncomingMessage, socket: Socket) => {
    if (request.url !== `${ENTRA}:443`) {
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
      return
    }
    sockets.add(socket.once('close', () => sockets.delete(socket)).on('error', () => socket.destroy()))
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
    entra.emit('connection', socket)
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  return {
    proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    ca,
    close() {
      for (const socket of sockets) socket.destroy()
      proxy.close()
      proxy.closeAllConnections()
    }
  }
}

function forward(
  twin: { url: string; ca: string },
  request: IncomingMessage,
  response: ServerResponse
): void {
  const { method, headers, url = '/' } = request
  const place = new URL(url, twin.url)
  const sent = httpsRequest(place, { ca: twin.ca, servername: 'localhost', method, headers }, (answer) => {
    const chunks: Buffer[] = []
    answer.on('data', (chunk: Buffer) => chunks.push(chunk))
    answer.on('end', () => {
      const body = shortened(Buffer.concat(chunks).toString('utf8'))
      const headers = { ...answer.headers, 'content-length': String(Buffer.byteLength(body)) }
      response.writeHead(answer.statusCode ?? 502, headers).end(body)
    })
  })
  sent.on('error', () => response.destroy())
  request.pipe(sent)
}

function shortened(body: string): string {
  return body.replace(/"expires_in":\d+/, `"expires_in":${LIFETIME}`)
}

/** A forward proxy on loopback: CONNECT for https, absolute URLs for http. It records its traffic. */
import { createServer, request as forward, type IncomingMessage } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'

export interface Proxy {
  readonly url: string
  /** `host:port` of each tunnel and request. */
  readonly targets: string[]
  /** Local ports of its connections: a client on one of these ports came through the proxy. */
  readonly ports: ReadonlySet<number>
  close(): Promise<void>
}

export async function startProxy(): Promise<Proxy> {
  const targets: string[] = []
  const ports = new Set<number>()
  const sockets = new Set<Duplex>()
  const made = (socket: Socket): void => {
    sockets.add(socket)
    socket.once('connect', () => ports.add(socket.localPort ?? 0)).on('error', () => socket.destroy())
  }
  const server = createServer((incoming, response) => {
    const url = new URL(incoming.url ?? '')
    targets.push(url.host)
    const { method, headers } = incoming
    const outgoing = forward(url, { method, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    outgoing.once('socket', made).on('error', () => response.destroy())
    incoming.pipe(outgoing)
  })
  server.on('connect', ({ url = '' }: IncomingMessage, client: Duplex, head: Buffer) => {
    targets.push(url)
    sockets.add(client)
    const { hostname, port } = new URL(`https://${url}`)
    const upstream = connect(
      Number(port === '' ? 443 : port),
      hostname === 'localhost' ? '127.0.0.1' : hostname
    )
    made(upstream)
    client.on('error', () => upstream.destroy())
    upstream.once('connect', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      upstream.write(head)
      upstream.pipe(client).pipe(upstream)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    targets,
    ports,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
        for (const socket of sockets) socket.destroy()
      })
  }
}

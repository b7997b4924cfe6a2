import { expect, jest, test } from '@jest/globals'
import { once } from 'node:events'
import { createServer, get } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { IncomingMessage } from 'node:http'
import type { Tls } from '../../sandbox/server.ts'

/** As another process, or another test file in the same worker, would make it. */
async function certificates(): Promise<{ ca: string; tls: Tls }> {
  jest.resetModules()
  return (await import('../../sandbox/certificates.ts')).makeCertificateFor('localhost')
}

test('who trusts two twins reaches both', async () => {
  const both = [await certificates(), await certificates()]
  for (const { tls } of both) {
    const server = createServer(tls, (_request, response) => response.end()).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    try {
      const request = get({ host: 'localhost', port, ca: both.map(({ ca }) => ca), agent: false })
      const [response] = (await once(request, 'response')) as [IncomingMessage]
      expect(response.resume().statusCode).toBe(200)
    } finally {
      server.close().closeAllConnections()
    }
  }
})

/** Self-signed certificates. That of localhost is made once per process; it is its own authority, so clients trust one file. */
import { randomUUID } from 'node:crypto'
import { isIP } from 'node:net'
import { generate } from 'selfsigned'
import type { Tls } from './server.ts'

let made: Promise<{ ca: string; tls: Tls }> | undefined

/** Twins of one process share it: one authority to trust, under one name. */
export function makeCertificates(): Promise<{ ca: string; tls: Tls }> {
  return (made ??= makeCertificateFor('localhost'))
}

/** Whoever trusts it trusts this host alone. */
export async function makeCertificateFor(host: string): Promise<{ ca: string; tls: Tls }> {
  // A name of its own: a client that trusts two twins finds the authority by name, and would try one of them only.
  const { private: key, cert } = await generate([{ name: 'commonName', value: `twin ${randomUUID()}` }], {
    algorithm: 'sha256',
    keyType: 'ec',
    curve: 'P-256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, digitalSignature: true, critical: true },
      {
        name: 'subjectAltName',
        altNames: [
          isIP(host) === 0 ? { type: 2, value: host } : { type: 7, ip: host },
          { type: 7, ip: '127.0.0.1' }
        ]
      }
    ]
  })
  const pem = `${cert.trim()}\n`
  return { ca: pem, tls: { key, cert: pem, ca: pem } }
}

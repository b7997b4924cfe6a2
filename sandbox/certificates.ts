/**
 * Self-signed certificates. The one for localhost is made once per process and is its own authority, so clients trust
 * one file.
 */
import { randomUUID } from 'node:crypto'
import { isIP } from 'node:net'
import { madeOnce } from './made-once.ts'
import type { Tls } from './server.ts'

let made: Promise<{ ca: string; tls: Tls }> | undefined

/** Shared by all twins of one process, so that there is one authority to trust. */
export function makeCertificates(): Promise<{ ca: string; tls: Tls }> {
  return (made ??= Promise.resolve(madeOnce()?.certificate ?? makeCertificateFor('localhost')))
}

/** A certificate that is valid for this host only. */
export async function makeCertificateFor(host: string): Promise<{ ca: string; tls: Tls }> {
  const { generate } = await import('selfsigned')
  // A unique name: a client finds authorities by name, and with two of the same name it would try only one.
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

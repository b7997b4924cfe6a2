/** One self-signed certificate for localhost, made once per process; it is its own authority, so clients trust one file. */
import { randomUUID } from 'node:crypto'
import { generate } from 'selfsigned'
import type { Tls } from './server.ts'

let made: Promise<{ ca: string; tls: Tls }> | undefined

/** Twins of one process share it: one authority to trust, under one name. */
export function makeCertificates(): Promise<{ ca: string; tls: Tls }> {
  return (made ??= make())
}

async function make(): Promise<{ ca: string; tls: Tls }> {
  // A name of its own: of two authorities with the same name in one store, OpenSSL tries only one.
  const subject = [{ name: 'commonName', value: `sandbox ${randomUUID()}` }]
  const { private: key, cert } = await generate(subject, {
    algorithm: 'sha256',
    keyType: 'ec',
    curve: 'P-256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, digitalSignature: true, critical: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' }
        ]
      }
    ]
  })
  const pem = `${cert.trim()}\n`
  return { ca: pem, tls: { key, cert: pem, ca: pem } }
}

/** Self-signed certificates. The one for localhost is made once per process; it is its own authority, so clients trust one file. */
import { generate } from 'selfsigned'
import type { Tls } from './server.ts'

let made: Promise<{ ca: string; tls: Tls }> | undefined

/** Twins of one process share it: one authority to trust, under one name. */
export function makeCertificates(): Promise<{ ca: string; tls: Tls }> {
  return (made ??= makeCertificateFor('localhost'))
}

/** Its own authority as well: whoever trusts it trusts this one name. */
export async function makeCertificateFor(name: string): Promise<{ ca: string; tls: Tls }> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: name }], {
    algorithm: 'sha256',
    keyType: 'ec',
    curve: 'P-256',
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, digitalSignature: true, critical: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: name },
          { type: 7, ip: '127.0.0.1' }
        ]
      }
    ]
  })
  const pem = `${cert.trim()}\n`
  return { ca: pem, tls: { key, cert: pem, ca: pem } }
}

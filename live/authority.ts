/** A certificate authority of one run: its key never leaves the memory of this process. */
import { randomUUID } from 'node:crypto'
import { isIP } from 'node:net'
import { generate } from 'selfsigned'

export interface Authority {
  /** PEM. */
  readonly ca: string
  certificateFor(host: string): Promise<{ readonly key: string; readonly cert: string }>
}

const KEY = { algorithm: 'sha256', keyType: 'ec', curve: 'P-256' } as const

export async function makeAuthority(): Promise<Authority> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: `live ${randomUUID()}` }], {
    ...KEY,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, critical: true }
    ]
  })
  const made = new Map<string, Promise<{ key: string; cert: string }>>()
  const make = async (host: string): Promise<{ key: string; cert: string }> => {
    const { private: own, cert: leaf } = await generate([{ name: 'commonName', value: 'recorder' }], {
      ...KEY,
      ca: { key, cert },
      extensions: [
        {
          name: 'subjectAltName',
          altNames: [isIP(host) === 0 ? { type: 2, value: host } : { type: 7, ip: host }]
        }
      ]
    })
    return { key: own, cert: leaf }
  }
  return {
    ca: `${cert.trim()}\n`,
    certificateFor(host) {
      const before = made.get(host) ?? make(host)
      made.set(host, before)
      return before
    }
  }
}

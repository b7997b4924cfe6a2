/** Makes what all twins of a test run share (made-once.ts), before its first suite. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { exportJWK, generateKeyPair } from 'jose'
import { makeCertificateFor } from './certificates.ts'
import { VARIABLE, type MadeOnce } from './made-once.ts'

/** More than any twin takes. */
const KEYS = 8

/** Makes them, in a file that only this user can read, for this process and its children. */
export async function makeOnce(): Promise<void> {
  const keys = Array.from({ length: KEYS }, async () => {
    const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true })
    return { privateKey: await exportJWK(privateKey), publicKey: await exportJWK(publicKey) }
  })
  const made: MadeOnce = { certificate: await makeCertificateFor('localhost'), keys: await Promise.all(keys) }
  const file = join(mkdtempSync(join(tmpdir(), 'twin-made-')), 'made.json')
  writeFileSync(file, JSON.stringify(made), { mode: 0o600 })
  process.env[VARIABLE] = file
}

export function forgetOnce(): void {
  const file = process.env[VARIABLE]
  if (file !== undefined) rmSync(dirname(file), { recursive: true, force: true })
}

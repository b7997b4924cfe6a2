/**
 * Certificate and signing keys for all twins of a test run. Each suite is a world of its own, which would make them anew
 * and load what makes them.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { JWK } from 'jose'
import type { Tls } from './server.ts'

/** Names the file; unset: every process makes its own. */
const VARIABLE = 'TWIN_MADE_ONCE'
/** More than any twin takes. */
const KEYS = 8

export interface MadeOnce {
  readonly certificate: { readonly ca: string; readonly tls: Tls }
  readonly keys: readonly { readonly privateKey: JWK; readonly publicKey: JWK }[]
}

export function madeOnce(): MadeOnce | undefined {
  const file = process.env[VARIABLE]
  return file === undefined ? undefined : (JSON.parse(readFileSync(file, 'utf8')) as MadeOnce)
}

/** Makes them, in a file that only this user can read, for this process and its children. */
export async function makeOnce(): Promise<void> {
  const [{ exportJWK, generateKeyPair }, { makeCertificateFor }] = await Promise.all([
    import('jose'),
    import('./certificates.ts')
  ])
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

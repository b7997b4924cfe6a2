/**
 * Certificate and signing keys for all twins of a test run. Each suite is a world of its own, which would make them anew
 * and load what makes them.
 */
import { readFileSync } from 'node:fs'
import type { JWK } from 'jose'
import type { Tls } from './server.ts'

/** Names the file; unset: every process makes its own. */
export const VARIABLE = 'TWIN_MADE_ONCE'
export interface MadeOnce {
  readonly certificate: { readonly ca: string; readonly tls: Tls }
  readonly keys: readonly { readonly privateKey: JWK; readonly publicKey: JWK }[]
}

export function madeOnce(): MadeOnce | undefined {
  const file = process.env[VARIABLE]
  return file === undefined ? undefined : (JSON.parse(readFileSync(file, 'utf8')) as MadeOnce)
}

/** Signing keys of the twins and a cache of verified tokens. Both cost more than the rest of a request. */
import { randomUUID } from 'node:crypto'
import {
  exportJWK,
  generateKeyPair,
  importJWK,
  type CryptoKey,
  type JSONWebKeySet,
  type JWTPayload
} from 'jose'
import { madeOnce } from './made-once.ts'

export interface SigningKey {
  readonly kid: string
  readonly privateKey: CryptoKey
  readonly jwks: JSONWebKeySet
}

interface Pair {
  readonly privateKey: CryptoKey
  readonly publicKey: CryptoKey
}

const made: Promise<Pair>[] = []

/**
 * A key with a unique id, so that a twin does not accept tokens of another one.
 *
 * @param nth within one process, the same number gives the same key
 */
export async function signingKey(nth: number): Promise<SigningKey> {
  const { privateKey, publicKey } = await (made[nth] ??= pair(nth))
  const kid = randomUUID()
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid, use: 'sig', alg: 'RS256' }] } as JSONWebKeySet
  return { kid, privateKey, jwks }
}

async function pair(nth: number): Promise<Pair> {
  const known = madeOnce()?.keys[nth]
  if (!known) return generateKeyPair('RS256', { extractable: true })
  const [privateKey, publicKey] = await Promise.all(
    [known.privateKey, known.publicKey].map((one) => importJWK(one, 'RS256', { extractable: true }))
  )
  return { privateKey: privateKey as CryptoKey, publicKey: publicKey as CryptoKey }
}

/** Verifies each token once, because a run sends the same one with every request; undefined for an expired token. */
export function verifiedOnce(
  verify: (token: string) => Promise<JWTPayload>
): (token: string) => Promise<JWTPayload | undefined> {
  const known = new Map<string, Promise<JWTPayload | undefined>>()
  return async (token) => {
    const verified = known.get(token) ?? verify(token).catch(() => undefined)
    known.set(token, verified)
    const claims = await verified
    return Number(claims?.exp) * 1000 > Date.now() ? claims : undefined
  }
}

/** Signing keys of the twins, and what was verified with them. Both cost more than all else a request needs. */
import { randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, type CryptoKey, type JSONWebKeySet, type JWTPayload } from 'jose'

export interface SigningKey {
  readonly kid: string
  readonly privateKey: CryptoKey
  readonly jwks: JSONWebKeySet
}

const made: ReturnType<typeof generateKeyPair>[] = []

/**
 * A key under an id of its own, by which tokens of one twin are none of another's.
 *
 * @param nth those of one process with the same number are the same key
 */
export async function signingKey(nth: number): Promise<SigningKey> {
  const { privateKey, publicKey } = await (made[nth] ??= generateKeyPair('RS256', { extractable: true }))
  const kid = randomUUID()
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid, use: 'sig', alg: 'RS256' }] } as JSONWebKeySet
  return { kid, privateKey, jwks }
}

/** Verifies each token once, since a run shows the same one with every request; an expired one gives nothing. */
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

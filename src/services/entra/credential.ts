/** Adds to the SDK's credentials what they do not have: a time limit, masking, and a token cache. */
import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/identity'
import { TOKEN, UnexpectedReply } from '../../http/errors.ts'
import { timeLimit, type Wire } from '../../http/request.ts'

/** The SDK's token requests have no timeout and accept no signal. */
export function withTimeLimit(inner: TokenCredential, wire: Wire): TokenCredential {
  return {
    getToken: (scopes, options) => within(inner.getToken(scopes, options), timeLimit(wire))
  }
}

export function within<T>(
  answer: Promise<T>,
  limit: AbortSignal,
  late = (): Error => new Error('no answer in time')
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    limit.addEventListener('abort', () => {
      reject(late())
    })
    answer.then(resolve, reject)
  })
}

/** A token is renewed this long before it expires, in ms, as Argo CD and the SDKs do. */
const RENEW_BEFORE = 5 * 60_000

/**
 * Masks each token before anything can print it, and caches it until shortly before it expires:
 * ClientAssertionCredential requests a new assertion from the host on each call, even when it has a cached token.
 */
export function maskAndCache(inner: TokenCredential, mask: (secret: string) => void): TokenCredential {
  const known = new Map<string, Promise<AccessToken | null>>()
  const request = async (
    scopes: string | string[],
    options?: GetTokenOptions
  ): Promise<AccessToken | null> => {
    const token = await inner.getToken(scopes, options)
    if (token && !TOKEN.test(token.token)) throw new UnexpectedReply('Entra', 'the login', 'no token')
    if (token) mask(token.token)
    return token
  }
  return {
    async getToken(scopes, options) {
      if (options?.claims !== undefined) return request(scopes, options)
      const key = [scopes].flat().join(' ')
      const before = known.get(key)
      const cached = await before?.catch(() => null)
      if (cached && cached.expiresOnTimestamp - Date.now() > RENEW_BEFORE) return cached
      // The first caller renews; the others wait for the same answer.
      const renewed = known.get(key)
      if (renewed !== undefined && renewed !== before) return renewed
      const requested = request(scopes)
      known.set(key, requested)
      return requested
    }
  }
}

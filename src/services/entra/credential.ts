/** What the SDK's credentials lack: a time limit, and tokens that are masked and kept. */
import type { AccessToken, GetTokenOptions, TokenCredential } from '@azure/identity'
import { TOKEN, UnexpectedReply } from '../../http/errors.ts'
import { timeLimit, type Wire } from '../../http/request.ts'

/** The SDK gives its token requests no timeout, and takes no signal for them. */
export function timed(inner: TokenCredential, wire: Wire): TokenCredential {
  return {
    getToken: (scopes, options) => timely(inner.getToken(scopes, options), timeLimit(wire))
  }
}

export function timely<T>(
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

/** A token is used until this long before its end, in ms: Argo CD and the SDKs do the same. */
const RENEW_BEFORE = 5 * 60_000

/**
 * A credential whose tokens are masked before anybody can print them, and kept until shortly before they end:
 * ClientAssertionCredential asks the host for a new assertion at each call, even when it then has a token at hand.
 */
export function masking(inner: TokenCredential, mask: (secret: string) => void): TokenCredential {
  const known = new Map<string, Promise<AccessToken | null>>()
  const ask = async (scopes: string | string[], options?: GetTokenOptions): Promise<AccessToken | null> => {
    const token = await inner.getToken(scopes, options)
    if (token && !TOKEN.test(token.token)) throw new UnexpectedReply('Entra', 'the login', 'no token')
    if (token) mask(token.token)
    return token
  }
  return {
    async getToken(scopes, options) {
      if (options?.claims !== undefined) return ask(scopes, options)
      const key = [scopes].flat().join(' ')
      const before = known.get(key)
      const kept = await before?.catch(() => null)
      if (kept && kept.expiresOnTimestamp - Date.now() > RENEW_BEFORE) return kept
      // Whoever comes first renews; the others wait for the same answer.
      const renewed = known.get(key)
      if (renewed !== undefined && renewed !== before) return renewed
      const asked = ask(scopes)
      known.set(key, asked)
      return asked
    }
  }
}

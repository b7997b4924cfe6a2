/**
 * Guards the pipelines of the Azure SDKs, which follow redirects and page links to any host with the token, set no time
 * limit, and read bodies of any size.
 */
import https from 'node:https'
import type { ClientAssertionCredentialOptions } from '@azure/identity'
import { assertPlain, LARGEST_BODY, Packed, PLAIN_BODY, type Wire } from '../../http/request.ts'
import { UnexpectedReply, type ServiceName } from '../../http/errors.ts'

/** Options for a client of exactly one service. `http/retry.ts` does all retries. */
export function guardPipeline(
  service: ServiceName,
  endpoint: string,
  { timeout }: Wire
): Pick<ClientAssertionCredentialOptions, 'retryOptions' | 'redirectOptions' | 'additionalPolicies'> {
  const { origin } = new URL(endpoint)
  const bounded = ({ loadedBytes }: { readonly loadedBytes: number }): void => {
    if (loadedBytes > LARGEST_BODY) throw new Error(`the answer is larger than ${LARGEST_BODY} bytes`)
  }
  return {
    retryOptions: { maxRetries: 0 },
    redirectOptions: { maxRetries: 0 },
    additionalPolicies: [
      {
        position: 'perRetry',
        policy: {
          name: 'ownHostOnly',
          async sendRequest(request, next) {
            const { origin: asked, pathname, username, password } = new URL(request.url)
            if (asked !== origin || `${username}${password}` !== '')
              throw new UnexpectedReply(service, pathname, `a link leads to another host: ${asked}`)
            request.timeout = timeout
            // Node's own agent applies the proxy settings, including NO_PROXY.
            request.agent = https.globalAgent
            request.onDownloadProgress = bounded
            for (const [name, value] of Object.entries(PLAIN_BODY)) request.headers.set(name, value)
            const response = await next(request)
            try {
              assertPlain(response.headers.get('content-encoding'))
            } catch (error) {
              throw error instanceof Packed ? new UnexpectedReply(service, pathname, error.message) : error
            }
            return response
          }
        }
      }
    ]
  }
}

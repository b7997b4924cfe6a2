/**
 * What the Azure SDKs' own pipelines lack: they follow redirects and page links to wherever these lead, with the
 * token, give a request no time limit, and read bodies of any size.
 */
import https from 'node:https'
import type { ClientAssertionCredentialOptions } from '@azure/identity'
import { assertPlain, LARGEST_BODY, Packed, PLAIN_BODY, type Wire } from '../../http/request.ts'
import { UnexpectedReply, type ServiceName } from '../../http/errors.ts'

/** Options for a client that talks to this one service only. Trying again is `http/retry.ts`' affair. */
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
            // Node's own agent knows the proxies, and when not to use them.
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

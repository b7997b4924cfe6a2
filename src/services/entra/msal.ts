/**
 * What MSAL, inside the Azure SDK, does not tell: of an answer it cannot read it says that there was none, and it
 * remembers a 429 or 5xx for a minute, in which it answers every try without asking.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { ClientAssertionCredentialOptions as CredentialOptions, TokenCredential } from '@azure/identity'
import * as z from 'zod/mini'
import { Problem } from '../../core/finding.ts'
import type { Endpoints } from '../endpoints.ts'
import { tokenShape } from './entra.ts'
import { refusedLogin, type Origin } from './refusal.ts'
import { numberedSentence } from './sentence.ts'
import { jsonOf, nameOf, recordOf, retryAfterOf, understood, type Wire } from '../../http/request.ts'
import { guardPipeline } from '../azure/sdk-pipeline.ts'
import { HttpProblem, safe, UnexpectedReply, Unreachable } from '../../http/errors.ts'

type Policy = NonNullable<CredentialOptions['additionalPolicies']>[number]['policy']
type Response = Awaited<ReturnType<Policy['sendRequest']>>

/** What MSAL needs of it (OpenID Connect Discovery 1.0, 3). */
const discoveryShape = z.looseObject({
  issuer: z.string(),
  authorization_endpoint: z.string(),
  token_endpoint: z.string()
})

/**
 * A credential that starts anew after a failure, and knows what Entra answered, or why it did not.
 *
 * @throws {HttpProblem} for 429 and 5xx. @throws {UnexpectedReply} for what is not Entra's.
 * @throws {Unreachable} for no answer. @throws the SDK's error for a refusal.
 */
export function renewed(
  { authority, knownAuthority }: Endpoints,
  wire: Wire,
  make: (options: CredentialOptions) => TokenCredential,
  origin?: Origin
): TokenCredential {
  // Logins run side by side: what another one met explains no refusal of this one.
  const calls = new AsyncLocalStorage<{ reason?: unknown }>()
  const made = (): TokenCredential => {
    const { additionalPolicies = [], ...pipeline } = guardPipeline('Entra', authority, wire)
    const listening: Policy = {
      name: 'listening',
      async sendRequest(request, next) {
        try {
          return understoodByMsal(await next(request), origin)
        } catch (error) {
          const call = calls.getStore()
          if (call) call.reason = error
          throw error
        }
      }
    }
    return make({
      authorityHost: authority,
      disableInstanceDiscovery: !knownAuthority,
      ...pipeline,
      additionalPolicies: [{ position: 'perRetry', policy: listening }, ...additionalPolicies]
    })
  }
  let current = made()
  return {
    async getToken(scopes, options) {
      const asked = current
      const call: { reason?: unknown } = {}
      try {
        return await calls.run(call, () => asked.getToken(scopes, options))
      } catch (error) {
        if (current === asked) current = made()
        const { reason } = call
        if (reason === undefined || !isTransient(error)) throw error
        throw reason instanceof Problem
          ? reason
          : new Unreachable('Entra', 'the login', new URL(authority).host, reason)
      }
    }
  }
}

/** @throws for an answer of which MSAL would not tell the truth; a refusal of a token it tells. */
function understoodByMsal(response: Response, origin?: Origin): Response {
  const { status, request, bodyAsText } = response
  const text = bodyAsText ?? ''
  const json = jsonOf(text)
  const asked = { service: 'Entra', method: request.method, url: request.url } as const
  const discovers = new URL(request.url).pathname.endsWith('/.well-known/openid-configuration')
  if (status >= 200 && status < 300) {
    const shape = discovers ? discoveryShape : request.method === 'POST' ? tokenShape : z.looseObject({})
    understood<object>(shape, { json }, asked)
    return response
  }
  const { error_description: description } = recordOf(json)
  const said = typeof description === 'string' ? description : undefined
  if (status === 429 || status >= 500) {
    throw new HttpProblem({
      service: 'Entra',
      request: nameOf(asked),
      status,
      detail: safe(numberedSentence(said ?? text).sentence, 300),
      retryAfter: retryAfterOf(response.headers.get('retry-after'))
    })
  }
  if (said === undefined) throw new UnexpectedReply('Entra', nameOf(asked), `${status} ${safe(text, 200)}`)
  if (discovers) throw refusedLogin('Entra refused the login', said, origin && { origin })
  return response
}

/** MSAL's ServerError, which the SDK wraps, carries the status; what never was answered carries only a word. */
export function isTransient(error: unknown): boolean {
  const { cause, message } = recordOf(error)
  const { status } = recordOf(cause)
  if (typeof status === 'number' && (status === 429 || status >= 500)) return true
  return typeof message === 'string' && TRANSIENT.test(message)
}

/** When Entra did not answer, or answered that it could not (@azure/msal-common; AADSTS reference). */
const TRANSIENT =
  /endpoints_resolution_error|openid_config_error|network_error|temporarily_unavailable|no answer in time|AADSTS(?:900(?:06|24|33|61)|50166|501661)\b/

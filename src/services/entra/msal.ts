/**
 * Works around MSAL in the Azure SDK. MSAL reports an answer that it cannot read as a missing one, and after a 429 or
 * 5xx it fails every call for a minute without a request.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { ClientAssertionCredentialOptions as CredentialOptions, TokenCredential } from '@azure/identity'
import * as z from 'zod/mini'
import { Problem } from '../../core/finding.ts'
import type { Endpoints } from '../endpoints.ts'
import { tokenShape } from './entra.ts'
import type { Caller } from './caller.ts'
import { numberedSentence } from './sentence.ts'
import { jsonOf, nameOf, recordOf, retryAfterOf, understood, type Wire } from '../../http/request.ts'
import { guardPipeline } from '../azure/sdk-pipeline.ts'
import { HttpProblem, safe, UnexpectedReply, Unreachable } from '../../http/errors.ts'

type Policy = NonNullable<CredentialOptions['additionalPolicies']>[number]['policy']
type Response = Awaited<ReturnType<Policy['sendRequest']>>

/** The fields that MSAL needs (OpenID Connect Discovery 1.0, 3). */
const discoveryShape = z.looseObject({
  issuer: z.string(),
  authorization_endpoint: z.string(),
  token_endpoint: z.string()
})

/**
 * Creates a new credential after each failure, and throws the reason that MSAL hides.
 *
 * @throws {HttpProblem} for 429 and 5xx. @throws {UnexpectedReply} for an answer that is not Entra's.
 * @throws {Unreachable} for no answer. @throws the SDK's error for a refusal.
 */
export function renewable(
  { authority, knownAuthority }: Endpoints,
  wire: Wire,
  make: (options: CredentialOptions) => TokenCredential,
  caller?: Caller
): TokenCredential {
  // Logins run concurrently: the failure of another one must not explain a refusal of this one.
  const calls = new AsyncLocalStorage<{ reason?: unknown }>()
  const create = (): TokenCredential => {
    const { additionalPolicies = [], ...pipeline } = guardPipeline('Entra', authority, wire)
    const listening: Policy = {
      name: 'listening',
      async sendRequest(request, next) {
        try {
          return await assertReadable(await next(request), caller)
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
  let current = create()
  return {
    async getToken(scopes, options) {
      const used = current
      const call: { reason?: unknown } = {}
      try {
        return await calls.run(call, () => used.getToken(scopes, options))
      } catch (error) {
        if (current === used) current = create()
        const { reason } = call
        if (reason === undefined || !isTransient(error)) throw error
        throw reason instanceof Problem
          ? reason
          : new Unreachable('Entra', 'the login', new URL(authority).host, reason)
      }
    }
  }
}

/** @throws for an answer that MSAL would misreport; MSAL reports the refusal of a token correctly. */
async function assertReadable(response: Response, caller?: Caller): Promise<Response> {
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
  if (discovers) {
    const { refusedLogin } = await import('./refusal.ts')
    throw refusedLogin('Entra refused the login', said, caller && { caller })
  }
  return response
}

/** MSAL's ServerError, which the SDK wraps, has the status; for a missing answer there is only an error word. */
export function isTransient(error: unknown): boolean {
  const { cause, message } = recordOf(error)
  const { status } = recordOf(cause)
  if (typeof status === 'number' && (status === 429 || status >= 500)) return true
  return typeof message === 'string' && TRANSIENT.test(message)
}

/** Entra did not answer, or reported that it cannot, or that an issuer did not answer it (@azure/msal-common; AADSTS reference). */
const TRANSIENT =
  /endpoints_resolution_error|openid_config_error|network_error|temporarily_unavailable|no answer in time|AADSTS(?:900(?:06|24|33|61)|50166|501661)\b/

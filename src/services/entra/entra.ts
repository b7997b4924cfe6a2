/**
 * Entra's token endpoint, called directly, because an SDK would hide the error codes that distinguish the defects.
 * Codes: learn.microsoft.com reference-aadsts-error-codes; texts may change, so only `error_codes` decide.
 */
import * as z from 'zod/mini'
import type { Endpoints } from '../endpoints.ts'
import { sentenceOf } from './sentence.ts'
import { recordOf, send, understood, type Reply, type Request, type Wire } from '../../http/request.ts'
import { lastsAfterWrite } from '../../http/first-answers.ts'
import { HttpProblem, safe, TOKEN } from '../../http/errors.ts'

/** The answer to a token request. */
export const tokenShape = z.looseObject({ access_token: z.string().check(z.regex(TOKEN)) })

export class Entra {
  readonly #endpoints: Endpoints
  readonly #wire: Wire
  constructor(endpoints: Endpoints, wire: Wire) {
    this.#endpoints = endpoints
    this.#wire = wire
  }

  /**
   * Whether the tenant has an application or identity with this client id. Entra looks it up before it compares the
   * assertion with the credentials (AADSTS700016), so an assertion that no credential accepts is sufficient.
   *
   * @param assertion a JWT for an audience that no federated credential has, so that Entra issues no token for it
   * @throws {HttpProblem} when the answer shows neither.
   */
  async knows(tenantId: string, clientId: string, assertion: string, scope: string): Promise<boolean> {
    try {
      await this.exchange(tenantId, clientId, assertion, scope)
      return true
    } catch (error) {
      if (!(error instanceof HttpProblem) || !/^AADSTS\d+$/.test(error.code ?? '')) throw error
      return error.code !== 'AADSTS700016'
    }
  }

  /**
   * Exchanges a service account's token for one of the managed identity, as the repo-server does.
   *
   * @throws {HttpProblem} whose code is `AADSTS<number>`; `propagating` when waiting may resolve it.
   */
  async exchange(tenantId: string, clientId: string, assertion: string, scope: string): Promise<string> {
    const request: Request = {
      service: 'Entra',
      method: 'POST',
      url: `${this.#endpoints.authority}/${tenantId}/oauth2/v2.0/token`,
      body: new URLSearchParams({
        client_id: clientId,
        scope,
        grant_type: 'client_credentials',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion
      })
    }
    return understood(tokenShape, await send(this.#wire, request, refusedExchange), request).access_token
  }
}

function refusedExchange(_request: Request, reply: Reply): HttpProblem {
  const { error_codes: codes, error_description: description, error } = recordOf(reply.json)
  const [number] = Array.isArray(codes) ? (codes as unknown[]) : []
  const text = typeof description === 'string' ? description : reply.text
  const code = typeof number === 'number' ? number : Number(/AADSTS(\d{1,9})/.exec(text)?.[1])
  const named = `AADSTS${code}`
  return new HttpProblem({
    service: 'Entra',
    request: 'the token request',
    status: reply.status,
    code: Number.isNaN(code) ? (typeof error === 'string' ? safe(error, 60) : undefined) : named,
    detail: sentenceOf(text),
    propagating: lastsAfterWrite('Entra', named)
  })
}

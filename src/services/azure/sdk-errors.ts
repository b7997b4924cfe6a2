/** Errors of the Azure SDK's clients, as the rest of this code knows them. */
import { recordOf, retryAfterOf } from '../../http/request.ts'
import { lastsAfterWrite } from '../../http/first-answers.ts'
import { HttpProblem, safe, Unreachable } from '../../http/errors.ts'
import { essenceOf } from './refusal.ts'

/** Turns the SDK's RestError into a Problem; a request that did not reach the service gives `Unreachable`. */
export function fromSdk(error: unknown, host: string): unknown {
  const { statusCode, code, details, message, response, name } = recordOf(error)
  if (name === 'AbortError')
    return new Unreachable('ARM', 'a request of arm-msi', host, new Error('no answer in time'))
  if (name !== 'RestError') return error
  const text = typeof message === 'string' ? message : ''
  if (typeof statusCode !== 'number') return new Unreachable('ARM', 'a request of arm-msi', host, error)
  const inner = recordOf(recordOf(details)['error'])
  const headers = recordOf(recordOf(response)['headers'])
  const word = typeof code === 'string' ? safe(code) : undefined
  return new HttpProblem({
    service: 'ARM',
    request: 'userAssignedIdentities',
    status: statusCode,
    code: word,
    propagating: lastsAfterWrite('ARM', word),
    detail: essenceOf(inner) ?? (typeof inner['message'] === 'string' ? inner['message'] : text),
    retryAfter: retryAfterOf(retryAfterText(headers))
  })
}

function retryAfterText(headers: Readonly<Record<string, unknown>>): unknown {
  const { get } = headers
  return typeof get === 'function'
    ? (get as (name: string) => unknown).call(headers, 'retry-after')
    : undefined
}

/** Turns the official client's errors into Problems. */
import { Problem } from '../../core/finding.ts'
import { HttpProblem, safe, UnexpectedReply, Unreachable } from '../../http/errors.ts'
import { jsonOf, recordOf, retryAfterOf } from '../../http/request.ts'

export function fromClient(error: unknown, what: string, host: string): Problem {
  // What is sent as a command of kubectl fails with a Problem of its own.
  if (error instanceof Problem) return error
  const { code, body, headers, cause, name, message } = recordOf(error)
  if (cause instanceof Problem) return cause
  // The client cannot read the body. (A failed fetch is a TypeError with a cause.)
  if (name === 'SyntaxError' || (name === 'TypeError' && cause === undefined))
    return new UnexpectedReply('Kubernetes', what, safe(String(message), 120))
  // A DOMException, which a time limit throws, also has a numeric code.
  if (typeof code !== 'number' || error instanceof DOMException)
    return new Unreachable('Kubernetes', what, host, error)
  const status = recordOf(typeof body === 'string' ? jsonOf(body) : body)
  return new HttpProblem({
    service: 'Kubernetes',
    request: what,
    status: code,
    code: typeof status['reason'] === 'string' ? safe(status['reason'], 60) : undefined,
    detail: typeof status['message'] === 'string' ? status['message'] : '',
    retryAfter: retryAfterOf(recordOf(headers)['retry-after'])
  })
}

/** The OIDC token of the job, requested from the host that runs it, without following redirects. */
import type { FindingFacts } from '../../core/finding.ts'
import { boundedText, jsonOf, Packed, PLAIN_BODY, recordOf, retryAfterOf } from '../../http/request.ts'
import { hostFault, unusable } from '../endpoints.ts'
import { HttpProblem, TOKEN, UnexpectedReply, Unreachable } from '../../http/errors.ts'

const NAME = 'the OIDC token request'
/** ms */
const TIMEOUT = 30_000

interface HostTokenRequest {
  readonly url: URL
  readonly method: 'GET' | 'POST'
  readonly bearer: string
  readonly headers?: Readonly<Record<string, string>>
  /** The field of the answer that has the token. */
  readonly field: string
  readonly refused: (status: number) => FindingFacts
}

/**
 * @throws {Problem} for a URL to which the job's own token must not be sent.
 * @throws {HttpProblem} | {Unreachable} | {UnexpectedReply}
 */
export async function hostToken(
  { url, method, bearer, ...rest }: HostTokenRequest,
  timeout = TIMEOUT
): Promise<string> {
  const fault = hostFault(url.href)
  if (fault !== undefined) throw unusable([`the token endpoint of this job ${fault}`])
  const { response, text } = await answer(url, {
    method,
    redirect: 'manual',
    signal: AbortSignal.timeout(timeout),
    headers: { accept: 'application/json', ...PLAIN_BODY, ...rest.headers, authorization: `Bearer ${bearer}` }
  })
  if (!response.ok) {
    throw new HttpProblem({
      service: 'host',
      request: NAME,
      status: response.status,
      detail: '',
      retryAfter: retryAfterOf(response.headers.get('retry-after')),
      remedy: rest.refused(response.status)
    })
  }
  const token = recordOf(jsonOf(text))[rest.field]
  if (typeof token === 'string' && TOKEN.test(token)) return token
  throw new UnexpectedReply('host', NAME, `no ${rest.field} in the answer`)
}

async function answer(url: URL, options: RequestInit): Promise<{ response: Response; text: string }> {
  try {
    const response = await fetch(url, options)
    return { response, text: await boundedText(response) }
  } catch (error) {
    if (error instanceof Packed) throw new UnexpectedReply('host', NAME, error.message)
    throw new Unreachable('host', NAME, url.host, error)
  }
}

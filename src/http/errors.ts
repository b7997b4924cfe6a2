/** What can go wrong on the wire, with the evidence; `diagnosis/catalogue.ts` knows the causes and remedies. */
import { Problem, type FindingFacts } from '../core/finding.ts'
import { withoutCredentials } from '../core/text.ts'
import { shorten } from '../core/safe-text.ts'

export type ServiceName = 'ARM' | 'Entra' | 'Azure DevOps' | 'Kubernetes' | 'git' | 'host'

/** What services call a code: one word. Anything else in its place is a text. */
const CODE = /^[\w.:-]{1,100}$/

/** An answer that is not a success. `code` and `detail` are the service's own words, made safe to print. */
export class HttpProblem extends Problem {
  override readonly name = 'HttpProblem'
  readonly service: ServiceName
  readonly status: number
  readonly code: string | undefined
  readonly detail: string
  /** ms the service asked to wait. */
  readonly retryAfter: number | undefined
  /** True when the service only has not heard of a fresh write yet. */
  readonly propagating: boolean
  /** For how long that may be so, in ms; as long as the wait itself allows where nothing is known. */
  readonly lasts: number
  /** What is shown is shortened; what decides may come after that. */
  readonly #whole: string
  /** @param evidence `detail`: all of the service's text; `propagating`: in ms, where it is known how long */
  constructor(evidence: {
    service: ServiceName
    request: string
    status: number
    code?: string | undefined
    detail: string
    retryAfter?: number | undefined
    propagating?: boolean | number
    remedy?: FindingFacts
  }) {
    const { service, request, status } = evidence
    const detail = safe(evidence.detail)
    const code = CODE.test(evidence.code ?? '') ? evidence.code : undefined
    super(
      evidence.remedy ?? {
        id: 'http/refused',
        summary: `${service} answered ${status}${code === undefined ? '' : ` ${code}`} to ${request}: ${detail === '' ? '(no text)' : detail}`,
        remedy: status >= 500 || status === 429 ? 'run again later' : 'see the text of the answer above',
        ...(code === undefined ? {} : { code })
      }
    )
    this.service = service
    this.status = status
    this.code = code
    this.detail = detail
    this.#whole = evidence.detail
    this.retryAfter = evidence.retryAfter
    const { propagating = false } = evidence
    this.propagating = propagating !== false && propagating !== 0
    this.lasts = typeof propagating === 'number' ? propagating : Infinity
  }

  /** Whether the service's text, all of it, says so. */
  says(words: RegExp): boolean {
    return words.test(this.#whole)
  }
}

/** The codes of Node and OpenSSL for certificates. */
const UNTRUSTED = /^(?:CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|ERR_TLS_CERT_)/

/** No answer: refused, reset, no name, no route, no time. */
export class Unreachable extends Problem {
  override readonly name = 'Unreachable'
  readonly service: ServiceName
  /** True when its certificate is not one to trust: asking again changes nothing. */
  readonly untrusted: boolean
  constructor(service: ServiceName, request: string, host: string, cause: unknown) {
    const untrusted = UNTRUSTED.test(codeOf(innermost(cause)))
    super(
      {
        id: 'http/unreachable',
        summary: `${service} at ${host} gave no answer to ${request}: ${reasonOf(cause)}.`,
        remedy: untrusted
          ? `put the authority that signed the certificate of ${host} (a proxy's, perhaps) into the file NODE_EXTRA_CA_CERTS names, then run again`
          : `let the runner reach ${host} (name, firewall, proxy, certificate authority in NODE_EXTRA_CA_CERTS), then run again`
      },
      { cause }
    )
    this.service = service
    this.untrusted = untrusted
  }
}

/** Not a failure of anything: the job is being stopped. */
export class Cancelled extends Problem {
  override readonly name = 'Cancelled'
  constructor(cause: unknown) {
    super(
      {
        id: 'run/cancelled',
        summary: 'The run was cancelled before this ended.',
        remedy: 'run again: what was done is kept, the rest is done then',
        code: 'Cancelled'
      },
      { cause }
    )
  }
}

/** A success whose body is not what the service documents. */
export class UnexpectedReply extends Problem {
  override readonly name = 'UnexpectedReply'
  constructor(service: ServiceName, request: string, problem: string) {
    super({
      id: 'http/unexpected-reply',
      summary: `${service} answered ${request} with something this version does not understand: ${problem}.`,
      remedy: 'see whether a proxy stands between; else report it with the debug log'
    })
  }
}

/** What may be a token: anything else could not be sent in a header, nor masked in a log. */
export const TOKEN = /^[\x21-\x7e]{16,}$/

/**
 * Foreign text in one line of bounded length, without control characters and without the credentials in URLs; the hosts
 * defuse it once more.
 */
export function safe(text: string, length = 400): string {
  const line = text.toWellFormed().replaceAll(/[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\s]+/gu, ' ')
  return shorten(withoutCredentials(line).trim(), length)
}

/** fetch puts the reason into the cause of its own error. */
function innermost(cause: unknown): unknown {
  return cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

function reasonOf(cause: unknown): string {
  const inner = innermost(cause)
  if (!(inner instanceof Error)) return safe(String(inner), 200)
  return safe(`${codeOf(inner)} ${inner.message}`, 200)
}

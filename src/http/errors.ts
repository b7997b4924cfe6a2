/** Errors on the wire, with the evidence; `diagnosis/rules/` add causes and remedies. */
import { Problem, type FindingFacts } from '../core/finding.ts'
import type { Failure } from '../core/answered.ts'
import { withoutCredentials } from '../core/text.ts'
import { shorten } from '../core/safe-text.ts'

export type ServiceName =
  | 'ARM'
  | 'Entra'
  | 'Microsoft Graph'
  | 'Azure DevOps'
  | 'Container Registry'
  | 'Kubernetes'
  | 'git'
  | 'GitHub'
  | 'host'

/** Services use a single word as an error code. Anything else in that field is free text. */
const CODE = /^[\w.:-]{1,100}$/

/** An unsuccessful answer. `code` and `detail` are the service's own words, made safe to print. */
export class HttpProblem extends Problem {
  override readonly name = 'HttpProblem'
  readonly service: ServiceName
  readonly status: number
  readonly code: string | undefined
  readonly detail: string
  /** The wait that the service asked for, in ms. */
  readonly retryAfter: number | undefined
  /** True when the only cause is that a recent write has not reached this service yet. */
  readonly propagating: boolean
  /** For how long that may be so, in ms; as long as the wait itself allows where nothing is known. */
  readonly lasts: number
  /** What is shown is shortened; what decides may come after that. */
  readonly #whole: string
  readonly #request: string
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
    this.#request = request
    this.retryAfter = evidence.retryAfter
    const { propagating = false } = evidence
    this.propagating = propagating !== false && propagating !== 0
    // What no table limits, such as a busy cluster, lasts as long as the run may wait.
    this.lasts = typeof propagating === 'number' && propagating > 0 ? propagating : Infinity
  }

  /** What was answered, for the diagnosis: all of the service's text, not only what is shown. */
  answer(): Failure {
    const { service, status, code, detail } = this
    return { service, request: this.#request, status, code, detail, whole: this.#whole }
  }

  /** Whether the service's text, all of it, says so. */
  says(words: RegExp): boolean {
    return words.test(this.#whole)
  }
}

/** A service on the way to the one that was asked refused, which says nothing of what was asked for. */
export class RefusedOnTheWay extends Problem {
  override readonly name = 'RefusedOnTheWay'
  readonly failure: Failure
  constructor(refusal: HttpProblem) {
    super(refusal.facts, { cause: refusal })
    this.failure = refusal.answer()
  }
}

/** Certificate errors of Node and OpenSSL. */
const UNTRUSTED = /^(?:CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|ERR_TLS_CERT_)/

/** No answer: connection refused or reset, DNS failure, no route, timeout. */
export class Unreachable extends Problem {
  override readonly name = 'Unreachable'
  readonly service: ServiceName
  /** True when the certificate is not trusted: a retry does not help. */
  readonly untrusted: boolean
  /** Of Node, such as ENOTFOUND; '' when there is none. */
  readonly code: string
  /** @param known what is known of it already */
  constructor(service: ServiceName, request: string, host: string, cause: unknown, known?: FindingFacts) {
    const code = codeOf(rootOf(cause))
    const untrusted = UNTRUSTED.test(code)
    super(
      known ?? {
        id: 'http/unreachable',
        summary: `${service} at ${host} did not answer ${request}: ${reasonOf(cause)}.`,
        remedy: untrusted
          ? `add the authority that signed the certificate of ${host} (perhaps a proxy's) to the file that NODE_EXTRA_CA_CERTS names, then run again`
          : `make sure that the runner can reach ${host} (DNS, firewall, proxy, certificate authority in NODE_EXTRA_CA_CERTS), then run again`
      },
      { cause }
    )
    this.service = service
    this.untrusted = untrusted
    this.code = code
  }
}

/** Nothing failed: the job is being cancelled. */
export class Cancelled extends Problem {
  override readonly name = 'Cancelled'
  constructor(cause: unknown) {
    super(
      {
        id: 'run/cancelled',
        summary: 'The run was cancelled before this finished.',
        remedy: 'run again to continue; completed changes are kept',
        code: 'Cancelled'
      },
      { cause }
    )
  }
}

/** A successful answer whose body does not match the documentation of the service. */
export class UnexpectedReply extends Problem {
  override readonly name = 'UnexpectedReply'
  constructor(service: ServiceName, request: string, problem: string) {
    super({
      id: 'http/unexpected-reply',
      summary: `${service} answered ${request} with something this version does not understand: ${problem}.`,
      remedy: 'check whether a proxy changes the answer; if not, report this with the debug log'
    })
  }
}

/** The form of a token. Anything else could not be sent in a header or masked in a log. */
export const TOKEN = /^[\x21-\x7e]{16,}$/

/**
 * Turns foreign text into one line of bounded length, without control characters and credentials in URLs. The hosts
 * also defuse it.
 */
export function safe(text: string, length = 400): string {
  const line = text.toWellFormed().replaceAll(/[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\s]+/gu, ' ')
  return shorten(withoutCredentials(line).trim(), length)
}

/** fetch wraps the actual error as the cause of its own. */
function rootOf(cause: unknown): unknown {
  return cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

function reasonOf(cause: unknown): string {
  const inner = rootOf(cause)
  if (!(inner instanceof Error)) return safe(String(inner), 200)
  return safe(`${codeOf(inner)} ${inner.message}`, 200)
}

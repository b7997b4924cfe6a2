/**
 * Recordings of real services, held against those of the twin. Where both made the same requests, every answer must have
 * one of the same kind in the twin: the same status, the same headers, the same fields with the same kind of values.
 */
import type { Recorded, Recording } from './recording.ts'

/** Of one connection, not of the answer. */
const TRANSPORT = new Set(['date', 'connection', 'keep-alive', 'content-length', 'transfer-encoding'])
/** What real services send along for their operators and for browsers: no client reads it, the twin need not have it. */
const FOR_OTHERS =
  /^(?:strict-transport-security|x-content-type-options|x-frame-options|x-xss-protection|cache-control|pragma|expires|vary|server|set-cookie|p3p|nel|report-to|referrer-policy|content-security-policy.*|access-control-.*|via|x-cache|x-msedge-ref|request-context|activityid|audit-id|client-request-id|x-ms-(?:request-id|client-request-id|correlation-request-id|routing-request-id|ratelimit-.*|operation-identifier|ests-server|srs|throttling-version|clitelem)|x-(?:tfs|vss)-(?!resourcetenant).*|x-kubernetes-.*|x-azure-ref|\*)$/

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
  /** All of it, to know equal ones by. */
  readonly text: string
}

/**
 * @param live what a real run recorded
 * @param twin what the same life on the twin recorded
 * @returns one line for each difference, with the cases it occurs in; empty when there is none
 */
export function compareRecordings(live: readonly Recording[], twin: readonly Recording[]): string[] {
  const everywhere = groupsOf(twin.flatMap(({ exchanges }) => exchanges))
  const found = new Map<string, string[]>()
  for (const { name, exchanges } of live) {
    const own = twin.find((one) => plainName(one.name) === plainName(name))
    const here = groupsOf(own?.exchanges ?? [])
    for (const [request, answers] of groupsOf(exchanges)) {
      const lines = compareAnswers(answers, here.get(request), everywhere.get(request))
      for (const line of new Set(lines)) {
        const key = `${request}: ${line}`
        found.set(key, [...(found.get(key) ?? []), plainName(name)])
      }
    }
  }
  return [...found].map(([line, cases]) => `${line} (${cases.join(', ')})`)
}

/** The number is its place in the life, which may change. */
function plainName(name: string): string {
  return name.replace(/^\d+-/, '')
}

/** By what was asked. */
function groupsOf(exchanges: readonly Recorded[]): Map<string, Answer[]> {
  const groups = new Map<string, Answer[]>()
  for (const { service, method, path, query, status, headers, body } of exchanges) {
    const asked = Object.entries(query).map(([key, value]) => `${key}=${value}`)
    const request = `${service} ${method} ${path}${asked.length === 0 ? '' : `?${asked.join('&')}`}`
    const own = Object.entries(headers).filter(([name]) => !TRANSPORT.has(name))
    const answer = { status, headers: Object.fromEntries(own), body: withoutSentences(body) }
    const text = JSON.stringify(answer)
    groups.set(request, [...(groups.get(request) ?? []), { ...answer, text }])
  }
  return groups
}

/** Each answer has one of its kind in the twin, and no two the same one when as many were given. */
function compareAnswers(
  live: readonly Answer[],
  here: readonly Answer[] | undefined,
  everywhere: readonly Answer[] | undefined
): string[] {
  const twin = here ?? everywhere
  if (!twin) return ['the twin was never asked this']
  const unmatched = [...twin]
  const left = live.filter((answer) => {
    const equal = unmatched.findIndex(({ text }) => text === answer.text)
    const at = equal >= 0 ? equal : unmatched.findIndex((one) => differences(answer, one).length === 0)
    if (at >= 0) unmatched.splice(at, 1)
    return at < 0
  })
  // A life that waits longer asks more often: then an answer may come again.
  const candidates = live.length === twin.length ? unmatched : (everywhere ?? twin)
  return left.flatMap((answer) => nearest(answer, candidates))
}

function nearest(answer: Answer, candidates: readonly Answer[]): string[] {
  const [first] = candidates.map((one) => differences(answer, one)).sort((a, b) => weightOf(a) - weightOf(b))
  return first ?? ['the twin never answers']
}

/** Another status is another answer, whatever else is alike. */
function weightOf(lines: readonly string[]): number {
  return lines.length + (lines.some((line) => line.startsWith('status')) ? 1000 : 0)
}

function differences(live: Answer, twin: Answer): string[] {
  const status = live.status === twin.status ? [] : [`status ${live.status}, the twin: ${twin.status}`]
  const names = new Set([...Object.keys(live.headers), ...Object.keys(twin.headers)])
  const headers = [...names].flatMap((name) => {
    const [one, other] = [live.headers[name], twin.headers[name]]
    if (one === other || (other === undefined && FOR_OTHERS.test(name))) return []
    return [`header ${name}: ${one ?? 'none'}, the twin: ${other ?? 'none'}`]
  })
  return [...status, ...headers, ...inBody('body', live.body, twin.body)]
}

function inBody(at: string, live: unknown, twin: unknown): string[] {
  if (Array.isArray(live) && Array.isArray(twin)) return inList(`${at}[]`, live, twin)
  if (isRecord(live) && isRecord(twin)) {
    const names = new Set([...Object.keys(live), ...Object.keys(twin)])
    return [...names].flatMap((name) => inBody(`${at}.${name}`, live[name], twin[name]))
  }
  return live === twin ? [] : [`${at}: ${shown(live)}, the twin: ${shown(twin)}`]
}

/** Lists hold the different kinds of their items. What is listed here only must be there; a shorter list is no difference. */
function inList(at: string, live: readonly unknown[], twin: readonly unknown[]): string[] {
  const texts = new Set(twin.map((item) => JSON.stringify(item)))
  const own = new Set(live.map((item) => JSON.stringify(item)))
  const missing = live.length < twin.length ? [] : twin.filter((item) => !own.has(JSON.stringify(item)))
  const lines = live
    .filter((item) => !texts.has(JSON.stringify(item)))
    .map((item) => {
      const [first] = twin.map((one) => inBody(at, item, one)).sort((a, b) => a.length - b.length)
      return first ?? [`${at}: ${shown(item)}, the twin: no item`]
    })
  // What an item has become is said once.
  return lines.length > 0 ? lines.flat() : missing.map((item) => `${at}: none, the twin: ${shown(item)}`)
}

function shown(value: unknown): string {
  if (value === undefined) return 'none'
  const text = JSON.stringify(value)
  return text.length > 120 ? `${text.slice(0, 120)}…` : text
}

/** Sentences are worded anew now and then; the codes in them are not. */
function withoutSentences(value: unknown): unknown {
  if (typeof value === 'string' && value.includes(' ')) {
    const codes = value.match(/\b(?:AADSTS|TFS?|VSS?F?)\d+\b/g) ?? []
    return `sentence ${[...new Set(codes)].sort().join(' ')}`.trim()
  }
  if (Array.isArray(value)) return value.map(withoutSentences)
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutSentences(inner)]))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

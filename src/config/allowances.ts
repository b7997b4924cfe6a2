/** The input `allow`: stored credentials that are accepted, each with a last day and a reason. */
import type { Allowance } from './desired.ts'
import type { Fault } from './inputs.ts'

const LINE = /^([0-9a-f]{16})\s+(\d{4}-\d{2}-\d{2})\s+(\S.*)$/i
const FORM =
  'Write <fingerprint> <last day> <reason>, e.g. 3f9c2a7be01d4c58 2027-03-31 generators need a PAT.'
/** In characters: it is repeated in the report. */
const LONGEST_REASON = 300

/** @param lines of the input, trimmed and not empty */
export function readAllowances(lines: readonly string[], fault: Fault): Allowance[] {
  const found: Allowance[] = []
  lines.forEach((line, index) => {
    // A faulty line may be anything, so it is counted and not repeated.
    const where = `Line ${index + 1}`
    const [, fingerprint = '', until = '', reason = ''] = LINE.exec(line) ?? []
    const known = fingerprint.toLowerCase()
    if (fingerprint === '') fault('allow', `${where} is not an exception.`, FORM)
    else if (!isDay(until)) fault('allow', `${where} ends on a day that does not exist.`, FORM)
    else if (reason.length > LONGEST_REASON)
      fault(
        'allow',
        `The reason in line ${index + 1} is too long.`,
        `Use at most ${LONGEST_REASON} characters.`
      )
    else if (found.some((one) => one.fingerprint === known))
      fault('allow', `${where} repeats a fingerprint.`, 'Keep one of the two.')
    else found.push({ fingerprint: known, until, reason })
  })
  return found
}

function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(day.valueOf()) && day.toISOString().startsWith(text)
}

/** Whether the exception still holds: its last day counts whole (UTC). @param now ms since the epoch */
export function isInForce({ until }: Allowance, now: number): boolean {
  return new Date(now).toISOString().slice(0, 10) <= until
}

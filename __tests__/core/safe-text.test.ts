import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Redaction } from '../../src/core/redaction.ts'
import {
  shorten,
  toJsonOutput,
  toPlainOutput,
  toSafeJson,
  toSafeLine,
  toSafeText
} from '../../src/core/safe-text.ts'
import { hostileText } from '../report/hostile-text.ts'

/** As the runner and the agents read a log: a line ends where a terminal or .NET ends it, and what has no width is not there. */
function commandsIn(text: string): string[] {
  return text
    .split(/[\n\r\v\f\u0085\u2028\u2029]/)
    .map((line) => line.replaceAll(/[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, ''))
    .filter((line) => /^\s*::/.test(line) || /##\w*\[/.test(line))
}
const UNSEEN = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u

describe('safe text', () => {
  test('holds no command and nothing unseen, however it is cut', () => {
    fc.assert(
      fc.property(hostileText(), fc.nat(80), (text, limit) => {
        for (const safe of [toSafeText(text, limit), toSafeLine(text, limit), toPlainOutput(text, limit)]) {
          expect(commandsIn(safe)).toEqual([])
          expect(safe).not.toMatch(UNSEEN)
          expect(safe.length).toBeLessThanOrEqual(limit + 1)
        }
        expect(toSafeLine(text)).not.toMatch(/[\n\t]/)
        expect(toPlainOutput(text)).not.toMatch(/[\n\t\\]|::/)
      }),
      { numRuns: 2_000 }
    )
  })

  test('that is safe already stays as it is, and safe text made safe again is the same', () => {
    const ours = 'resource “x” of https://dev.azure.com/contoso/_git/a at ::1, 漢字 🚀\n  see: #1 - 50%'
    expect(toSafeText(ours)).toBe(ours)
    fc.assert(fc.property(hostileText(), (text) => toSafeText(toSafeText(text)) === toSafeText(text)))
  })

  test('shows what cannot be seen, so that look-alikes differ', () => {
    expect(toSafeLine('api://x\u200b')).toBe('api://x\\u200b')
    expect(toSafeLine('a\r\nb\u{e0041}\ud800')).toBe('a\\nb\\u{e0041}\\ud800')
  })

  test('is never cut within a character', () => {
    expect(shorten('ab🚀', 3)).toBe('ab…')
    expect(shorten('ab🚀', 4)).toBe('ab🚀')
  })
})

describe('JSON', () => {
  const values = fc.array(fc.dictionary(hostileText(), hostileText(), { maxKeys: 2 }), { maxLength: 2 })

  test('loses nothing, and holds no command', () => {
    fc.assert(
      fc.property(values, (value) => {
        const same = JSON.parse(JSON.stringify(value)) as unknown
        for (const json of [toSafeJson(value), toJsonOutput(value)]) {
          expect(JSON.parse(json)).toEqual(same)
          expect(commandsIn(json)).toEqual([])
          expect(json).not.toMatch(UNSEEN)
          expect(json).not.toMatch(/<|`/)
        }
      })
    )
  })

  test('of an output is one line that neither quotes, nor a fence, nor an echo of any shell takes apart', () => {
    fc.assert(
      fc.property(values, (value) => {
        const json = toJsonOutput(value)
        expect(json).not.toMatch(/[\n\t'`$<>&%#]|::/)
        for (const [escape] of json.matchAll(/\\(?:u[0-9a-f]{4}|.)/g)) expect(escape).toMatch(/^\\u/)
      })
    )
  })
})

describe('a secret', () => {
  const secret = 's3cr3t-\'"#<\\value'
  const redaction = new Redaction()
  redaction.add(secret)

  test('is taken out of every string of a value before it is escaped, and nothing else is', () => {
    const id = '00000000-0000-0000-0000-000000000001'
    const value = { id, [`at ${secret}`]: [{ text: `a ${secret} b` }, 1, null, true], none: undefined }
    expect(redaction.in(value)).toEqual({
      id,
      'at ***': [{ text: 'a *** b' }, 1, null, true],
      none: undefined
    })
  })

  test('is not shown in part where a text was cut', () => {
    expect(redaction.of(`a ${secret.slice(0, 11)}… b ${secret}`)).toBe('a ***… b ***')
    expect(redaction.of('a s3cr3t… b')).toBe('a s3cr3t… b')
  })
})

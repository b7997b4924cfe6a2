/** A login that Entra refuses: cause and remedy depend on Entra's error number, on the kind of login and on its token. */
import { safe } from '../../http/errors.ts'
import { Problem } from '../../core/finding.ts'
import type { Caller } from './caller.ts'
import { causeOf } from './refusal-causes.ts'
import { numberedSentence } from './sentence.ts'

/** @param said Entra's text, which contains the AADSTS number: the SDK does not give it otherwise */
export function refusedLogin(
  what: string,
  said: string,
  { cause, caller = { origin: 'inputs' } }: { readonly cause?: unknown; readonly caller?: Caller } = {}
): Problem {
  // The number may be far back in the text, so it is extracted before the text is cut.
  const { code, sentence } = numberedSentence(said)
  return new Problem(
    {
      summary: `${what}: ${safe(sentence, 300)}`,
      link: 'https://learn.microsoft.com/entra/identity-platform/reference-error-codes',
      ...causeOf(code?.replace('AADSTS', '') ?? '', caller),
      ...(code === undefined ? {} : { code })
    },
    { cause }
  )
}

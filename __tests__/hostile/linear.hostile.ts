/** Foreign text is matched in linear time: half a megabyte of what makes regular expressions search takes no time to speak of. */
import { describe, expect, test } from '@jest/globals'
import { templatesFor } from '../../src/argocd/places.ts'
import { hasPrefix, normalized, sameRepository, sameUrl } from '../../src/argocd/urls.ts'
import { versionOfImage } from '../../src/argocd/version.ts'
import { InvalidRepositoryUrl, parseRepositoryUrl } from '../../src/config/repository-url.ts'
import { toSafeText } from '../../src/core/safe-text.ts'
import { credentialsIn, matchesWildcard, withoutCredentials, withoutTrailing } from '../../src/core/text.ts'
import { ApplicationProblem } from '../../src/diagnosis/argocd-conditions.ts'
import { judgeAnswer } from '../../src/diagnosis/judge.ts'
import { HttpProblem, safe, UnexpectedReply } from '../../src/http/errors.ts'
import { jsonOf, retryAfterOf } from '../../src/http/request.ts'
import { hostFault, serviceFault } from '../../src/services/endpoints.ts'
import { isTransient } from '../../src/services/entra/msal.ts'
import { refusedLogin } from '../../src/services/entra/refusal.ts'
import { numberedSentence, sentenceOf } from '../../src/services/entra/sentence.ts'

const SIZE = 500_000
/** ms of processor time. Quadratic matching takes minutes. */
const LIMIT = 1_000
const application = { namespace: 'argocd', name: 'a', project: 'p' }

const FUNCTIONS: Readonly<Record<string, (text: string) => unknown>> = {
  safe,
  withoutCredentials,
  credentialsIn,
  withoutTrailing: (text) => withoutTrailing(text, '/'),
  'matchesWildcard, the pattern': (text) => matchesWildcard(text, 'Microsoft.ContainerService/x/write'),
  'matchesWildcard, both': (text) => matchesWildcard(text, text),
  'matchesWildcard, the text': (text) => matchesWildcard(`${'*a'.repeat(21)}*b`, text),
  retryAfterOf: (text) => retryAfterOf(text),
  jsonOf,
  sentenceOf,
  numberedSentence,
  isTransient: (message) => isTransient({ message }),
  refusedLogin: (text) => refusedLogin('x', text),
  'an HttpProblem explained': (text) =>
    judgeAnswer(
      {
        failure: new HttpProblem({
          service: 'Entra',
          request: 'x',
          status: 400,
          code: text,
          detail: text
        }).answer()
      },
      {}
    ),
  'an answer of ARM explained': (text) =>
    judgeAnswer(
      { failure: new HttpProblem({ service: 'ARM', request: 'x', status: 400, detail: text }).answer() },
      {}
    ),
  'an answer of Azure DevOps explained': (text) =>
    judgeAnswer(
      {
        failure: new HttpProblem({
          service: 'Azure DevOps',
          request: 'x',
          status: 200,
          detail: text
        }).answer()
      },
      {}
    ),
  'an answer of Kubernetes explained': (text) =>
    judgeAnswer(
      {
        failure: new HttpProblem({ service: 'Kubernetes', request: 'x', status: 403, detail: text }).answer()
      },
      {}
    ),
  'what git printed, explained': (text) => judgeAnswer({ git: { stderr: text, reason: safe(text) } }, {}),
  'complaints explained': (text) =>
    (['reading', 'project', 'application', 'unknown'] as const).map((phase) =>
      judgeAnswer({ complaint: { phase, application, whole: text } }, {})
    ),
  'an UnexpectedReply': (text) => new UnexpectedReply('ARM', 'x', safe(text)),
  ApplicationProblem: (text) => new ApplicationProblem(application, { message: text }),
  'an ApplicationProblem of a phase': (text) =>
    new ApplicationProblem(
      application,
      { message: `${READING}${text}` },
      { isSource: () => true, isUrl: () => true }
    ),
  versionOfImage,
  normalized,
  sameUrl: (text) => sameUrl(text, `${text}x`),
  hasPrefix: (text) => hasPrefix(text, 'https://dev.azure.com/'),
  sameRepository: (text) => sameRepository(text, `${text}x`),
  templatesFor,
  serviceFault,
  hostFault,
  parseRepositoryUrl(text) {
    try {
      return parseRepositoryUrl(text)
    } catch (error) {
      if (!(error instanceof InvalidRepositoryUrl)) throw error
      return error
    }
  }
}

const READING =
  'Failed to load target state: failed to generate manifest for source 1 of 1: failed to list refs: '

const PIECES = [
  ' ',
  '\n',
  '\r\n',
  '\t ',
  '/',
  '//',
  '@',
  'a@',
  '//a@',
  ':',
  '1',
  '1.',
  ':1.1.1-',
  '*',
  '*a',
  '.',
  '-',
  '_',
  '%',
  '%20',
  '\\',
  '"',
  "'",
  '.git',
  '_git/',
  'https://',
  '{"a":',
  '[',
  'AADSTS',
  'AADSTS1',
  ' Trace ID',
  'cluster ',
  'referencing project ',
  "unable to resolve '",
  '\u00a0',
  '\u200b',
  '\ud800'
]
const BEFORE = ['', 'https://dev.azure.com/', 'AADSTS70021: x', 'https://', '/subscriptions/']

describe.each(Object.keys(FUNCTIONS))('%s', (name) => {
  test('whatever is repeated', () => {
    const slow: string[] = []
    for (const piece of PIECES) {
      for (const before of BEFORE) {
        const size = before === '' ? SIZE : SIZE / 5
        const text = `${before}${piece.repeat(size / piece.length)}!`
        const started = process.cpuUsage()
        FUNCTIONS[name]?.(text)
        const took = process.cpuUsage(started).user / 1000
        if (took > LIMIT) slow.push(`${JSON.stringify(before + piece)}: ${Math.round(took)} ms`)
      }
    }
    expect(slow).toEqual([])
  })
})

test('text made safe takes time in proportion to its length', () => {
  const started = process.cpuUsage()
  for (const piece of ['\n', ' ', ':', '#', '##a', '\u0001', '`', '🚀'])
    toSafeText(piece.repeat(2_000_000), 2_000_000)
  expect(process.cpuUsage(started).user / 1000).toBeLessThan(8_000)
})

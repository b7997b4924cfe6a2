import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { canonicalUrl, InvalidRepositoryUrl, parseRepositoryUrl } from '../../src/inputs/repository-url.ts'

const CONTOSO = { organization: 'contoso', project: 'shop', repository: 'app' }

function refusal(text: string): InvalidRepositoryUrl {
  try {
    parseRepositoryUrl(text)
  } catch (error) {
    if (error instanceof InvalidRepositoryUrl) return error
    throw error
  }
  throw new Error(`accepted: ${text}`)
}

describe('spellings in use are accepted and kept as given', () => {
  test.each([
    ['https://dev.azure.com/contoso/shop/_git/app', CONTOSO],
    ['https://contoso@dev.azure.com/contoso/shop/_git/app', CONTOSO],
    ['https://contoso.visualstudio.com/shop/_git/app', CONTOSO],
    ['https://contoso.visualstudio.com/DefaultCollection/shop/_git/app', CONTOSO],
    ['https://dev.azure.com/contoso/_git/app', { ...CONTOSO, project: 'app' }],
    ['https://dev.azure.com/contoso/app/_git/app', { ...CONTOSO, project: 'app' }],
    [
      'https://dev.azure.com/contoso/my%20shop/_git/my%20app',
      { ...CONTOSO, project: 'my shop', repository: 'my app' }
    ],
    ['https://dev.azure.com/contoso/caf%C3%A9/_git/app', { ...CONTOSO, project: 'café' }]
  ])('%s', (url, names) => {
    expect(parseRepositoryUrl(url)).toEqual({ url, ...names })
  })
})

describe('everything else is refused with what to write instead', () => {
  test.each([
    ['git@ssh.dev.azure.com:v3/contoso/shop/app', 'SSH', 'https://dev.azure.com/contoso/shop/_git/app'],
    ['ssh://git@ssh.dev.azure.com/v3/contoso/shop/app', 'SSH', 'https://dev.azure.com/contoso/shop/_git/app'],
    [
      'contoso@vs-ssh.visualstudio.com:v3/contoso/shop/app',
      'SSH',
      'https://dev.azure.com/contoso/shop/_git/app'
    ],
    ['https://dev.azure.com/contoso/_git/_git', 'does not allow', 'Copy the URL'],
    ['https://github.com/contoso/app', 'github.com is not Azure DevOps', 'dev.azure.com'],
    ['https://dev.azure.com:8443/contoso/shop/_git/app', 'not Azure DevOps', 'dev.azure.com'],
    ['https://dev.azure.com.evil.example/contoso/shop/_git/app', 'not Azure DevOps', 'dev.azure.com'],
    ['http://dev.azure.com/contoso/shop/_git/app', 'not https', 'https://'],
    ['https://dev.azure.com/contoso/my shop/_git/app', 'blank', '%20'],
    [
      'https://dev.azure.com/contoso/shop/_git/app/',
      'goes on',
      'https://dev.azure.com/contoso/shop/_git/app.'
    ],
    [
      'https://dev.azure.com/contoso/shop/_git/app.git',
      '.git',
      'https://dev.azure.com/contoso/shop/_git/app.'
    ],
    ['https://dev.azure.com/contoso/_git/app.git', '.git', 'https://dev.azure.com/contoso/app/_git/app.'],
    [
      'https://dev.azure.com/contoso/shop/_git/_optimized/app',
      '_optimized',
      'https://dev.azure.com/contoso/shop/_git/app.'
    ],
    [
      'https://dev.azure.com/contoso/shop/_git/app?path=/x',
      'query',
      'https://dev.azure.com/contoso/shop/_git/app.'
    ],
    ['https://dev.azure.com/contoso/shop', 'does not lead to a repository', '_git'],
    ['https://dev.azure.com/', 'organization', '_git'],
    ['https://dev.azure.com/contoso/%zz/_git/app', 'percent', '%25'],
    ['https://dev.azure.com/contoso/a%2Fb/_git/app', 'does not allow', 'Clone'],
    ['', 'not an https URL', 'https://dev.azure.com'],
    ['app', 'not an https URL', 'https://dev.azure.com']
  ])('%s', (url, problem, remedy) => {
    const { problem: found, remedy: way } = refusal(url)
    expect(found).toContain(problem)
    expect(way).toContain(remedy)
  })

  test('a password in the URL is never repeated in the error', () => {
    const error = refusal('https://me:s3cr3t-pat@dev.azure.com/contoso/shop/_git/app')
    expect(error.problem).toContain('password')
    expect(error.message).not.toContain('s3cr3t-pat')
  })
})

describe('the parser is total', () => {
  const runs = Number(process.env['FUZZ_RUNS'] ?? 200_000)
  const piece = fc.constantFrom(
    ...'https:// http:// ssh:// git@ dev.azure.com .visualstudio.com ssh.dev.azure.com:v3 / // _git _full _optimized DefaultCollection contoso %20 %2F %zz .git ? # @ : é \u0000 [ ]'.split(
      ' '
    ),
    ' '
  )
  const text = fc.oneof(
    fc
      .array(
        fc.oneof({ weight: 4, arbitrary: piece }, { weight: 1, arbitrary: fc.string({ maxLength: 8 }) }),
        { maxLength: 9 }
      )
      .map((p) => p.join('')),
    fc.array(piece, { maxLength: 7 }).map((p) => `https://dev.azure.com/contoso/${p.join('')}`),
    fc.string({ unit: 'binary', maxLength: 40 })
  )

  test(`over ${runs} generated strings: its own error or a stable result`, () => {
    fc.assert(
      fc.property(text, (given) => {
        let parsed
        try {
          parsed = parseRepositoryUrl(given)
        } catch (error) {
          return error instanceof InvalidRepositoryUrl && error.remedy !== ''
        }
        const again = parseRepositoryUrl(canonicalUrl(parsed))
        return (
          canonicalUrl(again) === canonicalUrl(parsed) &&
          again.repository === parsed.repository &&
          again.project === parsed.project
        )
      }),
      { numRuns: runs }
    )
  }, 100_000)

  test('every pair of legal names survives format → parse', () => {
    const name = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
      .filter(
        (n) =>
          n.trim() === n &&
          !/[\u0000-\u001f\u007f/\\:*?"<>|#{}]|^\.+$|\.git$/i.test(n) &&
          !/^_(git|full|optimized)$/i.test(n) &&
          n.isWellFormed()
      )
    fc.assert(
      fc.property(name, name, (project, repository) => {
        const parsed = parseRepositoryUrl(canonicalUrl({ organization: 'contoso', project, repository }))
        expect(parsed).toMatchObject({ project, repository })
      })
    )
  })
})

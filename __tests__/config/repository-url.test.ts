import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { canonicalUrl } from '../../src/config/repository-names.ts'
import { InvalidRepositoryUrl, parseRepositoryUrl } from '../../src/config/repository-url.ts'

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
    ['https://contoso.visualstudio.com/defaultcollection/_git/app', { ...CONTOSO, project: 'app' }],
    ['https://dev.azure.com/contoso/_git/app', { ...CONTOSO, project: 'app' }],
    ['https://dev.azure.com/a/shop/_git/app', { ...CONTOSO, organization: 'a' }],
    [`https://dev.azure.com/${'a'.repeat(50)}/shop/_git/app`, { ...CONTOSO, organization: 'a'.repeat(50) }],
    [
      'https://dev.azure.com/contoso/shop.git/_git/my.github',
      { ...CONTOSO, project: 'shop.git', repository: 'my.github' }
    ],
    ['https://dev.azure.com/contoso/app/_git/app', { ...CONTOSO, project: 'app' }],
    [
      'https://dev.azure.com/contoso/my%20shop/_git/my%20app',
      { ...CONTOSO, project: 'my shop', repository: 'my app' }
    ],
    ['https://dev.azure.com/contoso/caf%C3%A9/_git/app', { ...CONTOSO, project: 'café' }],
    ['https://dev.azure.com/contoso/shop/_git/web', { ...CONTOSO, repository: 'web' }],
    [
      "https://dev.azure.com/contoso/R&D/_git/it's%20(1)",
      { ...CONTOSO, project: 'R&D', repository: "it's (1)" }
    ],
    [
      `https://dev.azure.com/contoso/${'a'.repeat(64)}/_git/com10x`,
      { ...CONTOSO, project: 'a'.repeat(64), repository: 'com10x' }
    ]
  ])('%s', (url, names) => {
    expect(parseRepositoryUrl(url)).toEqual({ url, ...names })
  })
})

describe('everything else is refused with what to write instead', () => {
  const form = 'https://dev.azure.com/<organization>/<project>/_git/<repository>'
  const app = 'https://dev.azure.com/contoso/shop/_git/app'
  const ssh = [
    'This is an SSH URL; Entra tokens only work over https.',
    `Use ${app} here and as repoURL of the Applications.`
  ]
  const foreign = (host: string) => [
    `The host ${host} is not Azure DevOps Services.`,
    `Expected ${form} or https://<organization>.visualstudio.com/<project>/_git/<repository>.`
  ]
  const name = [
    'Azure DevOps does not allow the project or repository name in the URL.',
    `Copy the URL from Azure Repos > Clone > HTTPS: ${form}.`
  ]
  const on = (url = app) => [
    'The URL continues after the repository (to Argo CD, even a trailing slash makes it another repository).',
    `Use ${url}.`
  ]
  const git = (url: string) => ['The URL ends in .git, which Azure Repos does not serve.', `Use ${url}.`]
  const variant = ['The URL has a _optimized or _full part.', `Use ${app}.`]
  const query = ['The URL has a query or a fragment.', `Use ${app}.`]
  const nowhere = (place = 'contoso/shop') => [
    'The URL does not lead to a repository.',
    `Expected https://dev.azure.com/${place}/_git/<repository>.`
  ]
  const elsewhere = [
    'This is an SSH URL that names no repository of Azure Repos.',
    `Expected ${form} or https://<organization>.visualstudio.com/<project>/_git/<repository>.`
  ]
  const placeholder = (shown: string) => [
    `The URL still contains the placeholder ${shown}.`,
    'Write the name itself, as in Azure Repos > Clone > HTTPS.'
  ]
  const organization = ['The URL names no valid organization.', `Expected ${form}.`]
  const notHttps = ['This is not an https URL.', `Expected ${form}.`]
  test.each([
    ['git@ssh.dev.azure.com:v3/contoso/shop/app', ssh],
    ['ssh://git@ssh.dev.azure.com/v3/contoso/shop/app', ssh],
    ['ssh://git@ssh.dev.azure.com:22/v3/contoso/shop/app', ssh],
    ['contoso@vs-ssh.visualstudio.com:v3/contoso/shop/app', ssh],
    ['xssh://git@ssh.dev.azure.com/v3/contoso/shop/app', notHttps],
    ['git@ssh.dev.azure.com:v3/contoso/shop/app/more', elsewhere],
    ['git@ssh.dev.azure.com.evil.example:v3/contoso/shop/app', elsewhere],
    ['https://github.com/contoso/app', foreign('github.com')],
    ['https://dev.azure.com:8443/contoso/shop/_git/app', foreign('dev.azure.com:8443')],
    ['https://dev.azure.com.evil.example/contoso/shop/_git/app', foreign('dev.azure.com.evil.example')],
    [
      'https://contoso.visualstudio.com.evil.example/shop/_git/app',
      foreign('contoso.visualstudio.com.evil.example')
    ],
    ['https://a.contoso.visualstudio.com/shop/_git/app', foreign('a.contoso.visualstudio.com')],
    ['https://contoso.visualstudio.com:8443/shop/_git/app', foreign('contoso.visualstudio.com:8443')],
    [
      'http://dev.azure.com/contoso/shop/_git/app',
      ['The URL is not https; a token must not be sent unencrypted.', `Use ${app}.`]
    ],
    [
      'https://dev.azure.com/contoso/my shop/_git/app',
      [
        'The URL contains a blank.',
        'Write %20 for each blank: https://dev.azure.com/contoso/my%20shop/_git/app.'
      ]
    ],
    ['https://dev.azure.com/contoso/shop/_git/app/', on()],
    ['https://dev.azure.com/contoso/shop/_git/app/pullrequests', on()],
    ['https://dev.azure.com/contoso/_git/app/', on('https://dev.azure.com/contoso/app/_git/app')],
    ['https://dev.azure.com/contoso/shop/_git/app.git', git(app)],
    [
      'https://dev.azure.com/contoso/shop.git/_git/app.GIT',
      git('https://dev.azure.com/contoso/shop.git/_git/app')
    ],
    ['https://dev.azure.com/contoso/_git/app.git', git('https://dev.azure.com/contoso/app/_git/app')],
    ['https://dev.azure.com/contoso/shop/_git/_optimized/app', variant],
    ['https://dev.azure.com/contoso/shop/_git/_Full/app', variant],
    ['https://dev.azure.com/contoso/shop/_git/_fuller/app', name],
    [
      'https://dev.azure.com/contoso/shop/_git/x_full/app',
      on('https://dev.azure.com/contoso/shop/_git/x_full')
    ],
    [`${app}?path=/x`, query],
    [`${app}#readme`, query],
    [`${app}?`, query],
    [`${app}#`, query],
    ['https://dev.azure.com/contoso/shop', nowhere()],
    ['https://dev.azure.com/contoso/shop/app', nowhere()],
    [
      'https://dev.azure.com/contoso/shop/team/_git/app',
      ['The URL names a team between project and repository.', `Use ${app}.`]
    ],
    ['https://dev.azure.com/contoso/shop/_git', nowhere()],
    ['https://dev.azure.com/contoso/shop/_git/', nowhere()],
    ['https://dev.azure.com/contoso/shop/_git/_optimized', nowhere()],
    ['https://contoso.visualstudio.com/', nowhere('contoso/<project>')],
    ['https://dev.azure.com/', organization],
    ['https://dev.azure.com/-contoso/shop/_git/app', organization],
    ['https://dev.azure.com/contoso-/shop/_git/app', organization],
    ['https://dev.azure.com/contoso!/shop/_git/app', organization],
    [`https://dev.azure.com/${'a'.repeat(51)}/shop/_git/app`, organization],
    [
      'https://dev.azure.com/contoso/%zz/_git/app',
      ['The URL has a broken percent-encoding.', 'Write % itself as %25.']
    ],
    ['https://dev.azure.com/contoso/_git/_git', name],
    ['https://dev.azure.com/contoso//_git/app', name],
    ['https://dev.azure.com/contoso/a%2Fb/_git/app', name],
    ['https://dev.azure.com/contoso/shop%20/_git/app', name],
    ['https://dev.azure.com/contoso/shop/_git/a%0Ab', name],
    ...['%24(project)', 'a;b', 'a,b', 'a+b', 'a=b', '_shop', '.shop', 'shop.', '%F0%9F%9A%80'].flatMap(
      (bad): [string, string[]][] => [
        [`https://dev.azure.com/contoso/${bad}/_git/app`, name],
        [`https://dev.azure.com/contoso/shop/_git/${bad}`, name]
      ]
    ),
    [`https://dev.azure.com/contoso/${'a'.repeat(65)}/_git/app`, name],
    [`https://dev.azure.com/contoso/shop/_git/${'a'.repeat(65)}`, name],
    ...[
      '$(project)',
      '$[x]',
      '{project}',
      '<project>',
      '${{ x }}',
      '#{project}#',
      ':project',
      '__project__'
    ].flatMap((bad): [string, string[]][] => [
      [`https://dev.azure.com/contoso/${bad}/_git/app`, placeholder(bad)],
      [`https://dev.azure.com/contoso/shop/_git/${bad}`, placeholder(bad)]
    ]),
    ...['AUX', 'com1', 'LPT9', 'SignalR', 'Web', 'App_Code', 'bin', 'web.config'].map(
      (bad): [string, string[]] => [`https://dev.azure.com/contoso/${bad}/_git/app`, name]
    ),
    ['', notHttps],
    ['app', notHttps],
    [
      'file:///https://dev.azure.com/contoso/shop/_git/app',
      ['The line contains several URLs.', 'Write one URL per line.']
    ],
    ['https:/dev.azure.com/contoso/shop/_git/app', notHttps]
  ])('%s', (url, [problem, remedy]) => {
    expect(refusal(url)).toMatchObject({
      problem,
      remedy,
      name: 'InvalidRepositoryUrl',
      message: `${problem} ${remedy}`
    })
  })

  test('blanks around the URL are no part of it', () => {
    expect(parseRepositoryUrl(` ${app}\n`).url).toBe(app)
  })

  test('a password in the URL is never repeated in the error', () => {
    const error = refusal('https://me:s3cr3t-pat@dev.azure.com/contoso/shop/_git/app')
    expect(error.problem).toBe('The URL contains a password.')
    expect(error.remedy).toBe(`Remove it (and revoke it, it may have been logged): ${app}.`)
    expect(error.message).not.toContain('s3cr3t-pat')
  })
})

describe('the parser is total', () => {
  const runs = Number(process.env['FUZZ_RUNS'] ?? 20_000)
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
          !/[\u0000-\u001f\u007f-\u009f\ud800-\udfff/\\:*?"<>|;#$*{},+=[\]]|^[_.]|\.$|\.git$/i.test(n) &&
          n.length <= 64 &&
          n.isWellFormed()
      )
    // Reserved for projects only, and rare among generated strings.
    const reserved =
      /^(?:aux|con|nul|prn|com\d+|lpt\d|server|signalr|defaultcollection|web|web\.config|bin|app_\w+)$/i
    fc.assert(
      fc.property(name, name, (project, repository) => {
        fc.pre(!reserved.test(project))
        const parsed = parseRepositoryUrl(canonicalUrl({ organization: 'contoso', project, repository }))
        expect(parsed).toMatchObject({ project, repository })
      })
    )
  })
})

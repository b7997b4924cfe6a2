/** Whatever spelling is refused: a URL that the remedy proposes is accepted, and names the same repository. */
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { canonicalUrl, isProjectName, isRepositoryName } from '../../src/config/repository-names.ts'
import { InvalidRepositoryUrl, parseRepositoryUrl } from '../../src/config/repository-url.ts'

interface Names {
  readonly organization: string
  readonly project: string
  readonly repository: string
}

/** @returns the refusal, or undefined for a URL that is accepted */
function refusal(text: string): InvalidRepositoryUrl | undefined {
  try {
    parseRepositoryUrl(text)
    return undefined
  } catch (error) {
    if (error instanceof InvalidRepositoryUrl) return error
    throw error
  }
}

/** The URLs of a text, without forms such as `https://dev.azure.com/<organization>`. */
function proposedIn(text: string): string[] {
  return [...text.matchAll(/https?:\/\/\S+/g)]
    .map(([url]) => url.replace(/[.,:;]$/, ''))
    .filter((url) => !url.includes('<'))
}

/** How people spell a repository. The first are accepted, and all others refused with the URL to use. */
const ACCEPTED: readonly ((n: Names) => string)[] = [
  ({ organization: o, project: p, repository: r }) => `https://dev.azure.com/${o}/${e(p)}/_git/${e(r)}`,
  ({ organization: o, project: p, repository: r }) => `https://${o}@dev.azure.com/${o}/${e(p)}/_git/${e(r)}`,
  ({ organization: o, project: p, repository: r }) => `https://${o}.visualstudio.com/${e(p)}/_git/${e(r)}`,
  ({ organization: o, project: p, repository: r }) =>
    `https://${o}.visualstudio.com/DefaultCollection/${e(p)}/_git/${e(r)}`
]
const https = (n: Names): string => canonicalUrl(n)
const path = ({ organization: o, project: p, repository: r }: Names): string => `${o}/${e(p)}/${e(r)}`
const old = ({ project: p, repository: r }: Names): string => `${e(p)}/_ssh/${e(r)}`
const FIXED: readonly ((n: Names) => string)[] = [
  // SSH, of today and of before 2018.
  (n) => `git@ssh.dev.azure.com:v3/${path(n)}`,
  (n) => `ssh://git@ssh.dev.azure.com/v3/${path(n)}`,
  (n) => `ssh://git@ssh.dev.azure.com:22/v3/${path(n)}`,
  (n) => `ssh.dev.azure.com:v3/${path(n)}`,
  (n) => `git@ssh.dev.azure.com:v3/${path(n)}.git`,
  (n) => `git@ssh.dev.azure.com:v3/${path(n)}/`,
  (n) => `${n.organization}@vs-ssh.visualstudio.com:v3/${path(n)}`,
  (n) => `ssh://${n.organization}@vs-ssh.visualstudio.com:22/${old(n)}`,
  (n) => `ssh://${n.organization}@vs-ssh.visualstudio.com:22/DefaultCollection/${old(n)}`,
  (n) => `ssh://${n.organization}@${n.organization}.visualstudio.com:22/${old(n)}`,
  (n) => `ssh://${n.organization}@${n.organization}.visualstudio.com/${e(n.project)}/_git/${e(n.repository)}`,
  (n) => `${n.organization}@vs-ssh.visualstudio.com:${old(n)}`,
  (n) => `ssh://${n.organization}@vs-ssh.visualstudio.com:22/${e(n.project)}/_ssh/_full/${e(n.repository)}`,
  // Terraform, pip, Maven, a shell, YAML, documentation.
  (n) => `git::${https(n)}`,
  (n) => `git::${https(n)}?ref=v1.0.0`,
  (n) => `git::${https(n)}//modules/network?ref=v1.0.0`,
  (n) => `git::ssh://git@ssh.dev.azure.com/v3/${path(n)}`,
  (n) => `git::ssh://git@ssh.dev.azure.com/v3/${path(n)}//modules/network?ref=v1`,
  (n) => `git::git@ssh.dev.azure.com:v3/${path(n)}?ref=v1`,
  (n) => `git+${https(n)}@main`.replace('@main', '#egg=x'),
  (n) => `git+ssh://git@ssh.dev.azure.com/v3/${path(n)}`,
  (n) => `scm:git:${https(n)}`,
  (n) => `git clone ${https(n)}`,
  (n) => `- ${https(n)}`,
  (n) => `repoURL: ${https(n)}`,
  (n) => `url = "${https(n)}"`,
  (n) => `repoURL=${https(n)}`,
  (n) => `"${https(n)}"`,
  (n) => `'${https(n)}',`,
  (n) => `<${https(n)}>`,
  (n) => `\`${https(n)}\``,
  (n) => `(${https(n)})`,
  // The address bar.
  (n) => `${https(n)}/`,
  (n) => `${https(n)}/pullrequests?_a=mine`,
  (n) => `${https(n)}/commit/0123456789abcdef`,
  (n) => `${https(n)}?path=/deploy&version=GBmain`,
  (n) => `${https(n)}#readme`,
  (n) => `https://dev.azure.com/${n.organization}/${e(n.project)}/Some%20Team/_git/${e(n.repository)}`,
  // Other spellings.
  (n) => `${https(n)}.git`,
  (n) => `${https(n)}.git.git/`,
  (n) => https(n).replace('https://', 'http://'),
  (n) => https(n).replace('/_git/', '/_git/_optimized/'),
  (n) => https(n).replace('/_git/', '/_git/_full/').concat('.git'),
  (n) => https(n).replace('/_git/', '/../' + e(n.project) + '/_git/'),
  (n) => https(n).replace('/_git/', '/./_git/'),
  (n) => https(n).replace('/_git/', '/%2e/_git/'),
  (n) => https(n).replace('/_git/', '\\_git\\'),
  (n) => https(n).replace('https://', 'https://build:s3cr3t-of-it@'),
  (n) => https(n).replace('https://', 'https://s3cr3t-of-it-0123456789@')
]

function e(name: string): string {
  return encodeURIComponent(name)
}

describe.each<[string, Names]>([
  ['plain names', { organization: 'contoso', project: 'shop', repository: 'app' }],
  ['names with blanks', { organization: 'contoso', project: 'my shop', repository: 'the app' }],
  ['names with marks', { organization: 'a-1', project: 'R&D (x)', repository: "it's.github" }],
  ['the same name', { organization: 'contoso', project: 'app', repository: 'app' }]
])('%s', (_what, names) => {
  test.each(FIXED.map((spell) => [spell(names)]))('%s', (text) => {
    const error = refusal(text)
    const [url = 'none', ...more] = proposedIn(error?.remedy ?? '')
    expect(more).toEqual([])
    expect(parseRepositoryUrl(url)).toEqual({ url, ...names })
    expect(`${error?.problem} ${error?.remedy}`).not.toContain('s3cr3t')
  })

  test('are accepted in every spelling that git and Argo CD use', () => {
    for (const spell of ACCEPTED)
      expect(parseRepositoryUrl(spell(names))).toEqual({ url: spell(names), ...names })
  })
})

test('a URL with blanks is proposed with %20, in the spelling that was given', () => {
  for (const url of [
    'https://dev.azure.com/contoso/my shop/_git/the app',
    'https://contoso.visualstudio.com/my shop/_git/app'
  ])
    expect(proposedIn(refusal(url)?.remedy ?? '')).toEqual([url.replaceAll(' ', '%20')])
})

test.each([
  'https://tfs.contoso.example/tfs/DefaultCollection/shop/_git/app',
  'http://tfs:8080/tfs/DefaultCollection/shop/_git/app',
  'https://ado.contoso.example/Collection/_git/app',
  'ssh://git@tfs.contoso.example:22/tfs/DefaultCollection/shop/_git/app',
  'git::https://tfs.contoso.example/tfs/DefaultCollection/shop/_git/app?ref=v1'
])('%s is a server, which workload identity can never read', (text) => {
  expect(refusal(text)?.remedy).toMatch(/Server has no login by Entra.*leave this URL out/)
})

test.each([
  'https://github.com/contoso/app',
  'git@github.com:contoso/app.git',
  'https://gitlab.com/contoso/app.git',
  'oci://registry.example/charts/app',
  'https://charts.example/stable'
])('%s is no repository of Azure Repos', (text) => {
  expect(refusal(text)?.remedy).toMatch(/^Expected https:\/\/dev\.azure\.com\/<organization>/)
})

test.each([
  'https://dev.azure.com/{organization}/{project}/_git/{repository}',
  'https://dev.azure.com/<your organization>/shop/_git/app',
  'https://<organization>.visualstudio.com/shop/_git/app',
  'https://dev.azure.com/${{ vars.ORG }}/shop/_git/app',
  'https://dev.azure.com/{{ .Values.org }}/shop/_git/app',
  'https://dev.azure.com/%7Borganization%7D/shop/_git/app',
  'https://dev.azure.com/contoso/$PROJECT/_git/app',
  'https://dev.azure.com/contoso/#{project}#/_git/app',
  'https://dev.azure.com/contoso/%TEAM_PROJECT%/_git/app',
  'https://dev.azure.com/:org/:project/_git/:repo',
  'https://dev.azure.com/contoso/[project]/_git/app',
  'git@ssh.dev.azure.com:v3/{org}/{project}/app'
])('%s has a placeholder, and nothing says %%20', (text) => {
  const error = refusal(text)
  expect(error?.problem).toMatch(/^The URL still contains the placeholder /)
  expect(error?.remedy).not.toContain('%20')
})

test('what looks like a placeholder within a password is not shown', () => {
  const error = refusal('https://build:pa{ss}word@dev.azure.com/contoso/shop/_git/app')
  expect(error?.message).not.toMatch(/\{ss\}|word@/)
})

test('several URLs on one line are distinguished from a space in a name', () => {
  const url = 'https://dev.azure.com/contoso/shop/_git/app'
  for (const text of [`${url} ${url}2`, `${url},${url}2`, `${url};${url}2`])
    expect(refusal(text)?.remedy).toBe('Write one URL per line.')
})

test('any names in any spelling: a proposed URL is accepted and names the same repository', () => {
  const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  const names = fc.record({
    organization: fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,10}[a-z0-9])?$/),
    project: name.filter((one) => isProjectName(one) && one.isWellFormed()),
    repository: name.filter((one) => isRepositoryName(one) && one.isWellFormed() && !/\.git$/i.test(one))
  })
  const around = fc.constantFrom(
    ...[
      'git::URL',
      'scm:git:URL',
      'git clone URL',
      '- URL',
      'repoURL: URL',
      '"URL"',
      "'URL',",
      '<URL>',
      '(URL)'
    ]
  )
  fc.assert(
    fc.property(names, fc.constantFrom(...FIXED), around, (given, spell, wrapping) => {
      for (const one of [spell(given), wrapping.replace('URL', () => spell(given))])
        for (const url of proposedIn(refusal(one)?.remedy ?? ''))
          expect(parseRepositoryUrl(url)).toMatchObject(given)
    }),
    { numRuns: 1_000 }
  )
})

/** Argo CD's own rules for URLs, credentials, templates and projects, apart from any cluster. */
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { Repositories } from '../../sandbox/argocd/credentials.ts'
import { normalized, sameUrl } from '../../sandbox/argocd/git-url.ts'
import { glob, sourcePermitted } from '../../sandbox/argocd/projects.ts'
import { SHAPES } from '../../sandbox/argocd/shapes.ts'
import { fetchIsBroken, hasWorkloadIdentity } from '../../sandbox/argocd/versions.ts'
import type { KubeObject } from '../../sandbox/kubernetes/objects.ts'

const URL = 'https://dev.azure.com/contoso/shop/_git/app'
const secret = (type: string, fields: Readonly<Record<string, string>>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'one', labels: { 'argocd.argoproj.io/secret-type': type } },
  data: Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, Buffer.from(value).toString('base64')])
  )
})
const repository = (fields: Readonly<Record<string, string>>) => secret('repository', { url: URL, ...fields })
const template = (url: string, fields: Readonly<Record<string, string>>) =>
  secret('repo-creds', { url, ...fields })
const WI = { useAzureWorkloadIdentity: 'true' }
const PAT = { username: 'u', password: 'p' }
const kindFor = (secrets: readonly KubeObject[], url = URL, project = 'default'): string =>
  new Repositories(secrets).credentialsFor(url, project).kind

describe('URLs', () => {
  test.each([
    ['https://dev.azure.com/Contoso/Shop/_git/App', URL, true],
    [`  ${URL}.git `, URL, true],
    [`${URL}/`, URL, false],
    ['https://contoso@dev.azure.com/contoso/shop/_git/app', URL, false],
    ['https://contoso.visualstudio.com/shop/_git/app', URL, false],
    ['https://dev.azure.com:443/contoso/shop/_git/app', URL, false],
    ['https://dev.azure.com/c/my project/_git/r', 'https://dev.azure.com/c/my%20project/_git/r', true],
    ['https://dev.azure.com/c/my%2Dproject/_git/r', 'https://dev.azure.com/c/my-project/_git/r', false],
    ['git@ssh.dev.azure.com:v3/c/p/r', 'ssh://git@ssh.dev.azure.com/v3/c/p/r', true],
    ['https://dev.azure.com/%zz', 'https://dev.azure.com/%zz', false],
    ['', '', false]
  ])('%s and %s are the same: %s', (left, right, same) => {
    expect(sameUrl(left, right)).toBe(same)
  })

  const url = fc
    .tuple(
      fc.constantFrom('dev.azure.com', 'org@dev.azure.com', 'localhost:8443'),
      fc.array(fc.stringMatching(/^[\w .~%-]{1,6}$/))
    )
    .map(([host, segments]) => `https://${host}/${segments.join('/')}`)

  test('normalising again changes nothing, and case and blanks at the ends never matter', () => {
    fc.assert(
      fc.property(url, (one) => {
        const once = normalized(one)
        // Go escapes a path with a blank anew, in capitals, which the next pass takes as they are.
        fc.pre(!once.endsWith('.git') && !(one.includes('%') && /\s/.test(one)))
        expect(normalized(once)).toBe(once)
        expect(normalized(` ${one.toUpperCase()} `)).toBe(once)
      })
    )
  })

  test('a slash at the end always matters', () => {
    fc.assert(
      fc.property(url, (one) => {
        fc.pre(normalized(one) !== '' && !one.endsWith('.git') && !/ $/.test(one))
        expect(sameUrl(one, `${one}/`)).toBe(false)
      })
    )
  })
})

describe('the repository Secret', () => {
  test.each([
    ['workload identity', [repository(WI)]],
    ['workload identity', [repository({ ...WI, username: 'u' })]],
    ['basic', [repository({ ...WI, ...PAT })]],
    ['none', [repository({ useAzureWorkloadIdentity: 'false' })]],
    ['none', []],
    ['none', [repository({ ...WI, project: 'team-a' })]],
    ['workload identity', [repository(PAT), repository({ ...WI, project: 'default' })]],
    ['basic', [repository(WI), repository(PAT)]],
    ['workload identity', [repository(PAT), repository(WI)]]
  ])('%s', (kind, secrets) => {
    expect(kindFor(secrets)).toBe(kind)
  })

  test.each(['1', 't', 'TRUE', 'True'])('%s is true to Go', (value) => {
    expect(kindFor([repository({ useAzureWorkloadIdentity: value })])).toBe('workload identity')
  })

  test.each(['yes', '', 'tRUE', 'on'])('"%s" is an error to Go', (value) => {
    expect(() => kindFor([repository({ useAzureWorkloadIdentity: value })])).toThrow(/strconv\.ParseBool/)
  })
})

describe('templates', () => {
  const ORG = 'https://dev.azure.com/contoso'
  test.each([
    ['without any repository Secret', 'workload identity', [template(ORG, WI)]],
    ['under a Secret without credentials', 'workload identity', [repository({}), template(ORG, WI)]],
    ['kept out by the flag', 'workload identity', [repository(WI), template(ORG, PAT)]],
    ['kept out by a user name alone', 'none', [repository({ username: 'u' }), template(ORG, WI)]],
    ['the longest wins', 'basic', [template(ORG, WI), template(`${ORG}/shop`, PAT)]],
    ['the longest wins', 'workload identity', [template(ORG, PAT), template(`${ORG}/shop`, WI)]],
    ['the first of equals', 'basic', [template(ORG, PAT), template(ORG.toUpperCase(), WI)]],
    ['no boundary of segments', 'workload identity', [template('https://dev.azure.com/cont', WI)]],
    ['as wide as can be', 'workload identity', [template('https://', WI)]],
    ['another spelling', 'none', [template('https://contoso@dev.azure.com/contoso', WI)]],
    ['an empty URL', 'none', [template('', WI)]]
  ])('%s: %s', (_, kind, secrets) => {
    expect(kindFor(secrets)).toBe(kind)
  })

  test('of any prefixes the longest decides, whatever their order', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 8, max: URL.length }), { minLength: 1 }), (lengths) => {
        const longest = Math.max(...lengths)
        const secrets = lengths.map((length) => template(URL.slice(0, length), length === longest ? WI : PAT))
        // `https://` and `https:/` are one prefix to Go: the first of them stands.
        fc.pre(longest > 8)
        expect(kindFor(secrets)).toBe('workload identity')
      })
    )
  })
})

describe('projects', () => {
  test.each([
    [['*'], true],
    [['https://dev.azure.com/contoso/**'], true],
    [['https://dev.azure.com/contoso/*'], false],
    [['https://dev.azure.com/contoso/*/_git/*'], true],
    [['*', '!https://dev.azure.com/contoso/**'], false],
    [['!https://github.com/**'], false],
    // Go's net/url escapes braces and, with them, the stars: such a pattern matches nothing.
    [['https://dev.azure.com/{contoso,fabrikam}/**'], false],
    [[], false]
  ])('sourceRepos %j: %s', (patterns, permitted) => {
    expect(sourcePermitted(patterns, URL)).toBe(permitted)
  })

  test('text without wildcards matches itself only', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[\w.:/()+$^|-]*$/),
        fc.stringMatching(/^[\w.:/()+$^|-]*$/),
        (left, right) => {
          expect(glob(left, right, '/')).toBe(left === right)
        }
      )
    )
  })
})

test('versions: absent below 3, broken in 3.0.0 to 3.0.12 and 3.1.0', () => {
  const broken = ['v3.0.0', 'v3.0.12', 'v3.1.0', 'v3.1.0-rc2']
  const fine = ['v3.0.13', 'v3.1.1', 'v3.2.0-rc1', 'v3.2.0', 'v3.5.1']
  expect([...broken, ...fine].filter(fetchIsBroken)).toEqual(broken)
  expect(['v2.14.21', 'v3.0.0'].map(hasWorkloadIdentity)).toEqual([false, true])
  expect(Object.keys(SHAPES)).toContain('argocd-3-0-12')
})

/** What a failure is explained as, beyond the examples of the rules (rules.test.ts). */
import { describe, expect, test } from '@jest/globals'
import { GitProblem } from '../../src/services/git/git.ts'
import { HttpProblem, Unreachable } from '../../src/http/errors.ts'
import { ApplicationProblem } from '../../src/diagnosis/argocd-conditions.ts'
import { explain } from '../../src/diagnosis/explain.ts'
import { gitMayRecover } from '../../src/diagnosis/git-failures.ts'
import { FIRST_ANSWERS, lastsAfterWrite } from '../../src/http/first-answers.ts'
import { helpFor } from '../../src/core/help.ts'
import { textOf } from '../../src/report/finding-text.ts'
import { Inconclusive, Problem } from '../../src/core/finding.ts'

describe('evidence is judged whole, and shown shortened', () => {
  const application = { namespace: 'argocd', name: 'app', project: 'team' }
  const wrapped = 'Failed to load target state: failed to generate manifest for source 1 of 1: '
  const rule = '-'.repeat(80)
  const chain = [
    'rpc error: code = Unknown desc = failed to list refs: DefaultAzureCredential: failed to acquire a token.',
    'Attempted credentials:',
    '\tEnvironmentCredential: incomplete environment variable configuration.',
    '\tWorkloadIdentityCredential authentication failed. ',
    `\tPOST https://login.microsoftonline.com/${'1'.repeat(36)}/oauth2/v2.0/token`,
    `\t${rule}\n\tRESPONSE 401: 401 Unauthorized\n\t${rule}\n\t{\n\t  "error": "invalid_client",`
  ].join('\n')

  test.each([0, 200, 5_000, 400_000])('a code of Entra after %i further characters', async (further) => {
    const description =
      'AADSTS700212: No matching record for audience.\\r\\nTrace ID: 1 Correlation ID: 2 Timestamp: 3'
    const message = `${wrapped}${chain}${' x'.repeat(further / 2)}"error_description": "${description}"}`
    const problem = new ApplicationProblem(application, { message })
    const facts = await explain(problem)
    expect(problem.about).toBe('repository')
    expect(facts).toMatchObject({ id: 'entra/audience-differs', code: 'AADSTS700212' })
    expect(facts.summary).toMatch(/No matching record for audience\.$/)
  })

  test('why a fetch failed, behind what a server wrote', async () => {
    const remote = 'remote: We are sorry.\n'.repeat(40)
    const denied = new ApplicationProblem(application, {
      message: `${wrapped}Failed to fetch default: ${remote}TF401019: does not exist`
    })
    expect((await explain(denied)).remedy).toContain('look for a Deny on the repository')
    const git = new GitProblem('fetch', 128, `${remote}fatal: unable to access: Could not resolve host: x\n`)
    expect(await explain(git)).toMatchObject({
      id: 'git/unreachable',
      summary: 'git cannot reach Azure Repos: … fatal: unable to access: Could not resolve host: x'
    })
    expect(new GitProblem('fetch', 128, `${remote}fatal: index-pack failed`).facts.summary).toMatch(
      /index-pack failed$/
    )
  })

  test('the words of a service, behind a long name', async () => {
    const long = 'a'.repeat(1_000)
    const said = async (service: 'ARM' | 'Azure DevOps', detail: string) =>
      (await explain(new HttpProblem({ service, request: 'PUT /x', status: 400, detail }))).id
    expect(await said('ARM', `${long}: federated identity credentials not supported`)).toBe(
      'azure/region-unsupported'
    )
    expect(await said('Azure DevOps', `${long}: Access Denied`)).toBe('azure-devops/right-missing')
  })

  test('a version that can fetch is not told to be upgraded', async () => {
    for (const reason of [
      'fatal: early EOF',
      'error: RPC failed; HTTP 503',
      'fatal: No space left on device'
    ])
      expect(
        (
          await explain(
            new ApplicationProblem(application, { message: `${wrapped}Failed to fetch default: ${reason}` })
          )
        ).remedy
      ).not.toMatch(/upgrade/)
  })
})

test('what could not be judged is explained by the complaint that kept it from that', async () => {
  const application = { namespace: 'argocd', name: 'app', project: 'team' }
  const complaint = new ApplicationProblem(application, { message: 'Failed to load live state: x' })
  const facts = { id: 'verification/never-seen', summary: 'W', remedy: 'R' } as const
  expect((await explain(new Inconclusive(facts, { cause: complaint }))).id).toBe('argocd/cluster-unreachable')
  expect(await explain(new Inconclusive(facts, { cause: new Error('x') }))).toBe(facts)
  expect(await explain(new Problem(facts, { cause: complaint }))).toBe(facts)
})

describe('what is in no catalogue', () => {
  test('a problem reports its own facts', async () => {
    const problem = new Unreachable('ARM', 'GET /x', 'host', new Error('no route'))
    expect(await explain(problem)).toBe(problem.facts)
  })

  test.each([
    [new TypeError('x is not a function'), 'Bug in Patless: TypeError: x is not a function'],
    ['a string', 'Bug in Patless: a string']
  ])('a bug says that it is one: %s', async (error, what) => {
    expect(await explain(error)).toEqual({
      id: 'patless/defect',
      summary: what,
      remedy: 'report it with the debug log'
    })
  })
})

describe('waiting may cure what git met', () => {
  test.each([
    ['remote: TF401444: Please sign-in', true],
    ['TF401019', true],
    ['repository not found', true],
    ['fatal: could not read Username', true],
    ["fatal: could not read Password for 'https://contoso@dev.azure.com'", true],
    ['error: 302', true],
    ['unable to update url base from redirection', true],
    ['Authentication failed', true],
    ['error: 401', true],
    ['error: 403', true],
    ['error: 404', false],
    ['error: 409', true],
    ['error: 429', true],
    ['error: 503', true],
    ['git timed out', true],
    ['Connection reset by peer', true],
    ['Empty reply from server', true],
    ['Operation too slow', true],
    ['error: RPC failed; curl 56', true],
    ['GnuTLS recv error (-110)', true],
    ['OpenSSL SSL_connect: SSL_ERROR_SYSCALL', true],
    ['fatal: early EOF', true],
    ['Could not resolve host', true],
    ['Failed to connect to host', true],
    ['SSL certificate problem', false]
  ])('%s: %s', (stderr, cures) => {
    expect(gitMayRecover(new GitProblem('fetch', 128, stderr)) > 0).toBe(cures)
  })
})

describe('the first answers after a write', () => {
  test.each(FIRST_ANSWERS)('$service, $says: of use for minutes, not for hours', ({ lasts }) => {
    expect(lasts).toBeGreaterThanOrEqual(5 * 60_000)
    expect(lasts).toBeLessThanOrEqual(15 * 60_000)
  })

  test('are that for so long, and then the failure that they say', () => {
    const refused = new GitProblem('ls-remote', 128, 'remote: TF401444: Please sign-in')
    const lasts = lastsAfterWrite('git', refused.stderr)
    expect(gitMayRecover(refused)).toBe(lasts)
    expect(gitMayRecover(new GitProblem('ls-remote', 128, 'git timed out'))).toBe(Infinity)
  })

  test('belong to one service each', () => {
    expect(lastsAfterWrite('Entra', 'AADSTS70025')).toBeGreaterThan(0)
    expect(lastsAfterWrite('ARM', 'AADSTS70025')).toBe(0)
    expect(lastsAfterWrite('Entra', 'AADSTS700251')).toBe(0)
    expect(lastsAfterWrite('Entra', undefined)).toBe(0)
  })
})

describe('the text of a problem', () => {
  const id = 'git/failed' as const
  test('is what, expected, actual, remedy and link, a line each', () => {
    const facts = { id, summary: 'W', expected: 'E', actual: 'F', remedy: 'R', link: 'L' }
    expect(textOf(facts)).toBe(
      `W\nexpected: E\nactual:   F\nremedy:   R\nsee:      L\nhelp:     ${helpFor(id)}`
    )
    expect(textOf({ id, summary: 'W', remedy: 'R' })).toBe(`W\nremedy:   R\nhelp:     ${helpFor(id)}`)
  })

  test('and the message of the error is what happened', () => {
    const problem = new Problem({ id, summary: 'W', remedy: 'R' }, { cause: 'C' })
    expect(problem).toMatchObject({ name: 'Problem', message: 'W', cause: 'C' })
    expect(new Inconclusive({ id, summary: 'W', remedy: 'R' }).name).toBe('Inconclusive')
  })
})

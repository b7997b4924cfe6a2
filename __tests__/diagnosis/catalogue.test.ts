/** What each failure is reported as, id and text: `catalogue.json` is what the user reads. */
import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { GitProblem } from '../../src/services/git/git.ts'
import { HttpProblem, Unreachable } from '../../src/http/errors.ts'
import { ApplicationProblem } from '../../src/diagnosis/argocd-conditions.ts'
import type { Complaint } from '../../src/diagnosis/argocd-phases.ts'
import { explain } from '../../src/diagnosis/catalogue.ts'
import { gitMayRecover } from '../../src/diagnosis/git-failures.ts'
import { FIRST_ANSWERS, lastsAfterWrite } from '../../src/http/first-answers.ts'
import { textOf } from '../../src/report/finding-text.ts'
import { asInYaml, nameInputs } from '../../src/core/input-name.ts'
import { mapStrings } from '../../src/core/strings.ts'
import { Inconclusive, Problem, type FindingFacts } from '../../src/core/finding.ts'

interface Told<Evidence> {
  readonly evidence: Evidence
  readonly facts: FindingFacts
}
type Answer = Partial<ConstructorParameters<typeof HttpProblem>[0]>
const { answers, git, applications } = JSON.parse(
  readFileSync(new URL('catalogue.json', import.meta.url), 'utf8')
) as {
  answers: Told<Answer>[]
  git: Told<string>[]
  applications: (Told<Complaint> & Pick<ApplicationProblem, 'about'>)[]
}

const inYaml = (facts: FindingFacts): FindingFacts => mapStrings(facts, (text) => nameInputs(text, asInYaml))

test.each(answers)('$evidence', ({ evidence, facts }) => {
  const answer = { service: 'ARM', request: 'GET /x', status: 400, detail: 'the text', ...evidence } as const
  expect(inYaml(explain(new HttpProblem(answer)))).toEqual(facts)
})

test.each(git)('git: $evidence', ({ evidence, facts }) => {
  expect(inYaml(explain(new GitProblem('fetch', 128, evidence)))).toEqual(facts)
})

// The first source is the repository; the second, and https://y, are others.
const ours = { isSource: (number: number) => number === 1, isUrl: (url: string) => url === 'https://x' }
test.each(applications)('an Application: $evidence.message', ({ evidence, about, facts }) => {
  const problem = new ApplicationProblem(
    { namespace: 'argocd', name: 'app', project: 'team' },
    evidence,
    ours
  )
  expect(problem).toMatchObject({ name: 'ApplicationProblem', about })
  expect(inYaml(explain(problem))).toEqual(facts)
})

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

  test.each([0, 200, 5_000, 400_000])('a code of Entra after %i further characters', (further) => {
    const description =
      'AADSTS700212: No matching record for audience.\\r\\nTrace ID: 1 Correlation ID: 2 Timestamp: 3'
    const message = `${wrapped}${chain}${' x'.repeat(further / 2)}"error_description": "${description}"}`
    const { facts, about } = new ApplicationProblem(application, { message })
    expect(about).toBe('repository')
    expect(facts).toMatchObject({ id: 'entra/audience-differs', code: 'AADSTS700212' })
    expect(facts.summary).toMatch(/No matching record for audience\.$/)
  })

  test('why a fetch failed, behind what a server wrote', () => {
    const remote = 'remote: We are sorry.\n'.repeat(40)
    const denied = new ApplicationProblem(application, {
      message: `${wrapped}Failed to fetch default: ${remote}TF401019: does not exist`
    })
    expect(denied.facts.remedy).toContain('look for a Deny on the repository')
    const git = new GitProblem('fetch', 128, `${remote}fatal: unable to access: Could not resolve host: x\n`)
    expect(explain(git)).toMatchObject({
      id: 'git/unreachable',
      summary: 'git cannot reach Azure Repos: … fatal: unable to access: Could not resolve host: x'
    })
    expect(new GitProblem('fetch', 128, `${remote}fatal: index-pack failed`).facts.summary).toMatch(
      /index-pack failed$/
    )
  })

  test('the words of a service, behind a long name', () => {
    const long = 'a'.repeat(1_000)
    const said = (service: 'ARM' | 'Azure DevOps', detail: string) =>
      explain(new HttpProblem({ service, request: 'PUT /x', status: 400, detail })).id
    expect(said('ARM', `${long}: federated identity credentials not supported`)).toBe(
      'azure/region-unsupported'
    )
    expect(said('Azure DevOps', `${long}: Access Denied`)).toBe('azure-devops/right-missing')
  })

  test('a version that can fetch is not told to be upgraded', () => {
    for (const reason of [
      'fatal: early EOF',
      'error: RPC failed; HTTP 503',
      'fatal: No space left on device'
    ])
      expect(
        new ApplicationProblem(application, { message: `${wrapped}Failed to fetch default: ${reason}` }).facts
          .remedy
      ).not.toMatch(/upgrade/)
  })
})

describe('what is in no catalogue', () => {
  test('a problem reports its own facts', () => {
    const problem = new Unreachable('ARM', 'GET /x', 'host', new Error('no route'))
    expect(explain(problem)).toBe(problem.facts)
  })

  test.each([
    [new TypeError('x is not a function'), 'Defect of Patless: TypeError: x is not a function'],
    ['a string', 'Defect of Patless: a string']
  ])('a defect says that it is one: %s', (error, what) => {
    expect(explain(error)).toEqual({
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
    expect(textOf(facts)).toBe('W\nexpected: E\nactual:   F\nremedy:   R\nsee:      L')
    expect(textOf({ id, summary: 'W', remedy: 'R' })).toBe('W\nremedy:   R')
  })

  test('and the message of the error is what happened', () => {
    const problem = new Problem({ id, summary: 'W', remedy: 'R' }, { cause: 'C' })
    expect(problem).toMatchObject({ name: 'Problem', message: 'W', cause: 'C' })
    expect(new Inconclusive({ id, summary: 'W', remedy: 'R' }).name).toBe('Inconclusive')
  })
})

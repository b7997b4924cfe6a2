/** What each failure is reported as, id and text: `catalogue.json` is what the user reads. */
import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { GitProblem } from '../../src/services/git/git.ts'
import { HttpProblem, Unreachable } from '../../src/http/errors.ts'
import { ApplicationProblem } from '../../src/diagnosis/argocd-conditions.ts'
import type { Complaint } from '../../src/diagnosis/argocd-phases.ts'
import { explain, gitMayRecover } from '../../src/diagnosis/catalogue.ts'
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

describe('what is in no catalogue', () => {
  test('a problem tells its own facts', () => {
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
    expect(gitMayRecover(new GitProblem('fetch', 128, stderr))).toBe(cures)
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

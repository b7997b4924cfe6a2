import { describe, expect, test } from '@jest/globals'
import { explain } from '../../src/diagnosis/explain.ts'
import { gitMayRecover, isHidden } from '../../src/diagnosis/git-failures.ts'
import { GitProblem } from '../../src/services/git/git.ts'

describe('what git said', () => {
  const problem = (stderr: string): GitProblem => new GitProblem('fetch', 128, stderr)

  test('a port number is no status', async () => {
    const stderr =
      "fatal: unable to access 'https://localhost:40130/': Failed to connect to localhost port 30299"
    expect((await explain(problem(stderr))).summary).not.toMatch(/redirect|does not accept/)
    expect(gitMayRecover(problem("fatal: unable to access 'https://localhost:50042/': SSL problem"))).toBe(0)
  })

  test.each([
    ['Could not resolve host: dev.azure.com', /cannot reach Azure Repos.*dev\.azure\.com/],
    ['server certificate verification failed. CAfile: none', /cannot reach Azure Repos/],
    ['The requested URL returned error: 401', /does not accept the token/],
    ['unable to update url base from redirection', /sign-in page/],
    ['remote: TF401019: The Git repository with name', /does not show the repository/],
    ['remote: TF401444: Please sign-in at least once', /not see the identity as a member/]
  ])('%s', async (stderr, what) => {
    expect((await explain(problem(stderr))).summary).toMatch(what)
  })

  test.each([
    ['remote: TF401019: The Git repository does not exist', true],
    ['remote: Repository Not Found', true],
    ['remote: TF401019, after TF401444: Please sign-in', false],
    ["TF401027: You need the Git 'GenericRead' permission; not found", false],
    ['fatal: early EOF', false]
  ])('%s: hidden or missing, which is the same answer: %s', (stderr, is) => {
    expect(isHidden(problem(stderr))).toBe(is)
  })
})

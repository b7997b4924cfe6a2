import { expect, test, describe } from '@jest/globals'
import fc from 'fast-check'
import { GitProblem } from '../../src/services/git/git.ts'
import { explain, gitMayRecover } from '../../src/diagnosis/catalogue.ts'
import { versionChanges } from '../../src/chain/argocd-problems.ts'
import { normalized, secretName } from '../../src/argocd/urls.ts'
import { nameFor } from '../../src/chain/federated-credential.ts'

describe('the version guard', () => {
  test.each(['2.14.21', '3.0.0', '3.0.6', '3.0.12', '3.1.0', '3.1.0-rc1'])('%s is refused', (version) => {
    const [change] = versionChanges(version)
    expect(change?.blocked?.remedy).toContain('upgrade Argo CD')
    expect(change?.blocked?.link).toMatch(/issues\/(13334|23478)$/)
  })

  test.each(['3.0.13', '3.1.1', '3.2.0', '3.2.0-rc1', '3.5.1', '4.0.0'])('%s is fine', (version) => {
    expect(versionChanges(version)).toEqual([])
  })

  test('an unknown version is not judged here', () => {
    expect(versionChanges(undefined)).toEqual([])
  })
})

describe('the repository Secret', () => {
  test.each([
    ['https://github.com/argoproj/argo-cd', 'repo-42374749'],
    ['https://dev.azure.com/contoso/proj/_git/app', 'repo-8236907'],
    ['https://contoso@dev.azure.com/contoso/proj/_git/app', 'repo-1189796780']
  ])('%s is named as argocd repo add would', (url, name) => {
    expect(secretName('repo', url)).toBe(name)
  })

  test('URLs are one when Argo CD takes them for one', () => {
    const url = 'https://dev.azure.com/contoso/shop/_git/app'
    expect(normalized('HTTPS://dev.azure.com/Contoso/Shop/_git/App')).toBe(normalized(url))
    expect(normalized(`${url}.git`)).toBe(normalized(url))
    expect(normalized(`${url}/`)).not.toBe(normalized(url))
    expect(normalized('https://contoso@dev.azure.com/contoso/shop/_git/app')).not.toBe(normalized(url))
  })

  test('normalizing is stable', () => {
    fc.assert(fc.property(fc.webUrl(), (url) => normalized(normalized(url)) === normalized(url)))
  })
})

describe('the name of a federated credential', () => {
  const subject = 'system:serviceaccount:argocd:argocd-repo-server'

  test('is stable for a cluster, and apart for clusters of one name', () => {
    const one = nameFor({ cluster: { id: '/subscriptions/a/aks', name: 'aks' }, subject })
    expect(nameFor({ cluster: { id: '/SUBSCRIPTIONS/a/aks', name: 'aks' }, subject })).toBe(one)
    expect(nameFor({ cluster: { id: '/subscriptions/b/aks', name: 'aks' }, subject })).not.toBe(one)
    expect(one).toMatch(/^argocd-aks-argocd-argocd-repo-server-[0-9a-f]{8}$/)
  })

  test('is one that Entra allows, whatever the cluster is called', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 200 }),
        fc.string({ maxLength: 200 }),
        (name, namespace) =>
          /^[a-zA-Z0-9][\w-]{2,119}$/.test(
            nameFor({ cluster: { id: undefined, name }, subject: `system:serviceaccount:${namespace}:x` })
          )
      )
    )
  })
})

describe('what git said', () => {
  const problem = (stderr: string): GitProblem => new GitProblem('fetch', 128, stderr)

  test('a port number is no status', () => {
    const stderr =
      "fatal: unable to access 'https://localhost:40130/': Failed to connect to localhost port 30299"
    expect(explain(problem(stderr)).summary).not.toMatch(/redirect|does not accept/)
    expect(gitMayRecover(problem("fatal: unable to access 'https://localhost:50042/': SSL problem"))).toBe(0)
  })

  test.each([
    ['Could not resolve host: dev.azure.com', /cannot reach Azure Repos.*dev\.azure\.com/],
    ['server certificate verification failed. CAfile: none', /cannot reach Azure Repos/],
    ['The requested URL returned error: 401', /does not accept the token/],
    ['unable to update url base from redirection', /sign-in page/],
    ['remote: TF401019: The Git repository with name', /does not show the repository/],
    ['remote: TF401444: Please sign-in at least once', /not see the identity as a member/]
  ])('%s', (stderr, what) => {
    expect(explain(problem(stderr)).summary).toMatch(what)
  })
})

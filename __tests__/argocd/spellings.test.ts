import { describe, expect, test } from '@jest/globals'
import { entryOf, type Entry } from '../../src/argocd/secrets.ts'
import type { Application } from '../../src/services/kubernetes/argocd-objects.ts'
import { spelledOtherwise, type Usage } from '../../src/argocd/usage.ts'

const URL_OF_APP = 'https://dev.azure.com/contoso/shop/_git/app'

/** @returns what is advised when an ApplicationSet names the repository like this */
function adviceFor(url: string): string | undefined {
  const usage: Usage = {
    entries: [],
    applications: [],
    sets: [{ namespace: 'argocd', name: 'all', urls: [url] }]
  }
  const places = { kind: 'repository' as const, urls: [URL_OF_APP], project: '*' }
  return spelledOtherwise(places, usage)[0]?.remedy
}

test.each([
  'https://contoso@dev.azure.com/contoso/shop/_git/app',
  'https://contoso.visualstudio.com/shop/_git/app',
  'https://contoso.visualstudio.com/DefaultCollection/shop/_git/app'
])('%s may be added to the input', (url) => {
  expect(adviceFor(url)).toContain(`or add ${url} to `)
})

test.each([
  'git@ssh.dev.azure.com:v3/contoso/shop/app',
  'ssh://contoso@vs-ssh.visualstudio.com:22/shop/_ssh/app',
  `${URL_OF_APP}/`,
  'https://dev.azure.com/contoso/shop/_git/_optimized/app'
])('%s would be refused there, so only the Application can change', (url) => {
  expect(adviceFor(url)).toBe(`write ${URL_OF_APP} there`)
})

describe('each Application has a verdict of its own', () => {
  const OTHER = 'https://contoso@dev.azure.com/contoso/shop/_git/app'
  const places = { kind: 'repository' as const, urls: [URL_OF_APP], project: '*' }
  const encoded = (text: string): string => Buffer.from(text).toString('base64')
  const entryFor = (project: string, more: Readonly<Record<string, string>>): Entry => {
    const data = { url: OTHER, type: 'git', ...(project === '' ? {} : { project }), ...more }
    const found = entryOf({
      metadata: { name: `of-${project}`, labels: { 'argocd.argoproj.io/secret-type': 'repository' } },
      data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, encoded(value)]))
    })
    if (!found) throw new Error('no entry')
    return found
  }
  const WI = { useAzureWorkloadIdentity: 'true' }
  /** @returns what is said of an Application of the project that uses the other spelling */
  const said = (project: string, entries: readonly Entry[]): string | undefined => {
    const application = {
      namespace: 'argocd',
      name: 'app',
      project,
      sources: [{ url: OTHER, path: '.', revision: undefined }]
    } as unknown as Application
    return spelledOtherwise(places, { entries, applications: [application], sets: [] })[0]?.summary
  }

  test.each([
    ['nothing connects it', 'default', [], /it cannot read/],
    ['a Secret for all does', 'default', [entryFor('', WI)], undefined],
    ['a Secret of its own project does', 'team-a', [entryFor('team-a', WI)], undefined],
    ['a Secret of another project does not', 'team-b', [entryFor('team-a', WI)], /it cannot read/],
    [
      'a Secret of its project has a password',
      'team-a',
      [entryFor('', WI), entryFor('team-a', { password: 'x' })],
      /it logs in with the Secret of-team-a/
    ],
    ['a Secret that does not parse', 'default', [entryFor('', { ...WI, insecure: 'no' })], /it cannot read/]
  ])('%s', (_what, project, entries, expected) => {
    if (expected === undefined) expect(said(project, entries)).toBeUndefined()
    else expect(said(project, entries)).toMatch(expected)
  })
})

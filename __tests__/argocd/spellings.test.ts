import { expect, test } from '@jest/globals'
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

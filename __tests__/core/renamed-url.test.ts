/** The URL of a repository whose project has another name now, in the spelling of the old one. */
import { expect, test } from '@jest/globals'
import { renamedUrl } from '../../src/core/azure-repos.ts'

test.each([
  ['https://dev.azure.com/contoso/shop/_git/app', 'https://dev.azure.com/contoso/web%20store/_git/app'],
  [
    'https://contoso@dev.azure.com/contoso/shop/_git/app',
    'https://contoso@dev.azure.com/contoso/web%20store/_git/app'
  ],
  ['https://dev.azure.com/contoso/_git/app', 'https://dev.azure.com/contoso/web%20store/_git/app'],
  ['https://contoso.visualstudio.com/shop/_git/app', 'https://contoso.visualstudio.com/web%20store/_git/app'],
  ['https://contoso.visualstudio.com/_git/app', 'https://contoso.visualstudio.com/web%20store/_git/app'],
  [
    'https://contoso.visualstudio.com/DefaultCollection/shop/_git/app',
    'https://contoso.visualstudio.com/DefaultCollection/web%20store/_git/app'
  ]
])('%s becomes %s', (url, expected) => {
  expect(renamedUrl(url, 'web store', 'app')).toBe(expected)
})

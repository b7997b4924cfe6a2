import { describe, expect, test } from '@jest/globals'
import { matchesWildcard } from '../../src/core/text.ts'

describe("Azure RBAC's wildcards", () => {
  test.each([
    ['*', 'Microsoft.X/y/read', true],
    ['Microsoft.X/*', 'Microsoft.X/y/read', true],
    ['microsoft.x/*/READ', 'Microsoft.X/y/z/read', true],
    ['*/read', 'Microsoft.X/y/read', true],
    ['*/write', 'Microsoft.X/y/read', false],
    ['Microsoft.X/y/read', 'Microsoft.X/y/read', true],
    ['Microsoft.X/y/rea', 'Microsoft.X/y/read', false],
    ['Microsoft+X/*', 'MicrosofttX/y', false],
    ['a*a', 'a', false],
    ['a*b*b', 'ab', false],
    ['**', '', true],
    ['', '', true]
  ])('%s for %s: %s', (pattern, action, matches) => {
    expect(matchesWildcard(pattern, action)).toBe(matches)
  })
})

/** After every suite: no run that it started showed a secret, or left one behind. */
import { afterAll, expect } from '@jest/globals'
import { leaked } from '../sandbox/leaks.ts'

afterAll(() => {
  expect(leaked).toEqual([])
})

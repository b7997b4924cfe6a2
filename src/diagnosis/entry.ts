/** What the parts of the catalogue share. */
import type { HttpProblem } from '../http/errors.ts'
import type { ProblemFacts } from '../core/problem.ts'

export const DEVOPS_PRINCIPALS =
  'https://learn.microsoft.com/azure/devops/integrate/get-started/authentication/service-principal-managed-identity'

export interface Entry {
  readonly when: (problem: HttpProblem) => boolean
  readonly facts: (problem: HttpProblem) => ProblemFacts
}

export const code =
  (...codes: string[]) =>
  (problem: HttpProblem): boolean =>
    codes.some((one) => one === problem.code)

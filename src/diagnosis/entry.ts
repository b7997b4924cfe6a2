/** Shared by the parts of the catalog. */
import type { HttpProblem } from '../http/errors.ts'
import type { FindingFacts } from '../core/finding.ts'

export const DEVOPS_PRINCIPALS =
  'https://learn.microsoft.com/azure/devops/integrate/get-started/authentication/service-principal-managed-identity'

export interface Entry {
  readonly when: (problem: HttpProblem) => boolean
  readonly facts: (problem: HttpProblem) => FindingFacts
}

export const code =
  (...codes: string[]) =>
  (problem: HttpProblem): boolean =>
    codes.some((one) => one === problem.code)

/** Any failure as a finding, with cause and remedy where the rules know it. The rules are loaded on the first failure. */
import type { Answered } from '../core/answered.ts'
import { Inconclusive, Problem, type FindingFacts } from '../core/finding.ts'
import { HttpProblem, RefusedOnTheWay, safe } from '../http/errors.ts'
import { GitProblem } from '../services/git/git.ts'
import { ApplicationProblem } from './argocd-conditions.ts'
import type { Names } from './evidence.ts'

/** @param names the user's own names, as far as they are known; the remedy is filled with them */
export async function explain(error: unknown, names: Names = {}): Promise<FindingFacts> {
  if (!(error instanceof Problem)) {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
    return {
      id: 'patless/defect',
      summary: `Bug in Patless: ${safe(text)}`,
      remedy: 'report it with the debug log'
    }
  }
  const answered = answerOf(error)
  if (!answered) return error.facts
  const { judgeAnswer } = await import('./judge.ts')
  return { ...(judgeAnswer(answered, names) ?? error.facts), answered }
}

function answerOf(error: Problem): Answered | undefined {
  if (error instanceof HttpProblem) return { failure: error.answer() }
  if (error instanceof RefusedOnTheWay) return { failure: error.failure }
  if (error instanceof GitProblem) return { git: { stderr: error.stderr, reason: error.reason } }
  if (error instanceof ApplicationProblem) return { complaint: error.complaint }
  // What could not be judged for another reason keeps what it was met with.
  return error instanceof Inconclusive && error.cause instanceof ApplicationProblem
    ? { complaint: error.cause.complaint }
    : undefined
}

/** What git reports when it cannot read from Azure Repos: whether waiting may help. The rules give cause and remedy. */
import { lastsAfterWrite } from '../http/first-answers.ts'
import type { GitProblem } from '../services/git/git.ts'

/** Azure Repos gives the same answer for a missing repository and for a hidden one. */
export function isHidden({ stderr }: GitProblem): boolean {
  return !/TF401444|TF401027/.test(stderr) && /TF401019|not found/i.test(stderr)
}

/**
 * How long waiting may fix a git failure, in ms; 0: not at all. A transient failure (network, server) may be retried
 * until the deadline, a first answer after a write as long as such an answer may last.
 */
export function gitMayRecover({ stderr }: GitProblem): number {
  return TRANSIENT.test(stderr) ? Infinity : lastsAfterWrite('git', stderr)
}

const TRANSIENT =
  /TF400733|error: (?:40[89]|429|5\d\d)|timed out|reset by peer|Empty reply|too slow|RPC failed|recv error|SSL_ERROR_SYSCALL|early EOF|Could not resolve|Failed to connect/i

/** What git reports when it cannot read from Azure Repos: cause, remedy, and whether waiting may help. */
import type { FindingFacts } from '../core/finding.ts'
import { input } from '../core/input-name.ts'
import { RATE_LIMITS } from '../http/pace.ts'
import { lastsAfterWrite } from '../http/first-answers.ts'
import type { GitProblem } from '../services/git/git.ts'
import { DEVOPS_PRINCIPALS } from './entry.ts'

/** Texts of git, and of Azure Repos' answers through git (Azure DevOps documentation; argo-cd #23100, #23478). */
export function explainGit({ stderr, reason, facts }: GitProblem): FindingFacts {
  if (/TF400733|error: 429/.test(stderr)) {
    return {
      id: 'azure-devops/throttled',
      summary: 'Azure DevOps limits the requests of the identity, and did not let git through in time.',
      remedy:
        'run again in some minutes. Argo CD reads as the same identity: if this happens often, let it refresh less often (timeout.reconciliation, webhooks)',
      link: RATE_LIMITS,
      ...(stderr.includes('TF400733') && { code: 'TF400733' })
    }
  }
  if (/TF401444/.test(stderr)) {
    return {
      id: 'azure-devops/not-a-member',
      summary: 'Azure DevOps does not see the identity as a member of the organization.',
      remedy: `run with ${input('mode', 'apply')}; a fresh membership takes some minutes`,
      code: 'TF401444',
      link: DEVOPS_PRINCIPALS
    }
  }
  if (/TF401019|not found/i.test(stderr)) {
    return {
      id: 'azure-devops/repository-not-shown',
      summary:
        'Azure Repos does not show the repository to the identity: it does not exist, is disabled, the access level is below Basic, or Read is missing or denied.',
      remedy: `check the URL; look for a Deny on the repository (Project settings > Repositories > Security); else run with ${input('mode', 'apply')}`,
      code: 'TF401019',
      link: DEVOPS_PRINCIPALS
    }
  }
  if (/could not read (?:Username|Password)|Authentication failed|error: 401/i.test(stderr)) {
    return {
      id: 'azure-devops/token-refused',
      summary: 'Azure Repos does not accept the token of the identity.',
      expected: 'a member of the organization, in its tenant, with Basic',
      actual: '401',
      remedy: `run with ${input('mode', 'apply')}; if it stays, compare the tenant of the identity with that of the organization`,
      link: DEVOPS_PRINCIPALS
    }
  }
  if (
    /Could not resolve|Failed to connect|Couldn't connect|Connection refused|SSL|certificate/i.test(stderr)
  ) {
    return {
      id: 'git/unreachable',
      summary: `git cannot reach Azure Repos: ${reason}`,
      remedy:
        'let the runner reach the host (name, firewall, http.proxy by HTTPS_PROXY, certificate authority by GIT_SSL_CAINFO), then run again'
    }
  }
  if (/redirect|error: 30\d/i.test(stderr)) {
    return {
      id: 'azure-devops/sign-in-page',
      summary:
        'Azure Repos answered with a redirect to a sign-in page; it was not followed, so no token left for another host.',
      remedy: `see whether a proxy stands between; else the token was not accepted: run with ${input('mode', 'apply')}`
    }
  }
  return facts
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

import type { Names } from '../../evidence.ts'
import type { FindingFacts } from '../../../core/finding.ts'
import { input } from '../../../core/input-name.ts'
import { complaint, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARGOCD_REPOSITORIES, argocdIssue } from '../../sources.ts'
import { deploymentOf, kubectl, projectPage, shown, spoken } from '../../words.ts'

export const argocdFetchFails: Rule<'complaint'> = {
  id: 'argocd/fetch-fails',
  needs: ['complaint'],
  link: 'connection',
  severity: 'error',
  certainty: 'likely',
  matches: ({ complaint: said }) =>
    said.phase === 'reading' &&
    /^Failed to (?:fetch|checkout)|terminal prompts disabled|could not read (?:Username|Password)/.test(
      spoken(said)
    ),
  finding: ({ complaint: said, names }) => ({
    summary: `Argo CD reads the refs, but its fetch fails: ${shown(said, /terminal prompts disabled|could not read|fatal: |error: |TF40/)}`,
    ...fetchRemedy(said.whole, names)
  }),
  symptom: 'The connection is "Successful", but no Application can be compared.',
  cause:
    'Argo CD reads refs in its own process and fetches with the git program; before 3.0.13, and in 3.1.0, the program got no token.',
  texts: [
    'Failed to fetch default',
    'failed exit status 128',
    'could not read Username',
    'terminal prompts disabled'
  ],
  sources: [argocdIssue(23478)],
  examples: [
    {
      names: NAMES,
      complaint: complaint(
        'reading',
        "Failed to fetch default: `git fetch origin --tags --force --prune` failed exit status 128: fatal: could not read Username for 'https://dev.azure.com': terminal prompts disabled"
      )
    },
    {
      names: { ...NAMES, version: '3.2.0' },
      complaint: complaint(
        'reading',
        "Failed to fetch default: fatal: could not read Username for 'https://dev.azure.com': terminal prompts disabled"
      )
    },
    { names: NAMES, complaint: complaint('reading', 'Failed to checkout 0123: fatal: early EOF') },
    {
      names: NAMES,
      complaint: complaint(
        'reading',
        'failed to list refs: could not read Password: terminal prompts disabled'
      )
    },
    { names: NAMES, complaint: complaint('reading', 'Failed to fetch default: TF401019: does not exist') }
  ]
}

/** Patless refuses versions that are known to fetch without a token much earlier; only an unknown one may be one. */
function fetchRemedy(text: string, names: Names): Pick<FindingFacts, 'remedy' | 'command' | 'link'> {
  if (
    /could not read (?:Username|Password)|terminal prompts disabled|Authentication failed|error: 401/.test(
      text
    )
  )
    return names.version !== undefined
      ? {
          remedy: `Argo CD ${names.version} gives git its token: see in the log of the repo-server as whom git asked, and look for a Secret or template with a credential for the URL, also one of another project`,
          command: kubectl(names, `logs ${deploymentOf(names)} --since=1h`),
          link: ARGOCD_REPOSITORIES
        }
      : {
          remedy: `run with ${input('mode', 'check')}: a Secret or template that Argo CD prefers is shown at connection; if all is in order there and Argo CD is older than 3.0.13, or is 3.1.0, upgrade it: these fetch without a token`,
          link: argocdIssue(23478)
        }
  if (/TF401019|TF401444|not found|error: 40[34]/.test(text))
    return {
      remedy: `run with ${input('mode', 'check')}; look for a Deny on the repository (${projectPage(names, 'repositories')})`
    }
  return {
    remedy: 'see the log of the repo-server for the error of git; the login itself was accepted for the refs',
    command: kubectl(names, `logs ${deploymentOf(names)} --since=1h`)
  }
}

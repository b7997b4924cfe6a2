import { word } from '../../../core/shell.ts'
import { complaint, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { argocdIssue } from '../../sources.ts'
import { kubectl, shown, spoken } from '../../words.ts'

export const argocdRevisionMissing: Rule<'complaint'> = {
  id: 'argocd/revision-missing',
  needs: ['complaint'],
  link: 'application',
  severity: 'error',
  certainty: 'proved',
  explains: ['verification/never-seen'],
  matches: ({ complaint: said }) =>
    said.phase === 'application' &&
    /remote repository is empty|unable to resolve .{0,300} to a commit SHA|revision not found/.test(
      spoken(said)
    ),
  finding: ({ complaint: said }) => ({
    summary: `The revision is not in the repository: ${shown(said, /remote repository is empty|unable to resolve|revision not found/)}`,
    remedy: 'push it, or correct targetRevision of the Application',
    command: kubectl(said.application, `edit application ${word(said.application.name)}`)
  }),
  symptom:
    'Argo CD reads the repository, but finds no such branch; the connection of an empty repository is "Failed".',
  cause: 'The branch was renamed or deleted, the repository is empty, or its default branch does not exist.',
  texts: ["unable to resolve 'HEAD' to a commit SHA", 'remote repository is empty', 'revision not found'],
  sources: [argocdIssue(17765)],
  examples: [
    {
      names: NAMES,
      complaint: complaint('application', "unable to resolve 'main' to a commit SHA: revision not found")
    },
    { names: NAMES, complaint: complaint('application', 'failed to list refs: remote repository is empty') }
  ]
}

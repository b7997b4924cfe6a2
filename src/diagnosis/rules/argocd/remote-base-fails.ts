import { complaint, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { argocdIssue } from '../../sources.ts'
import { shown } from '../../words.ts'

export const argocdRemoteBaseFails: Rule<'complaint'> = {
  id: 'argocd/remote-base-fails',
  needs: ['complaint'],
  link: 'application',
  severity: 'error',
  certainty: 'likely',
  explains: ['verification/never-seen'],
  matches: ({ complaint: { phase, whole } }) =>
    phase === 'application' &&
    /`kustomize build|kustomize[^\n]{0,300}(?:accumulating resources|git fetch|evalsymlink)|git submodule/.test(
      whole
    ) &&
    /git|https?:\/\//.test(whole),
  finding: ({ complaint: said }) => ({
    summary: `The Application ${said.application.namespace}/${said.application.name} fails at a remote base or another URL in its content, not at the login to its repository: ${shown(said, /accumulating|git fetch|kustomize build/)}`,
    remedy:
      'copy the base into the repository, or give it a credential that a plugin of kustomize can use: kustomize runs a git of its own, to which Argo CD does not pass the token',
    link: argocdIssue(4465)
  }),
  symptom: 'The repository can be read, but a base of the kustomization cannot.',
  cause:
    'kustomize and plugins run their own git, with askpass only and an empty user name; Azure Repos does not accept that.',
  texts: ['accumulating resources', 'kustomize build', 'evalsymlink failure', 'git submodule'],
  sources: [argocdIssue(4465)],
  examples: [
    {
      names: NAMES,
      complaint: complaint(
        'application',
        "Manifest generation error (cached): `kustomize build …` failed exit status 1: Error: accumulating resources: accumulation err='accumulating resources from 'https://dev.azure.com/contoso/shop/_git/base'"
      )
    },
    { names: NAMES, complaint: complaint('application', 'kustomize: accumulating resources from https://x') },
    { names: NAMES, complaint: complaint('application', 'git submodule update failed') }
  ]
}

import { word } from '../../../core/shell.ts'
import { complaint, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARGOCD_SOURCE } from '../../sources.ts'
import { shown } from '../../words.ts'

export const argocdManifestsFail: Rule<'complaint'> = {
  id: 'argocd/manifests-fail',
  needs: ['complaint'],
  link: 'application',
  severity: 'error',
  certainty: 'proved',
  explains: ['verification/never-seen'],
  matches: ({ complaint: { phase } }) => phase === 'application',
  finding: ({ complaint: said }) => ({
    summary: `The Application ${said.application.namespace}/${said.application.name} fails at its own content, not at the login to the repository: ${shown(said)}`,
    remedy: 'correct its path, its spec, or the manifests there',
    command: `kubectl -n ${word(said.application.namespace)} describe application ${word(said.application.name)}`
  }),
  symptom: 'Argo CD reads the repository, but cannot render it.',
  cause: 'The path does not exist, or Helm, kustomize or a plugin fails.',
  texts: ['app path does not exist', 'Manifest generation error', 'error building helm chart'],
  sources: [ARGOCD_SOURCE],
  examples: [{ names: NAMES, complaint: complaint('application', 'deploy: app path does not exist') }]
}

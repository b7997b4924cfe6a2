import { matched } from '../../words.ts'
import { NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { argocdIssue } from '../../sources.ts'
import { OF_ARGOCD } from '../../symptoms.ts'

export const argocdVersionUnfit: Rule<'version'> = {
  id: 'argocd/version-unfit',
  needs: ['version'],
  link: 'argocd',
  severity: 'error',
  certainty: 'proved',
  explains: [...OF_ARGOCD, 'argocd/drifted'],
  matches: ({ version: { argocd } }) => isUnfit(argocd ?? ''),
  finding: ({ version }) => {
    const argocd = matched(version.argocd)
    return {
      summary: argocd.startsWith('2.')
        ? `Argo CD ${argocd} has no workload identity for git; it ignores the setting and connects without credentials.`
        : `Argo CD ${argocd} says "Successful" with workload identity while every fetch fails.`,
      expected: '>= 3.0.13, >= 3.1.1 or >= 3.2.0',
      actual: argocd,
      remedy: 'upgrade Argo CD to 3.0.13, 3.1.1, or 3.2.0 or newer',
      link: argocdIssue(argocd.startsWith('2.') ? 13334 : 23478)
    }
  },
  symptom: 'The connection is "Successful", but every Application fails; or the setting has no effect.',
  cause:
    'Workload identity for git came with 3.0; before 3.0.13, and in 3.1.0, the git program got no token.',
  texts: ['failed exit status 128', 'terminal prompts disabled', 'status code: 302'],
  sources: [argocdIssue(23478), argocdIssue(13334), argocdIssue(23100)],
  examples: [
    { names: NAMES, version: { argocd: '3.0.12', image: 'argocd:v3.0.12' } },
    { names: NAMES, version: { argocd: '3.1.0', image: 'argocd:v3.1.0' } },
    { names: NAMES, version: { argocd: '2.14.21', image: 'argocd:v2.14.21' } }
  ]
}

function isUnfit(version: string): boolean {
  return /^2\.|^3\.0\.(?:\d|1[0-2])(?!\d)|^3\.1\.0(?![\d.])/.test(version)
}

import { word } from '../../../core/shell.ts'
import { CONNECTIONS, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { argocdIssue } from '../../sources.ts'
import { kubectl, matched } from '../../words.ts'

export const applicationGeneratorWithoutIdentity: Rule<'connections'> = {
  id: 'application/generator-without-identity',
  needs: ['connections'],
  link: 'application',
  severity: 'warning',
  certainty: 'proved',
  matches: ({ connections: { generators } }) => generators.length > 0,
  finding: ({ connections: { generators } }) => {
    const { namespace, name, kind } = matched(generators[0])
    return {
      summary: `The ApplicationSet ${namespace}/${name} has a generator of the kind ${kind} for Azure DevOps, which knows only a PAT: workload identity has no effect there.`,
      expected: 'a git generator, or a PAT for this one',
      actual: generators.map(({ name, kind }) => `${name}: ${kind}`).join(', '),
      remedy: 'use a git generator, or keep a PAT with Code (Read) in a Secret for this one',
      command: kubectl({ namespace }, `edit applicationset ${word(name)}`),
      link: argocdIssue(23705)
    }
  },
  symptom: 'The applicationset-controller reports 302 or 401, although the repository can be read.',
  cause: 'SCM provider and pull request generators call Azure DevOps themselves, with a PAT.',
  texts: ['applicationset-controller', 'azureDevOps', 'accessTokenRef', 'tokenRef'],
  sources: [argocdIssue(23705)],
  examples: [
    {
      names: NAMES,
      connections: {
        ...CONNECTIONS,
        generators: [{ namespace: 'argocd', name: 'apps', kind: 'scmProvider' }]
      }
    }
  ]
}

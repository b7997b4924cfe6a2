import { input } from '../../../core/input-name.ts'
import { arm, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARM_LOCKS } from '../../sources.ts'
import { hasCode, known } from '../../words.ts'

export const azureLocked: Rule<'failure'> = {
  id: 'azure/locked',
  needs: ['failure'],
  link: 'login',
  severity: 'error',
  certainty: 'proved',
  matches: ({ failure }) => hasCode(failure, 'ScopeLocked'),
  finding: ({ failure: { detail }, names }) => ({
    summary: `A lock in Azure does not allow this: ${detail}`,
    remedy: `remove the lock named above for the run, or set ${input('identity-resource-group')} to a group without locks; if it blocks the kubeconfig of the cluster, set ${input('kubeconfig')}`,
    command: `az lock list -g ${known(names.identityResourceGroup ?? names.resourceGroup, 'resource group')} --output table`,
    code: 'ScopeLocked',
    link: ARM_LOCKS
  }),
  symptom: 'Azure refuses a write, or even to give the kubeconfig, with 409.',
  cause:
    'A ReadOnly lock on the resource, its group or the subscription; it also blocks POST requests that only read.',
  texts: ['ScopeLocked', 'is locked'],
  sources: [ARM_LOCKS],
  examples: [
    {
      names: NAMES,
      failure: arm('ScopeLocked', 'The scope cannot perform write operation because it is locked.')
    }
  ]
}

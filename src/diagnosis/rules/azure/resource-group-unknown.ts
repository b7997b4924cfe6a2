import { input } from '../../../core/input-name.ts'
import { arm, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARM_ERRORS } from '../../sources.ts'
import { hasCode, known } from '../../words.ts'

export const azureResourceGroupUnknown: Rule<'failure'> = {
  id: 'azure/resource-group-unknown',
  needs: ['failure'],
  link: 'identity',
  severity: 'error',
  certainty: 'proved',
  matches: ({ failure }) => hasCode(failure, 'ResourceGroupNotFound'),
  finding: ({ failure: { detail }, names }) => ({
    summary: `A resource group does not exist: ${detail}`,
    remedy: `correct ${input('identity-resource-group')} or ${input('resource-group')}, or create the group`,
    command: `az group create -n ${known(/group '([^']{1,90})'/.exec(detail)?.[1] ?? names.identityResourceGroup, 'name')} -l ${known(names.location, 'location')}`,
    code: 'ResourceGroupNotFound'
  }),
  symptom: 'Azure answers 404 to the first request for the identity or the cluster.',
  cause: 'The name of the group is misspelled, or the group is in another subscription.',
  texts: ['ResourceGroupNotFound', 'could not be found'],
  sources: [ARM_ERRORS],
  examples: [
    { names: NAMES, failure: arm('ResourceGroupNotFound', "Resource group 'rg-gitops' could not be found.") }
  ]
}

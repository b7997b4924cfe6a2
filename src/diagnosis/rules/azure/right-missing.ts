import { roleWith } from '../../../services/azure/roles.ts'
import { arm, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { ARM_ERRORS } from '../../sources.ts'
import { hasCode } from '../../words.ts'

export const azureRightMissing: Rule<'failure'> = {
  id: 'azure/right-missing',
  needs: ['failure'],
  link: 'login',
  severity: 'error',
  certainty: 'proved',
  matches: ({ failure }) => hasCode(failure, 'AuthorizationFailed'),
  finding: ({ failure: { detail } }) => {
    const role = roleWith(/perform action '([^']+)'/.exec(detail)?.[1] ?? '')
    return {
      summary: `The login is missing a permission in Azure: ${detail}`,
      remedy: `grant the action named above at that scope (${role?.file ?? 'docs/permissions/azure-role.json'})`,
      code: 'AuthorizationFailed'
    }
  },
  symptom: 'A request to Azure is refused with 403.',
  cause:
    'The login has no role with the action that the text names, at its scope. A new assignment takes some minutes.',
  texts: ['AuthorizationFailed', 'does not have authorization to perform action'],
  sources: [ARM_ERRORS],
  examples: [
    {
      names: NAMES,
      failure: arm(
        'AuthorizationFailed',
        "The client does not have authorization to perform action 'Microsoft.ManagedIdentity/userAssignedIdentities/write' over scope '…'."
      )
    },
    { names: NAMES, failure: arm('AuthorizationFailed') }
  ]
}

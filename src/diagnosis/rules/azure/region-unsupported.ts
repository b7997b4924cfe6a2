import { input } from '../../../core/input-name.ts'
import { arm, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { FEDERATION } from '../../sources.ts'

export const azureRegionUnsupported: Rule<'failure'> = {
  id: 'azure/region-unsupported',
  needs: ['failure'],
  link: 'identity',
  severity: 'error',
  certainty: 'proved',
  matches: ({ failure }) =>
    failure.service === 'ARM' && /federated identity credentials not/i.test(failure.whole),
  finding: ({ failure: { detail } }) => ({
    summary: `The identity's region does not support federated credentials: ${detail}`,
    remedy: `set ${input('location')} to another region for the identity; it need not be that of the cluster`,
    link: FEDERATION
  }),
  symptom: 'Azure answers 405 to the federated credential of a new identity.',
  cause: 'A few regions do not support federated credentials of managed identities.',
  texts: ['Support for federated identity credentials not enabled'],
  sources: [FEDERATION],
  examples: [
    {
      names: NAMES,
      failure: arm(undefined, 'Support for federated identity credentials not enabled.', { status: 405 })
    }
  ]
}

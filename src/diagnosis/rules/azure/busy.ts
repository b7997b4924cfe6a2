import { arm, NAMES } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { FEDERATION, AKS_UPDATING } from '../../sources.ts'
import { hasCode, ofCluster } from '../../words.ts'

export const azureBusy: Rule<'failure'> = {
  id: 'azure/busy',
  needs: ['failure'],
  link: 'cluster',
  severity: 'error',
  certainty: 'proved',
  matches: ({ failure }) =>
    hasCode(
      failure,
      'OperationNotAllowed',
      'EtagMismatch',
      'ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity',
      'AnotherOperationInProgress'
    ),
  finding: ({ failure: { detail }, names }) => ({
    summary: `Another operation on the resource is still running: ${detail}`,
    remedy: `wait until it has ended, then run again; let jobs for one identity run one after another`,
    command: `az aks wait ${ofCluster(names)} --updated`,
    link: AKS_UPDATING
  }),
  symptom: 'Azure answers 409 for as long as an update of the cluster runs.',
  cause: 'AKS and managed identities allow one write at a time.',
  texts: [
    'OperationNotAllowed',
    'Another operation (Updating) is in progress',
    'EtagMismatch',
    'ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity'
  ],
  sources: [AKS_UPDATING, FEDERATION],
  examples: [
    {
      names: NAMES,
      failure: arm(
        'OperationNotAllowed',
        'Operation is not allowed: Another operation (Updating) is in progress.',
        { status: 409 }
      )
    },
    { names: NAMES, failure: arm('EtagMismatch', undefined, { status: 409 }) },
    {
      names: NAMES,
      failure: arm('ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity', undefined, {
        status: 409
      })
    },
    { names: NAMES, failure: arm('AnotherOperationInProgress', undefined, { status: 409 }) }
  ]
}

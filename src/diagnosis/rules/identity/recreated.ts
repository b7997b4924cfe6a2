import { word } from '../../../core/shell.ts'
import { input } from '../../../core/input-name.ts'
import { IDENTITY, NAMES, WORKLOAD } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AADSTS } from '../../sources.ts'
import { OF_TRUST, OF_PODS } from '../../symptoms.ts'
import { annotate, matched } from '../../words.ts'

const CLIENT_ID = 'azure.workload.identity/client-id'
const GUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i

export const identityRecreated: Rule<'workload' | 'identity'> = {
  id: 'identity/recreated',
  needs: ['workload', 'identity'],
  link: 'identity',
  severity: 'error',
  certainty: 'likely',
  explains: [
    ...OF_PODS,
    ...OF_TRUST,
    'workload/other-identity',
    'azure-devops/not-a-member',
    'entitlement/drifted'
  ],
  matches: ({ workload: { annotations = {} }, identity }) => {
    const value = annotations[CLIENT_ID] ?? ''
    return (
      GUID.test(value) &&
      ![identity.clientId, identity.principalId].includes(value) &&
      identity.named[value] === undefined
    )
  },
  finding: ({ workload: { annotations = {}, account }, identity, names }) => ({
    summary: `The service account ${account} names the client id ${matched(annotations[CLIENT_ID])}, which is not that of ${names.identity ?? 'the identity'} and of no identity that the login sees: it was probably deleted and created again.`,
    expected: identity.clientId,
    actual: matched(annotations[CLIENT_ID]),
    remedy: `run with ${input('mode', 'apply')}; if it reports that the annotation is of another identity, replace it`,
    command: annotate(names, account, `${CLIENT_ID}=${word(identity.clientId)}`),
    link: AADSTS
  }),
  symptom: 'Entra says AADSTS700016, and Azure DevOps still lists a member that nobody can use.',
  cause:
    'An identity that is created again under the same name gets new ids; annotation, federated credential and membership still belong to the old one.',
  texts: ['AADSTS700016'],
  sources: [AADSTS],
  examples: [
    {
      names: NAMES,
      identity: IDENTITY,
      workload: { ...WORKLOAD, annotations: { [CLIENT_ID]: '00000000-0000-4000-8000-00000000dead' } }
    }
  ]
}

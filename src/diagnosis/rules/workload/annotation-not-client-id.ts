import { word } from '../../../core/shell.ts'
import { input } from '../../../core/input-name.ts'
import { safe } from '../../../http/errors.ts'
import { IDENTITY, NAMES, WORKLOAD } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AWI_LABELS } from '../../sources.ts'
import { OF_PODS } from '../../symptoms.ts'
import { annotate, matched } from '../../words.ts'

const CLIENT_ID = 'azure.workload.identity/client-id'
const GUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i

export const workloadAnnotationNotClientId: Rule<'workload' | 'identity'> = {
  id: 'workload/annotation-not-client-id',
  needs: ['workload', 'identity'],
  link: 'workload',
  severity: 'error',
  certainty: 'proved',
  explains: [...OF_PODS, 'workload/other-identity'],
  matches: ({ workload: { annotations = {} }, identity }) => {
    const value = annotations[CLIENT_ID] ?? ''
    return (
      value !== '' && value !== identity.clientId && (value === identity.principalId || !GUID.test(value))
    )
  },
  finding: ({ workload: { annotations = {}, account }, identity, names }) => ({
    summary: `The annotation ${CLIENT_ID} of ${account} holds ${annotations[CLIENT_ID] === identity.principalId ? 'the object id (principal id) of the identity' : 'a name or resource id'} instead of its client id.`,
    expected: identity.clientId,
    actual: safe(matched(annotations[CLIENT_ID]), 200),
    remedy: `run with ${input('mode', 'apply')}, or replace it and restart the pods`,
    command: annotate(names, account, `${CLIENT_ID}=${word(identity.clientId)}`),
    link: AWI_LABELS
  }),
  symptom: 'Entra says AADSTS700016: the application was not found in the directory.',
  cause: 'Object id, client id and resource id of an identity are easily mistaken for one another.',
  texts: ['AADSTS700016'],
  sources: ['https://github.com/MicrosoftDocs/azure-docs/issues/108526', AWI_LABELS],
  examples: [
    {
      names: NAMES,
      identity: IDENTITY,
      workload: { ...WORKLOAD, annotations: { [CLIENT_ID]: IDENTITY.principalId } }
    },
    {
      names: NAMES,
      identity: IDENTITY,
      workload: { ...WORKLOAD, annotations: { [CLIENT_ID]: 'id-argocd-aks-gitops' } }
    }
  ]
}

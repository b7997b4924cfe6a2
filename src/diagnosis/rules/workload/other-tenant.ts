import { word } from '../../../core/shell.ts'
import { safe } from '../../../http/errors.ts'
import { IDENTITY, NAMES, WORKLOAD } from '../../examples.ts'
import type { Rule } from '../../rule.ts'
import { AWI_LABELS } from '../../sources.ts'
import { OF_PODS } from '../../symptoms.ts'
import { annotate, matched } from '../../words.ts'

const TENANT = 'azure.workload.identity/tenant-id'

export const workloadOtherTenant: Rule<'workload' | 'identity'> = {
  id: 'workload/other-tenant',
  needs: ['workload', 'identity'],
  link: 'workload',
  severity: 'error',
  certainty: 'proved',
  explains: OF_PODS,
  matches: ({ workload: { annotations = {} }, identity: { tenantId } }) =>
    annotations[TENANT] !== undefined && annotations[TENANT] !== tenantId,
  finding: ({ workload: { annotations = {}, account }, identity: { tenantId }, names }) => ({
    summary: `The service account ${account} names another tenant than that of the identity.`,
    expected: tenantId,
    actual: safe(matched(annotations[TENANT]), 80),
    remedy: 'remove or correct it, and restart the pods',
    command: annotate(names, account, `${TENANT}=${word(tenantId)}`),
    link: AWI_LABELS
  }),
  symptom: 'Entra says AADSTS700016 or AADSTS90002.',
  cause: 'The annotation for the tenant was copied from another cluster.',
  texts: ['AADSTS700016', 'AADSTS90002', 'azure.workload.identity/tenant-id'],
  sources: [AWI_LABELS],
  examples: [
    {
      names: NAMES,
      identity: IDENTITY,
      workload: { ...WORKLOAD, annotations: { ...WORKLOAD.annotations, [TENANT]: 'beef' } }
    }
  ]
}

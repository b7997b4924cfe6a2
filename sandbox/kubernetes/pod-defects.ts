/** More mistakes of people in the workload: annotations with other ids, on other accounts, for other clouds. */
import {
  account,
  accountOf,
  deployment,
  environment,
  namespaceOf,
  restarting,
  type Defect
} from './defects.ts'
import { kindOf, type Kind } from './objects.ts'
import { CLIENT_ID_ANNOTATION as CLIENT_ID, USE_LABEL as LABEL } from './webhook.ts'

const ACCOUNTS = kindOf('', 'serviceaccounts') as Kind

export const POD_DEFECTS: Readonly<Record<string, Defect>> = {
  'annotation-name': account(({ metadata }) => {
    if (metadata) metadata.annotations = { ...metadata.annotations, [CLIENT_ID]: 'id-argocd-aks-gitops' }
  }),
  'annotation-on-another-account': restarting((world) => {
    const before = accountOf(world)
    const { [CLIENT_ID]: clientId = '', ...annotations } = before.metadata.annotations ?? {}
    world.store.update(ACCOUNTS, before, { ...before, metadata: { ...before.metadata, annotations } })
    world.store.create(ACCOUNTS, namespaceOf(world), {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'repo-server', annotations: { [CLIENT_ID]: clientId } }
    })
  }),
  'label-on-account-only': (world) => {
    deployment(({ spec }) => {
      Reflect.deleteProperty(spec?.template.metadata?.labels ?? {}, LABEL)
    })(world)
    account(({ metadata }) => {
      if (metadata) metadata.labels = { ...metadata.labels, [LABEL]: 'true' }
    })(world)
  },
  /** Tokens of the cluster are not valid yet when Entra reads them. */
  'cluster-clock-ahead': ({ conditions }) => {
    conditions.clockAhead = 15 * 60_000
  },
  /** … or have expired. */
  'cluster-clock-behind': ({ conditions }) => {
    conditions.clockAhead = -2 * 3_600_000
  },
  'authority-china': environment('AZURE_AUTHORITY_HOST', 'https://login.chinacloudapi.cn/'),
  'tenant-set-by-hand': environment('AZURE_TENANT_ID', '00000000-0000-0000-0000-00000000beef')
}

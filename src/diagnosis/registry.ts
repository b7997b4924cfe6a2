/**
 * All rules. Of those about the same answer of a service, the first that matches counts, so the special ones come
 * before the general ones.
 */
import type { Rule } from './rule.ts'
import { APPLICATION } from './rules/application.ts'
import { ARGOCD } from './rules/argocd.ts'
import { AZURE } from './rules/azure.ts'
import { AZURE_DEVOPS } from './rules/azure-devops.ts'
import { CONNECTION } from './rules/connection.ts'
import { ENTITLEMENT } from './rules/entitlement.ts'
import { ENTRA } from './rules/entra.ts'
import { FEDERATED_CREDENTIAL } from './rules/federated-credential.ts'
import { GIT } from './rules/git.ts'
import { IDENTITY } from './rules/identity.ts'
import { KUBERNETES } from './rules/kubernetes.ts'
import { NETWORK } from './rules/network.ts'
import { PERMISSION } from './rules/permission.ts'
import { WORKLOAD } from './rules/workload.ts'

export const RULES: readonly Rule[] = [
  ...ENTRA,
  ...AZURE,
  ...AZURE_DEVOPS,
  ...GIT,
  ...KUBERNETES,
  ...IDENTITY,
  ...WORKLOAD,
  ...FEDERATED_CREDENTIAL,
  ...ENTITLEMENT,
  ...PERMISSION,
  ...NETWORK,
  ...CONNECTION,
  ...APPLICATION,
  ...ARGOCD
]

/** By id; a finding that no rule makes has none. */
export function ruleOf(id: string): Rule | undefined {
  return RULES.find((rule) => rule.id === id)
}

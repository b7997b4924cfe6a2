/**
 * argocd-operator and OpenShift GitOps: Patless changes the ArgoCD resource. The operator removes labels that it does
 * not know from the pod template. The repo-server uses the namespace's `default` service account unless the resource
 * names one; the operator does not change an existing account (argocd-operator: repo_server.go, service_account.go).
 */
import { LABEL } from '../identity.ts'
import type { Instance } from '../instance.ts'
import type { Operated } from '../../services/kubernetes/argocd-objects.ts'
import { Problem, type FindingFacts } from '../../core/finding.ts'
import type { Difference } from '../../engine/outcome.ts'
import type { Install } from './contract.ts'
import { word } from '../../core/shell.ts'
import { input } from '../../core/input-name.ts'

export const operator: Install<Operated> = {
  async read(instance, { argocd }) {
    const found = await argocd(instance.clusterId).operated(instance.namespace, resourceOf(instance))
    if (!found) throw gone(instance)
    return found
  },

  clientIdIn: () => undefined,

  assess({ instance }, { serviceAccount, labels }) {
    const differences: Difference[] = []
    if (serviceAccount !== instance.account) {
      const field = `ArgoCD ${resourceOf(instance)} spec.repo.serviceaccount`
      const difference = { field, expected: instance.account, actual: serviceAccount }
      differences.push(
        serviceAccount === undefined
          ? difference
          : { ...difference, blocked: chosen(instance, serviceAccount) }
      )
    }
    if (labels[LABEL] !== 'true') {
      const field = `ArgoCD ${resourceOf(instance)} spec.repo.labels ${LABEL}`
      differences.push({ field, expected: 'true', actual: labels[LABEL] })
    }
    return differences
  },

  lasting: () => undefined
}

export function resourceOf({ owner }: Instance): string {
  return owner.kind === 'operator' ? owner.resource : ''
}

/** The resource already names another account, which the pods do not use yet. */
function chosen(instance: Instance, found: string): FindingFacts {
  const { namespace, account, deployment } = instance
  return {
    id: 'argocd/operator-service-account',
    summary: `The ArgoCD resource ${namespace}/${resourceOf(instance)} names the service account ${found} for the repo-server, but its pods use another.`,
    expected: account,
    actual: found,
    remedy: `wait until the operator has applied it, then run again; or set spec.repo.serviceaccount: ${account}`,
    command: `kubectl -n ${word(namespace)} rollout status deploy/${word(deployment)}`
  }
}

function gone(instance: Instance): Problem {
  const { namespace, deployment } = instance
  return new Problem({
    id: 'argocd/operator-resource-missing',
    summary: `The ArgoCD resource ${namespace}/${resourceOf(instance)} that owns ${deployment} does not exist.`,
    remedy: `see which there are; without an operator set ${input('argocd-configuration', 'manifests')}`,
    command: `kubectl -n ${word(namespace)} get argocds`
  })
}

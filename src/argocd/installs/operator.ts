/**
 * argocd-operator and OpenShift GitOps: the ArgoCD resource is told. The operator takes foreign labels off the pod
 * template, and has the repo-server use the namespace's `default` service account unless it is given one; an account
 * that is there it leaves alone (argocd-operator: repo_server.go, service_account.go).
 */
import {
  accountPatch,
  annotated,
  annotationsFor,
  CLIENT_ID,
  LABEL,
  labelOf,
  withoutAnnotations,
  WROTE_CLIENT,
  type Identified
} from '../identity.ts'
import type { Instance } from '../instance.ts'
import type { Operated } from '../../services/kubernetes/argocd-objects.ts'
import { Problem, type FindingFacts } from '../../core/finding.ts'
import type { Difference } from '../../engine/outcome.ts'
import type { Install } from './contract.ts'
import { restart, waitForRollout } from './rollout.ts'
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
    const changes: Difference[] = []
    if (serviceAccount !== instance.account) {
      const field = `ArgoCD ${resourceOf(instance)} spec.repo.serviceaccount`
      const change = { field, expected: instance.account, actual: serviceAccount }
      changes.push(
        serviceAccount === undefined ? change : { ...change, blocked: chosen(instance, serviceAccount) }
      )
    }
    if (labels[LABEL] !== 'true') {
      const field = `ArgoCD ${resourceOf(instance)} spec.repo.labels ${LABEL}`
      changes.push({ field, expected: 'true', actual: labels[LABEL] })
    }
    return changes
  },

  async apply(spec, workload, { kubernetes, argocd }, policy) {
    const { instance } = spec
    const { namespace, account, clusterId } = instance
    const api = kubernetes(clusterId)
    if (!workload.serviceAccount) await api.createServiceAccount(namespace, accountFor(spec))
    else if (!annotated(spec, workload)) {
      const annotations = annotationsFor(spec, workload)
      await api.patchServiceAccount(namespace, account, accountPatch(workload, annotations))
    }
    const told = toldBy(instance)
    const repo = { serviceaccount: account, labels: { [LABEL]: 'true' } }
    await argocd(clusterId).tellOperator(namespace, resourceOf(instance), repo)
    if (told(workload.deployment)) await restart(instance, api)
    await waitForRollout(instance, api, policy, told)
  },

  async delete({ instance }, workload, { kubernetes, argocd }, policy) {
    const { namespace, account, clusterId } = instance
    const api = kubernetes(clusterId)
    await argocd(clusterId).tellOperator(namespace, resourceOf(instance), { labels: { [LABEL]: null } })
    await waitForRollout(instance, api, policy, (deployment) => labelOf(deployment) === undefined)
    if (workload.serviceAccount) {
      const annotations = withoutAnnotations(workload)
      await api.patchServiceAccount(namespace, account, accountPatch(workload, annotations))
    }
  },

  lasting: () => undefined
}

/** Whether the operator has carried out what its resource says. */
function toldBy({ account }: Instance): Parameters<typeof waitForRollout>[3] & object {
  return (deployment) =>
    labelOf(deployment) === 'true' && deployment.spec?.template.spec?.serviceAccountName === account
}

function accountFor(spec: Identified): Parameters<typeof annotated>[1]['serviceAccount'] & object {
  const annotations = { [CLIENT_ID]: spec.clientId, [WROTE_CLIENT]: spec.clientId }
  const labels = { 'app.kubernetes.io/managed-by': 'patless' }
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: spec.instance.account, annotations, labels }
  }
}

function resourceOf({ owner }: Instance): string {
  return owner.kind === 'operator' ? owner.resource : ''
}

/** Somebody's choice that the pods do not follow yet. */
function chosen(instance: Instance, found: string): FindingFacts {
  const { namespace, account, deployment } = instance
  return {
    id: 'argocd/operator-service-account',
    summary: `The ArgoCD resource ${namespace}/${resourceOf(instance)} names the service account ${found} for the repo-server, but its pods use another.`,
    expected: account,
    actual: found,
    remedy: `wait until the operator has carried it out (kubectl -n ${word(namespace)} rollout status deploy/${word(deployment)}), then run again; or set spec.repo.serviceaccount: ${account}`
  }
}

function gone(instance: Instance): Problem {
  const { namespace, deployment } = instance
  return new Problem({
    id: 'argocd/operator-resource-missing',
    summary: `The ArgoCD resource ${namespace}/${resourceOf(instance)} that owns ${deployment} is not there.`,
    remedy: `see kubectl -n ${word(namespace)} get argocds; without an operator set ${input('argocd-configuration', 'manifests')}`
  })
}

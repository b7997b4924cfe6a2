/**
 * The repo-server's pods carry the identity. The webhook looks at a pod once, when it is created: label on the pod,
 * annotation on its service account. So the annotation comes before the label, and pods older than either are
 * replaced; what counts in the end is the environment of every running pod.
 */
import type { V1Deployment, V1Pod, V1ServiceAccount } from '@kubernetes/client-node'
import { wait as waited, type Patience } from '../clients/retries.ts'
import type { Kubernetes } from '../clients/kubernetes.ts'
import { Problem } from '../diagnosis/problem.ts'
import type { Hop } from '../reconcile/hop.ts'
import { readElsewhere } from '../reconcile/others.ts'
import type { Change } from '../reconcile/outcomes.ts'
import type { RepoServer } from './argocd.ts'

const CLIENT_ID = 'azure.workload.identity/client-id'
const TENANT_ID = 'azure.workload.identity/tenant-id'
const LABEL = 'azure.workload.identity/use'
/** Set on the container they win over workload identity (azidentity: EnvironmentCredential comes first). */
const STRONGER = ['AZURE_CLIENT_SECRET', 'AZURE_CLIENT_CERTIFICATE_PATH', 'AZURE_USERNAME']
/** How long new pods may take to become ready, in ms. */
const ROLLOUT = 300_000

interface Want {
  readonly repoServer: RepoServer
  readonly clientId: string
  readonly tenantId: string
}

interface Seen {
  readonly serviceAccount: V1ServiceAccount | undefined
  readonly deployment: V1Deployment
  readonly pods: readonly V1Pod[]
}

export const workload: Hop<Want, Seen, { readonly pods: number; readonly clientId: string }> = {
  name: 'workload',

  async observe({ repoServer }, { kubernetes }, fresh) {
    const { namespace, deployment, serviceAccount, podLabels, clusterId } = repoServer
    const api = kubernetes(clusterId)
    const [account, current, pods] = await Promise.all([
      api.serviceAccount(namespace, serviceAccount),
      fresh ? api.deployment(namespace, deployment) : repoServer.object,
      api.pods(namespace, podLabels)
    ])
    return { serviceAccount: account, deployment: current, pods: pods.filter(running) }
  },

  exists: ({ serviceAccount }) => serviceAccount?.metadata?.annotations?.[CLIENT_ID] !== undefined,

  compare: (want, seen) => [
    ...accountChanges(want, seen),
    ...templateChanges(want, seen),
    ...(seen.pods.length === 0 ? [noPod(want)] : seen.pods.flatMap((pod) => podChanges(want, pod)))
  ],

  given: ({ clientId }, { pods }) => ({ pods: pods.length, clientId }),
  summary: ({ pods, clientId }) => `${pods} pod${pods === 1 ? '' : 's'} with client id ${clientId}`,

  async apply(want, seen, { kubernetes }, patience) {
    const { namespace, deployment, serviceAccount, clusterId } = want.repoServer
    const api = kubernetes(clusterId)
    if (accountChanges(want, seen).length > 0) {
      const annotations = { [CLIENT_ID]: want.clientId, ...tenantAnnotation(want, seen) }
      await api.patchServiceAccount(namespace, serviceAccount, { metadata: { annotations } })
    }
    const labelled = labelOf(seen.deployment) === 'true'
    const template = labelled
      ? { annotations: { 'kubectl.kubernetes.io/restartedAt': new Date().toISOString() } }
      : { labels: { [LABEL]: 'true' } }
    await api.patchDeployment(namespace, deployment, { spec: { template: { metadata: template } } })
    await rolledOut(want, api, patience)
  },

  /** An annotation that names another identity is somebody else's. */
  belonging({ clientId, repoServer }, { serviceAccount }, { repositories }) {
    if (serviceAccount?.metadata?.annotations?.[CLIENT_ID] !== clientId) return undefined
    const what = `annotation and label of ${repoServer.namespace}/${repoServer.deployment}`
    return repositories.length === 0 ? { what } : { what, keep: readElsewhere(repositories) }
  },

  /** The label first: while the annotation stands, a run that was killed in between knows that it has to go on. */
  async remove({ repoServer }, { deployment: { spec } }, { kubernetes }, patience) {
    const { namespace, deployment, serviceAccount, clusterId } = repoServer
    const api = kubernetes(clusterId)
    if (spec?.template.metadata?.labels?.[LABEL] !== undefined) {
      const template = { metadata: { labels: { [LABEL]: null } } }
      await api.patchDeployment(namespace, deployment, { spec: { template } })
    }
    await rolledOut({ repoServer }, api, patience)
    const annotations = { [CLIENT_ID]: null, [TENANT_ID]: null }
    await api.patchServiceAccount(namespace, serviceAccount, { metadata: { annotations } })
  }
}

function accountChanges({ clientId, tenantId, repoServer }: Want, { serviceAccount }: Seen): Change[] {
  if (!serviceAccount) {
    const what = `The service account ${repoServer.serviceAccount} of the repo-server does not exist.`
    const remedy = `create it: kubectl -n ${repoServer.namespace} create serviceaccount ${repoServer.serviceAccount}`
    return [
      {
        field: 'service account',
        expected: repoServer.serviceAccount,
        found: undefined,
        blocked: { what, remedy }
      }
    ]
  }
  const annotations = serviceAccount.metadata?.annotations ?? {}
  const changes: Change[] = []
  if (annotations[CLIENT_ID] !== clientId) {
    changes.push({ field: `annotation ${CLIENT_ID}`, expected: clientId, found: annotations[CLIENT_ID] })
  }
  if (annotations[TENANT_ID] !== undefined && annotations[TENANT_ID] !== tenantId) {
    changes.push({ field: `annotation ${TENANT_ID}`, expected: tenantId, found: annotations[TENANT_ID] })
  }
  return changes
}

function templateChanges({ repoServer }: Want, { deployment }: Seen): Change[] {
  const changes: Change[] = []
  const label = labelOf(deployment)
  if (label !== 'true') changes.push({ field: `pod template label ${LABEL}`, expected: 'true', found: label })
  const container = deployment.spec?.template.spec?.containers.find(
    ({ name }) => name === repoServer.container
  )
  const set = (container?.env ?? []).filter(({ name }) => STRONGER.includes(name) || WEBHOOK_SETS.has(name))
  for (const { name } of set) {
    const what = `${name} is set by hand on the container ${repoServer.container}; it beats what the webhook would give.`
    const remedy = `remove it where Argo CD is installed from, e.g. kubectl -n ${repoServer.namespace} set env deploy/${repoServer.deployment} ${name}-`
    changes.push({
      field: `container env ${name}`,
      expected: 'not set by hand',
      found: 'set',
      blocked: { what, remedy }
    })
  }
  return changes
}

const WEBHOOK_SETS = new Set(['AZURE_CLIENT_ID', 'AZURE_TENANT_ID', 'AZURE_FEDERATED_TOKEN_FILE'])

function podChanges({ clientId, tenantId, repoServer }: Want, pod: V1Pod): Change[] {
  const container = pod.spec?.containers.find(({ name }) => name === repoServer.container)
  const environment = new Map((container?.env ?? []).map(({ name, value }) => [name, value]))
  const name = `pod ${pod.metadata?.name ?? ''}`
  const changes: Change[] = []
  const equal = (variable: string, expected: string): void => {
    const found = environment.get(variable)
    if (found !== expected) changes.push({ field: `${name} ${variable}`, expected, found })
  }
  equal('AZURE_CLIENT_ID', clientId)
  equal('AZURE_TENANT_ID', tenantId)
  if (!environment.has('AZURE_FEDERATED_TOKEN_FILE')) {
    changes.push({ field: `${name} AZURE_FEDERATED_TOKEN_FILE`, expected: 'a path', found: undefined })
  }
  return changes
}

function noPod({ repoServer }: Want): Change {
  return { field: 'running pods', expected: `at least one of ${repoServer.deployment}`, found: '0' }
}

/** Waits until the new pods serve and the old ones are gone. @throws {Problem} with what holds it up. */
async function rolledOut(
  { repoServer }: Pick<Want, 'repoServer'>,
  api: Kubernetes,
  patience: Patience
): Promise<void> {
  const { namespace, deployment, podLabels } = repoServer
  const until = Math.min(Date.now() + ROLLOUT, patience.deadline)
  let told = ''
  for (let wait = 100; ; wait = Math.min(wait * 1.5, 3_000)) {
    const { metadata, spec, status } = await api.deployment(namespace, deployment)
    const replicas = spec?.replicas ?? 1
    const seen = (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0)
    const updated = status?.updatedReplicas ?? 0
    const ready = status?.availableReplicas ?? 0
    if (seen && updated >= replicas && ready >= replicas && (status?.replicas ?? 0) <= replicas) {
      const pods = await api.pods(namespace, podLabels)
      if (pods.filter(running).length <= replicas) return
    }
    const stalled = status?.conditions?.find(
      ({ type, status: value }) => type === 'Progressing' && value === 'False'
    )
    const failure = status?.conditions?.find(
      ({ type, status: value }) => type === 'ReplicaFailure' && value === 'True'
    )
    if ((seen && stalled) || Date.now() > until) {
      const reason = failure?.message ?? stalled?.message ?? 'it takes too long'
      throw new Problem({
        what: `The rollout of ${namespace}/${deployment} does not finish: ${reason}`,
        expected: `${replicas} new pods`,
        found: `${updated} new, ${ready} available`,
        remedy: `kubectl -n ${namespace} describe deploy/${deployment}; kubectl -n ${namespace} get events`
      })
    }
    const progress = `Rollout of ${deployment}: ${updated} of ${replicas} pods new, ${ready} available.`
    if (progress !== told) patience.say(progress)
    told = progress
    await waited(patience, wait)
  }
}

function tenantAnnotation({ tenantId }: Want, { serviceAccount }: Seen): Record<string, string> {
  return serviceAccount?.metadata?.annotations?.[TENANT_ID] === undefined ? {} : { [TENANT_ID]: tenantId }
}

function labelOf(deployment: V1Deployment): string | undefined {
  return deployment.spec?.template.metadata?.labels?.[LABEL]
}

function running({ metadata, status }: V1Pod): boolean {
  return (
    metadata?.deletionTimestamp === undefined && status?.phase !== 'Succeeded' && status?.phase !== 'Failed'
  )
}

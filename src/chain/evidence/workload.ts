/** The repo-server in the cluster, as evidence: its objects, its pods, the webhook, events and network policies. */
import type { V1Container, V1Deployment, V1Pod, V1ServiceAccount } from '@kubernetes/client-node'
import { labelsMatch } from '../../argocd/selectors.ts'
import { CLIENT_ID, running } from '../../argocd/identity.ts'
import type { Instance } from '../../argocd/instance.ts'
import { managerOf } from '../../argocd/managers.ts'
import { writersOf } from '../../argocd/writers.ts'
import { safe } from '../../http/errors.ts'
import { recordOf } from '../../http/request.ts'
import type { ClusterEvent, Evidence, Network, Pod, Webhook, Workload } from '../../diagnosis/evidence.ts'
import type { Kubernetes, ObjectKind } from '../../services/kubernetes/api.ts'
import { orUnread, type Reader } from './reader.ts'

/** Variables whose value is no secret. */
const SHOWN =
  /^(?:AZURE_(?:CLIENT_ID|TENANT_ID|FEDERATED_TOKEN_FILE|AUTHORITY_HOST|TOKEN_CREDENTIALS)|https?_proxy|no_proxy)$/i

export async function readWorkload(
  instance: Instance,
  api: Kubernetes,
  reader: Reader
): Promise<Pick<Evidence, 'workload'>> {
  const { namespace, deployment: name, podLabels, container: own } = instance
  const [deployment, pods, accounts] = await Promise.all([
    orUnread(reader, `the Deployment ${name}`, () => api.deployment(namespace, name)),
    orUnread(reader, 'the repo-server pods', () => api.pods(namespace, podLabels)),
    orUnread(reader, `service accounts of ${namespace}`, () => accountsOf(namespace, instance.account, api))
  ])
  if (!deployment || !pods || !accounts) return {}
  const { template } = deployment.spec ?? {}
  const container = template?.spec?.containers.find((one) => one.name === own)
  const sources = await Promise.all(
    sourcesOf(container).map(async ({ kind, name: source }) => {
      const keys =
        kind === 'Secret'
          ? await orUnread(reader, `keys of the Secret ${source}`, () =>
              api.reads.secretKeys(namespace, source)
            )
          : undefined
      return { kind, name: source, keys }
    })
  )
  const account = template?.spec?.serviceAccountName ?? 'default'
  const mine = accounts.find(({ metadata }) => metadata?.name === account)
  const workload: Workload = {
    namespace,
    deployment: name,
    container: own,
    account,
    annotations: mine && (mine.metadata?.annotations ?? {}),
    annotatedElsewhere: accounts
      .filter((one) => one !== mine)
      .flatMap(({ metadata }) => {
        const clientId = metadata?.annotations?.[CLIENT_ID]
        return clientId === undefined ? [] : [{ account: metadata?.name ?? '', clientId }]
      }),
    accountLabels: mine?.metadata?.labels ?? {},
    deploymentLabels: deployment.metadata?.labels ?? {},
    templateLabels: template?.metadata?.labels ?? {},
    templateAnnotations: template?.metadata?.annotations ?? {},
    variables: (container?.env ?? []).map(({ name: variable, value }) => ({
      name: variable,
      value: SHOWN.test(variable) ? value : undefined
    })),
    variableSources: sources,
    pods: pods.filter(running).map((pod) => podOf(pod, own)),
    replicas: deployment.spec?.replicas ?? 1,
    paused: deployment.spec?.paused === true,
    image: container?.image ?? '',
    managers: managersOf(deployment, mine),
    writers: {
      label: writersOf(deployment.metadata, 'spec', 'template', 'metadata', 'labels')[0],
      annotation: writersOf(mine?.metadata, 'metadata', 'annotations')[0]
    }
  }
  return { workload }
}

/** That of the pods, and the others of the namespace where they may be listed. */
async function accountsOf(namespace: string, account: string, api: Kubernetes): Promise<V1ServiceAccount[]> {
  const found: V1ServiceAccount[] = []
  await api.reads
    .listCore('serviceaccounts', namespace, (item) => found.push(item as V1ServiceAccount))
    .catch(async () => {
      const one = await api.serviceAccount(namespace, account)
      if (one) found.push(one)
    })
  return found
}

function sourcesOf(container: V1Container | undefined): { kind: 'Secret' | 'ConfigMap'; name: string }[] {
  return (container?.envFrom ?? []).flatMap(({ secretRef, configMapRef }) => [
    ...(secretRef?.name === undefined ? [] : [{ kind: 'Secret' as const, name: secretRef.name }]),
    ...(configMapRef?.name === undefined ? [] : [{ kind: 'ConfigMap' as const, name: configMapRef.name }])
  ])
}

function podOf({ metadata, spec, status }: V1Pod, own: string): Pod {
  const container = spec?.containers.find(({ name }) => name === own)
  const state = status?.containerStatuses?.find(({ name }) => name === own)
  const file = container?.env?.find(({ name }) => name === 'AZURE_FEDERATED_TOKEN_FILE')?.value ?? ''
  const mount = container?.volumeMounts?.find(({ mountPath }) => file.startsWith(`${mountPath}/`))
  const projected = spec?.volumes?.find(({ name }) => name === mount?.name)?.projected?.sources
  const { reason, message } = state?.state?.waiting ?? {}
  return {
    name: metadata?.name ?? '',
    environment: Object.fromEntries(
      (container?.env ?? [])
        .filter(({ name }) => SHOWN.test(name))
        .map(({ name, value }) => [name, value === undefined ? undefined : safe(value, 300)])
    ),
    audience: projected?.flatMap(({ serviceAccountToken }) => serviceAccountToken ?? [])[0]?.audience,
    ready: state?.ready === true,
    waiting: reason === undefined ? undefined : safe(`${reason} ${message ?? ''}`, 200)
  }
}

function managersOf(deployment: V1Deployment, account: V1ServiceAccount | undefined): string[] {
  const who = [deployment.metadata, account?.metadata].flatMap((metadata) => managerOf(metadata)?.who ?? [])
  return [...new Set(who)]
}

const WEBHOOKS: ObjectKind = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  plural: 'mutatingwebhookconfigurations'
}
const SLICES: ObjectKind = { group: 'discovery.k8s.io', version: 'v1', plural: 'endpointslices' }
const POLICIES: ObjectKind = { group: 'networking.k8s.io', version: 'v1', plural: 'networkpolicies' }

export async function readWebhook(api: Kubernetes, reader: Reader): Promise<Pick<Evidence, 'webhook'>> {
  const found: { namespace: string; name: string }[] = []
  const listed = await orUnread(reader, 'webhook configurations', async () => {
    await api.listObjects(WEBHOOKS, undefined, (item) => {
      const { webhooks } = recordOf(item)
      for (const one of Array.isArray(webhooks) ? webhooks : []) {
        const { name, clientConfig } = recordOf(one)
        if (typeof name !== 'string' || !/azure-workload-identity/.test(name)) continue
        const service = recordOf(recordOf(clientConfig)['service'])
        found.push({ namespace: text(service['namespace']), name: text(service['name']) })
      }
    })
    return true
  })
  if (!listed) return {}
  const [service] = found
  if (!service) return { webhook: { registered: false, service: undefined, ready: undefined } }
  // A webhook may have a URL instead of a Service.
  if (service.name === '') return { webhook: { registered: true, service: undefined, ready: undefined } }
  const ready = await orUnread(reader, 'endpoints of the webhook', () => readyOf(service, api))
  const webhook: Webhook = { registered: true, service: `${service.namespace}/${service.name}`, ready }
  return { webhook }
}

async function readyOf(
  { namespace, name }: { namespace: string; name: string },
  api: Kubernetes
): Promise<number> {
  let ready = 0
  await api.listObjects(SLICES, namespace, (item) => {
    const { metadata, endpoints } = recordOf(item)
    if (recordOf(recordOf(metadata)['labels'])['kubernetes.io/service-name'] !== name) return
    for (const one of Array.isArray(endpoints) ? endpoints : [])
      if (recordOf(recordOf(one)['conditions'])['ready'] !== false) ready += 1
  })
  return ready
}

export async function readEvents(
  { namespace, deployment }: Instance,
  api: Kubernetes,
  reader: Reader
): Promise<Pick<Evidence, 'events'>> {
  const events: ClusterEvent[] = []
  const listed = await orUnread(reader, `events of ${namespace}`, async () => {
    await api.reads.listCore('events', namespace, (item) => {
      const { reason, message, involvedObject } = recordOf(item)
      const { kind, name } = recordOf(involvedObject)
      const object = `${text(kind)}/${text(name)}`
      if (!text(name).startsWith(deployment)) return
      events.push({ reason: text(reason), message: text(message), object: safe(object, 200) })
    })
    return true
  })
  return listed ? { events } : {}
}

export async function readNetwork(
  { namespace, object }: Instance,
  api: Kubernetes,
  reader: Reader
): Promise<Pick<Evidence, 'network'>> {
  const policies: { name: string; nothing: boolean }[] = []
  const labels = object.spec?.template.metadata?.labels ?? {}
  const listed = await orUnread(reader, `network policies of ${namespace}`, async () => {
    await api.listObjects(POLICIES, namespace, (item) => {
      const { metadata, spec } = recordOf(item)
      const { podSelector, policyTypes, egress } = recordOf(spec)
      const types = Array.isArray(policyTypes) ? policyTypes : []
      if (!types.includes('Egress') || !labelsMatch(recordOf(podSelector), labels)) return
      const nothing = !Array.isArray(egress) || egress.length === 0
      policies.push({ name: text(recordOf(metadata)['name']), nothing })
    })
    return true
  })
  const network: Network = { egressPolicies: policies }
  return listed ? { network } : {}
}

function text(value: unknown): string {
  return typeof value === 'string' ? safe(value, 1_000) : ''
}

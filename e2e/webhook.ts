/**
 * The real workload identity webhook, with the permissions of its manifests; the API server calls it on this machine.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { KubeObject } from '../sandbox/kubernetes/objects.ts'
import { makeCertificateFor } from '../sandbox/certificates.ts'
import { freePort, startChild, type Child } from './child.ts'
import { kubeconfigOf, OURS, type ControlPlane } from './control-plane.ts'
import { applyAll, readManifests } from './manifests.ts'
import type { Parts } from './parts.ts'

const NAMESPACE = 'azure-workload-identity-system'
const ACCOUNT = 'azure-wi-webhook-admin'
/** Where another cluster's API server reaches this machine. */
const KNOWN_PORT = 9443
const CONFIGURATION = 'MutatingWebhookConfiguration'

export interface Webhook extends Child {
  /** What the API server finds: the webhook, no registration, or an address that does not answer. */
  register(as: 'on' | 'absent' | 'down'): Promise<void>
}

export async function startWebhook(
  parts: Parts,
  { kube, access }: ControlPlane,
  options: { folder: string; tenantId: string; host: string; isOtherCluster: boolean }
): Promise<Webhook> {
  const { folder, tenantId, host } = options
  const port = options.isOtherCluster ? KNOWN_PORT : await freePort()
  const { tls } = await makeCertificateFor(host)
  const manifests = await readManifests(parts.files['webhook.yaml'])
  const wanted = new Set([
    'Namespace',
    'ServiceAccount',
    'Role',
    'ClusterRole',
    'RoleBinding',
    'ClusterRoleBinding'
  ])
  await applyAll(
    kube,
    manifests.filter(({ kind }) => wanted.has(kind))
  )
  await mkdir(folder, { recursive: true })
  const kubeconfig = join(folder, 'kubeconfig')
  const token = await kube.token(NAMESPACE, ACCOUNT)
  await writeFile(kubeconfig, kubeconfigOf({ ...access, token }), { mode: 0o600 })
  await writeFile(join(folder, 'tls.crt'), tls.cert)
  await writeFile(join(folder, 'tls.key'), tls.key, { mode: 0o600 })
  const health = await freePort()
  const child = await startChild(parts.webhook, {
    args: [
      '--disable-cert-rotation',
      `--webhook-cert-dir=${folder}`,
      `--health-addr=127.0.0.1:${health}`,
      '--metrics-addr=0',
      '--log-level=info'
    ],
    env: {
      KUBECONFIG: kubeconfig,
      POD_NAMESPACE: NAMESPACE,
      AZURE_TENANT_ID: tenantId,
      PATLESS_E2E_PORT: String(port)
    },
    log: join(folder, 'webhook.log'),
    ready: `http://127.0.0.1:${health}/readyz`
  })
  const configuration = manifests.find(({ kind }) => kind === CONFIGURATION)
  if (!configuration) throw new Error(`no ${CONFIGURATION} in ${parts.files['webhook.yaml']}`)
  const place = {
    apiVersion: configuration.apiVersion,
    resource: 'mutatingwebhookconfigurations',
    name: configuration.metadata.name
  }
  const register: Webhook['register'] = async (as) => {
    if (as === 'absent') return kube.remove(place)
    const url = `https://${host}:${as === 'on' ? port : await freePort()}/mutate-v1-pod`
    await kube.apply(reachedBy(configuration, { url, caBundle: Buffer.from(tls.ca).toString('base64') }))
  }
  await register('on')
  return { register, stop: () => child.stop() }
}

function reachedBy(configuration: KubeObject, clientConfig: object): KubeObject {
  const webhooks = configuration['webhooks'] as readonly object[]
  const metadata = { ...configuration.metadata, labels: OURS }
  return { ...configuration, metadata, webhooks: webhooks.map((one) => ({ ...one, clientConfig })) }
}

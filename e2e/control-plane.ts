/**
 * A real kube-apiserver on etcd with RBAC, and the real controllers of Deployments. The issuer of its service account
 * tokens publishes its keys on this machine; the API server accepts Entra's tokens, like AKS.
 */
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'
import type { Tls } from '../sandbox/server.ts'
import { AUDIENCES, type ClusterAccess } from '../sandbox/world.ts'
import { freePort, startChild, type Child } from './child.ts'
import { Kube, type Place } from './kube.ts'
import type { Parts } from './parts.ts'

export interface ControlPlane {
  readonly access: ClusterAccess
  /** The API with an administrator's login. */
  readonly kube: Kube
  /** Whether it accepts the Entra twin's tokens. */
  readonly entra: boolean
  stop(): Promise<void>
}

export async function startControlPlane(
  parts: Parts,
  { folder, tls, entra }: { folder: string; tls: Tls; entra: { url: string; tenantId: string } }
): Promise<ControlPlane> {
  await mkdir(folder, { recursive: true })
  const children: Child[] = []
  const stop = async (): Promise<void> => {
    for (const child of children.reverse()) await child.stop()
  }
  try {
    const [client, peer, port] = [await freePort(), await freePort(), await freePort()]
    const etcd = `http://127.0.0.1:${client}`
    children.push(
      await startChild(parts.etcd, {
        args: etcdArguments(join(folder, 'etcd'), etcd, `http://127.0.0.1:${peer}`),
        log: join(folder, 'etcd.log'),
        ready: `${etcd}/health`
      })
    )
    const server = `https://localhost:${port}`
    const token = randomUUID()
    const files = await writeFiles(folder, { tls, entra, token })
    children.push(
      await startChild(parts['kube-apiserver'], {
        args: serverArguments({ etcd, port, server, files, folder }),
        log: join(folder, 'kube-apiserver.log'),
        ready: `${server}/readyz`
      })
    )
    const kubeconfig = join(folder, 'kubeconfig')
    await writeFile(kubeconfig, kubeconfigOf({ server, ca: tls.ca, token }), { mode: 0o600 })
    children.push(
      await startChild(parts.controllers, {
        args: ['--kubeconfig', kubeconfig],
        log: join(folder, 'controllers.log')
      })
    )
    const kube = Kube.of({ server, ca: tls.ca, token })
    await discoverable(kube)
    const access = { server, ca: tls.ca, issuer: `${server}/`, extensions: NO_EXTENSIONS }
    return { access, kube, entra: true, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/**
 * Any cluster that a kubeconfig names, with its API server, issuer and controllers; it does not accept Entra's tokens.
 */
export async function givenControlPlane(kubeconfig: string): Promise<ControlPlane> {
  const { kube, ca } = await Kube.from(kubeconfig)
  await assertSpare(kube)
  await discoverable(kube)
  const { body } = await kube.request('GET', '/.well-known/openid-configuration')
  const { issuer } = body as { issuer: string }
  const access = { server: kube.server, ca, issuer, extensions: NO_EXTENSIONS }
  return { access, kube, entra: false, stop: () => Promise.resolve() }
}

/** The label on everything that the suite creates in a cluster and may replace. */
export const OURS = { 'patless/e2e': 'true' }

/** @throws {Error} when the cluster already has, from somebody else, what the suite would replace */
async function assertSpare(kube: Kube): Promise<void> {
  const places: Place[] = [
    { apiVersion: 'v1', resource: 'namespaces', name: 'argocd' },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      resource: 'mutatingwebhookconfigurations',
      name: 'azure-wi-webhook-mutating-webhook-configuration'
    }
  ]
  for (const place of places) {
    const found = await kube.find(place)
    if (found && found.metadata.labels?.['patless/e2e'] !== OURS['patless/e2e'])
      throw new Error(
        `the cluster has its own ${place.resource} ${place.name ?? ''}: give the suite a spare one`
      )
  }
}

/** The cluster has no extension agent to which ARM could send an installation. */
const NO_EXTENSIONS: ClusterAccess['extensions'] = {
  roll: () => Promise.resolve('this cluster has no agent of extensions'),
  remove: () => undefined
}

export function kubeconfigOf({ server, ca, token }: { server: string; ca: string; token: string }): string {
  const cluster = { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') }
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'e2e', cluster }],
    contexts: [{ name: 'e2e', context: { cluster: 'e2e', user: 'e2e' } }],
    'current-context': 'e2e',
    users: [{ name: 'e2e', user: { token } }]
  })
}

function etcdArguments(data: string, client: string, peer: string): string[] {
  return [
    '--data-dir',
    data,
    '--listen-client-urls',
    client,
    '--advertise-client-urls',
    client,
    '--listen-peer-urls',
    peer,
    '--initial-advertise-peer-urls',
    peer,
    '--initial-cluster',
    `default=${peer}`
  ]
}

interface ServerFiles {
  readonly cert: string
  readonly key: string
  readonly accounts: string
  readonly accountsPublic: string
  readonly tokens: string
  readonly authentication: string
}

function serverArguments(of: {
  etcd: string
  port: number
  server: string
  files: ServerFiles
  folder: string
}): string[] {
  const { etcd, port, server, files, folder } = of
  return [
    `--etcd-servers=${etcd}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    '--advertise-address=127.0.0.1',
    '--service-cluster-ip-range=10.0.0.0/24',
    `--cert-dir=${folder}`,
    `--tls-cert-file=${files.cert}`,
    `--tls-private-key-file=${files.key}`,
    '--authorization-mode=RBAC',
    `--token-auth-file=${files.tokens}`,
    `--authentication-config=${files.authentication}`,
    // With a trailing slash, as on AKS.
    `--service-account-issuer=${server}/`,
    `--service-account-jwks-uri=${server}/openid/v1/jwks`,
    `--service-account-signing-key-file=${files.accounts}`,
    `--service-account-key-file=${files.accountsPublic}`,
    '--api-audiences=https://kubernetes.default.svc.cluster.local',
    '--endpoint-reconciler-type=none',
    '--enable-priority-and-fairness=false'
  ]
}

async function writeFiles(
  folder: string,
  { tls, entra, token }: { tls: Tls; entra: { url: string; tenantId: string }; token: string }
): Promise<ServerFiles> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const texts: Record<keyof ServerFiles, string> = {
    cert: tls.cert,
    key: tls.key,
    accounts: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    accountsPublic: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    tokens: `${token},e2e-admin,e2e-admin,system:masters\n`,
    authentication: stringify(authenticationOf(tls, entra))
  }
  const written = Object.entries(texts).map(async ([name, text]) => {
    const path = join(folder, name)
    await writeFile(path, text, { mode: 0o600 })
    return [name, path] as const
  })
  return Object.fromEntries(await Promise.all(written)) as unknown as ServerFiles
}

/** As on AKS: an Entra token for the server application identifies a user by object id. */
function authenticationOf({ ca }: Tls, { url, tenantId }: { url: string; tenantId: string }): unknown {
  return {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AuthenticationConfiguration',
    anonymous: { enabled: true },
    jwt: [
      {
        issuer: {
          url: `https://sts.windows.net/${tenantId}/`,
          discoveryURL: `${url}/${tenantId}/.well-known/openid-configuration`,
          certificateAuthority: ca,
          audiences: [AUDIENCES.aks]
        },
        claimMappings: { username: { claim: 'oid', prefix: '' }, groups: { claim: 'groups', prefix: '' } }
      }
    ]
  }
}

/** The issuer's document and keys are public, as on AKS. */
async function discoverable(kube: Kube): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const role = 'system:service-account-issuer-discovery'
    if (await kube.find({ apiVersion: RBAC, resource: 'clusterroles', name: role })) {
      await kube.apply({
        apiVersion: RBAC,
        kind: 'ClusterRoleBinding',
        metadata: { name: 'e2e-issuer-discovery' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
        subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:unauthenticated' }]
      })
      return
    }
    if (tries === 100) throw new Error(`the API server has no ClusterRole ${role}`)
    await sleep(100)
  }
}

const RBAC = 'rbac.authorization.k8s.io/v1'

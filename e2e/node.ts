/**
 * Plays the node: kubelet, and the Service of the repo-server. Each pod of Argo CD becomes processes on this machine
 * with exactly the environment of the pod, and files in place of its volumes. Pods stay unscheduled, so that the nodes
 * of a real cluster ignore them.
 */
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { connect, createServer, type AddressInfo, type Server } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { V1Container, V1EnvVar, V1Pod, V1Volume } from '@kubernetes/client-node'
import { freePort, startChild, type Child } from './child.ts'
import { kubeconfigOf, type ControlPlane } from './control-plane.ts'
import type { EntraName } from './entra-name.ts'
import type { Parts } from './parts.ts'

/** Pods with this scheduler belong to this node. */
export const SCHEDULER = 'patless-e2e'
const AZURE_TOKEN_FILE = 'AZURE_FEDERATED_TOKEN_FILE'
/** Programs that run here; other pods are only marked as ready. */
const RUN = new Set(['argocd-repo-server', 'argocd-application-controller'])

export interface Node {
  /** host:port of the repo-server's Service. */
  readonly repoServer: string
  stop(): Promise<void>
}

interface Running {
  readonly pod: V1Pod
  readonly program: string
  readonly port: number
  readonly started: Promise<Child | undefined>
  ready: boolean
}

export async function startNode(
  { kube, access }: ControlPlane,
  options: { folder: string; parts: Parts; entra: EntraName }
): Promise<Node> {
  const { folder, parts, entra } = options
  const running = new Map<string, Running>()
  const binaries = join(folder, 'bin')
  await mkdir(binaries, { recursive: true })
  // As in the image: one program whose name selects its function; git calls it as argocd for the credentials.
  for (const name of ['argocd', ...RUN]) await symlink(parts.argocd, join(binaries, name))
  await symlink(parts.files['git-verify-wrapper.sh'], join(binaries, 'git-verify-wrapper.sh'))
  const trusted = join(folder, 'entra.pem')
  await writeFile(trusted, entra.ca)
  const PATH = `${binaries}:${process.env['PATH'] ?? ''}`
  /**
   * Only the repo-server connects to the outside; other programs would also send gRPC to the repo-server through the
   * proxy.
   */
  const outside = {
    SSL_CERT_FILE: trusted,
    HTTPS_PROXY: entra.proxy,
    HTTP_PROXY: entra.proxy,
    NO_PROXY: 'localhost,127.0.0.1'
  }

  const valueOf = async (variable: V1EnvVar, namespace: string): Promise<string | undefined> => {
    const { value, valueFrom } = variable
    if (!valueFrom) return value ?? ''
    const { configMapKeyRef, secretKeyRef, fieldRef } = valueFrom
    if (fieldRef) return fieldRef.fieldPath === 'metadata.namespace' ? namespace : undefined
    const reference = configMapKeyRef ?? secretKeyRef
    const resource = configMapKeyRef ? 'configmaps' : 'secrets'
    const place = { apiVersion: 'v1', resource, namespace, name: reference?.name ?? '' }
    const data = (await kube.find<{ data?: Record<string, string> }>(place))?.data ?? {}
    const found = data[reference?.key ?? '']
    if (found === undefined) return undefined
    return secretKeyRef ? Buffer.from(found, 'base64').toString('utf8') : found
  }

  /** Files of one volume, as kubelet projects them: tokens and ConfigMaps. */
  const filesOf = async (volume: V1Volume, pod: V1Pod): Promise<Record<string, string>> => {
    const { namespace = '' } = pod.metadata ?? {}
    const files: Record<string, string> = {}
    for (const { serviceAccountToken: token } of volume.projected?.sources ?? []) {
      if (token === undefined) continue
      const audiences = token.audience === undefined ? [] : [token.audience]
      files[token.path] = await kube.token(namespace, pod.spec?.serviceAccountName ?? 'default', audiences)
    }
    const name = volume.configMap?.name
    if (name !== undefined) {
      const place = { apiVersion: 'v1', resource: 'configmaps', namespace, name }
      Object.assign(files, (await kube.find<{ data?: Record<string, string> }>(place))?.data)
    }
    return files
  }

  const mounted = async (pod: V1Pod, container: V1Container, root: string): Promise<void> => {
    for (const { name, mountPath } of container.volumeMounts ?? []) {
      const volume = pod.spec?.volumes?.find((one) => one.name === name)
      const at = join(root, mountPath)
      await mkdir(at, { recursive: true })
      for (const [path, text] of Object.entries(volume ? await filesOf(volume, pod) : {})) {
        await mkdir(dirname(join(at, path)), { recursive: true })
        await writeFile(join(at, path), text, { mode: 0o600 })
      }
    }
  }

  const environmentOf = async (
    pod: V1Pod,
    container: V1Container,
    root: string
  ): Promise<Record<string, string>> => {
    const environment: Record<string, string> = {}
    for (const variable of container.env ?? []) {
      const value = await valueOf(variable, pod.metadata?.namespace ?? '')
      if (value !== undefined) environment[variable.name] = value
    }
    // Processes see this machine's root folder, not the pod's.
    const token = environment[AZURE_TOKEN_FILE]
    return { ...environment, ...(token === undefined ? {} : { [AZURE_TOKEN_FILE]: join(root, token) }) }
  }

  const launch = async (pod: V1Pod, container: V1Container, port: number): Promise<Child | undefined> => {
    const program = programOf(container)
    if (!RUN.has(program)) return undefined
    const root = join(folder, 'pods', pod.metadata?.uid ?? '')
    await mounted(pod, container, root)
    const metrics = await freePort()
    const kubeconfig = join(root, 'kubeconfig')
    await mkdir(join(root, 'tmp'), { recursive: true })
    const inside = {
      HOME: root,
      TMPDIR: join(root, 'tmp'),
      ARGOCD_ASK_PASS_SOCK: join(root, 'ask.sock'),
      ARGOCD_GPG_ENABLED: 'false',
      ARGOCD_TLS_DATA_PATH: join(root, 'app/config/tls'),
      ARGOCD_SSH_DATA_PATH: join(root, 'app/config/ssh')
    }
    const { namespace = '' } = pod.metadata ?? {}
    const serving = program === 'argocd-repo-server'
    // The cluster login of the service account; the repo-server has no token for it.
    if (!serving) {
      const token = await kube.token(namespace, pod.spec?.serviceAccountName ?? 'default')
      await writeFile(kubeconfig, kubeconfigOf({ ...access, token }), { mode: 0o600 })
    }
    const own = serving ? ['--port', String(port)] : ['--namespace', namespace]
    const reach = serving ? outside : { KUBECONFIG: kubeconfig, ARGOCD_FAKE_IN_CLUSTER: 'true' }
    return startChild(join(binaries, program), {
      args: [...(container.args ?? []).slice(1), ...own, '--metrics-port', String(metrics)],
      env: { PATH, ...inside, ...reach, ...(await environmentOf(pod, container, root)) },
      cwd: root,
      log: join(folder, `${pod.metadata?.name ?? program}.log`),
      ready: `http://127.0.0.1:${metrics}/healthz`
    })
  }

  const begin = async (pod: V1Pod): Promise<void> => {
    const [container] = pod.spec?.containers ?? []
    const uid = pod.metadata?.uid ?? ''
    if (!container) return
    const port = await freePort()
    const started = launch(pod, container, port)
    const one: Running = { pod, program: programOf(container), port, started, ready: false }
    running.set(uid, one)
    started.then(
      async () => {
        if (!running.has(uid)) return
        await kube.merge(placeOf(pod), { status: readyStatus(pod) }, '/status')
        one.ready = true
      },
      (error: unknown) => {
        process.stderr.write(`pod ${pod.metadata?.name ?? ''}: ${String(error)}\n`)
      }
    )
  }

  const ending = new AbortController()
  const round = async (): Promise<void> => {
    const { body } = await kube.request('GET', `/api/v1/pods?fieldSelector=spec.schedulerName%3D${SCHEDULER}`)
    const pods = ((body as { items?: V1Pod[] }).items ?? []).filter(
      ({ metadata }) => !metadata?.deletionTimestamp
    )
    const alive = new Set(pods.map(({ metadata }) => metadata?.uid ?? ''))
    for (const [uid, { started }] of [...running]) {
      if (alive.has(uid)) continue
      running.delete(uid)
      await started.then((child) => child?.stop()).catch(() => undefined)
    }
    for (const pod of pods) if (!running.has(pod.metadata?.uid ?? '')) await begin(pod)
  }
  const loop = (async () => {
    while (!ending.signal.aborted) {
      await round().catch((error: unknown) => {
        process.stderr.write(`node: ${String(error)}\n`)
      })
      await sleep(150)
    }
  })()

  const service = await forwarding(() => {
    const ready = [...running.values()].filter((one) => one.ready && one.program === 'argocd-repo-server')
    return ready.at(-1)?.port
  })
  return {
    repoServer: `127.0.0.1:${(service.address() as AddressInfo).port}`,
    async stop() {
      ending.abort()
      await loop
      service.close()
      for (const { started } of running.values())
        await started.then((child) => child?.stop()).catch(() => undefined)
    }
  }
}

function programOf({ args = [], command = [] }: V1Container): string {
  return basename([...command, ...args][0] ?? '')
}

function placeOf({ metadata }: V1Pod) {
  const { namespace, name = '' } = metadata ?? {}
  return { apiVersion: 'v1', resource: 'pods', namespace, name }
}

function readyStatus({ spec }: V1Pod): unknown {
  const now = `${new Date().toISOString().slice(0, 19)}Z`
  return {
    phase: 'Running',
    startTime: now,
    conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
      type,
      status: 'True',
      lastTransitionTime: now
    })),
    containerStatuses: (spec?.containers ?? []).map(({ name, image }) => ({
      name,
      image,
      imageID: image,
      ready: true,
      started: true,
      restartCount: 0,
      state: { running: { startedAt: now } }
    }))
  }
}

/** Forwards each connection to a pod that is ready at that time. */
async function forwarding(portOf: () => number | undefined): Promise<Server> {
  const server = createServer((socket) => {
    const port = portOf()
    socket.on('error', () => socket.destroy())
    if (port === undefined) {
      socket.destroy()
      return
    }
    const to = connect(port, '127.0.0.1')
    to.on('error', () => socket.destroy()).on('close', () => socket.destroy())
    socket.on('close', () => to.destroy())
    socket.pipe(to)
    to.pipe(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

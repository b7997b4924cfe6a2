/** Installs Argo CD with its own manifests, and asks it in every case whether it can read a repository. */
import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { V1Deployment, V1Pod } from '@kubernetes/client-node'
import type { KubeObject } from '../sandbox/kubernetes/objects.ts'
import { OURS } from './control-plane.ts'
import type { Kube, Place } from './kube.ts'
import { applyAll, readManifests } from './manifests.ts'
import { SCHEDULER } from './node.ts'

export const NAMESPACE = 'argocd'
export const REPO_SERVER = 'argocd-repo-server'
export const DEPLOYMENT: Place = {
  apiVersion: 'apps/v1',
  resource: 'deployments',
  namespace: NAMESPACE,
  name: REPO_SERVER
}
const PODS = { apiVersion: 'v1', resource: 'pods', namespace: NAMESPACE }
const OF_REPO_SERVER = `app.kubernetes.io/name=${REPO_SERVER}`
const REFRESH = 'argocd.argoproj.io/refresh'
const APPLICATION = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application' } as const
/** Time limit of one answer, in ms. */
const ANSWER = 60_000

export interface ArgoAnswer {
  readonly connected: boolean
  /** The commit that it resolved and fetched. */
  readonly revision: string | undefined
  /** Its own message. */
  readonly message: string
}

interface Application {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> }
  readonly status?: {
    readonly reconciledAt?: string
    readonly conditions?: readonly { readonly type: string; readonly message: string }[]
    readonly sync?: { readonly status?: string; readonly revision?: string }
  }
}

/** @param ca certificate of the repositories' host */
export async function installArgoCd(
  kube: Kube,
  manifests: string,
  { redis, repoServer, ca }: { redis: { address: string; password: string }; repoServer: string; ca: string }
): Promise<void> {
  await kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE, labels: OURS } })
  const partOf = { 'app.kubernetes.io/part-of': 'argocd' }
  const all = (await readManifests(manifests)).map(ofThisNode)
  const definitions = all.filter(({ kind }) => kind === 'CustomResourceDefinition')
  const workloads = all.filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet')
  await applyAll(
    kube,
    all.filter((one) => !workloads.includes(one)),
    NAMESPACE
  )
  const object = (kind: string, name: string, more: object): KubeObject => ({
    apiVersion: 'v1',
    kind,
    metadata: { name, namespace: NAMESPACE, labels: partOf },
    ...more
  })
  // Before anything starts: writes the configuration that argocd-server and its jobs create at their first start.
  await kube.apply(object('Secret', 'argocd-redis', { stringData: { auth: redis.password } }))
  const secretKey = randomBytes(32).toString('base64')
  await kube.apply(object('Secret', 'argocd-secret', { stringData: { 'server.secretkey': secretKey } }))
  await kube.apply(object('ConfigMap', 'argocd-tls-certs-cm', { data: { localhost: ca } }))
  const parameters = {
    'redis.server': redis.address,
    'repo.server': repoServer,
    'reposerver.listen.address': '127.0.0.1'
  }
  await kube.apply(object('ConfigMap', 'argocd-cmd-params-cm', { data: parameters }))
  await established(kube, definitions)
  const spec = {
    sourceRepos: ['*'],
    destinations: [{ namespace: '*', server: '*' }],
    clusterResourceWhitelist: [{ group: '*', kind: '*' }]
  }
  await kube.apply({
    apiVersion: APPLICATION.apiVersion,
    kind: 'AppProject',
    metadata: { name: 'default', namespace: NAMESPACE },
    spec
  })
  await applyAll(kube, workloads, NAMESPACE)
  await rolledOut(kube)
}

/** An Application that only reads: it resolves and fetches the repository, and finds nothing to deploy. */
export async function makeReader(kube: Kube, name: string, repoURL: string): Promise<Place> {
  await kube.create({
    ...APPLICATION,
    metadata: { name, namespace: NAMESPACE, annotations: { [REFRESH]: 'hard' } },
    spec: {
      project: 'default',
      source: { repoURL, targetRevision: 'HEAD', path: '.', directory: { include: 'nothing-has-this-name' } },
      destination: { server: 'https://kubernetes.default.svc', namespace: 'default' }
    }
  })
  return { apiVersion: APPLICATION.apiVersion, resource: 'applications', namespace: NAMESPACE, name }
}

/** Forces a refresh of an Application. @returns the answer of this refresh */
export async function refreshArgoCd(kube: Kube, place: Place): Promise<ArgoAnswer> {
  const asked = Math.floor(Date.now() / 1000) * 1000
  await kube.merge(place, { metadata: { annotations: { [REFRESH]: 'hard' } } })
  const until = Date.now() + ANSWER
  while (Date.now() < until) {
    const now = await kube.get<Application>(place)
    const isNew = Date.parse(now.status?.reconciledAt ?? '') >= asked
    const answer = isNew && now.metadata.annotations?.[REFRESH] === undefined ? answerOf(now) : undefined
    if (answer) return answer
    await sleep(100)
  }
  throw new Error(`Argo CD did not refresh ${place.name ?? ''} in ${ANSWER / 1000} s`)
}

/** Uses a temporary Application: Argo CD resolves, fetches, and finds nothing to deploy. */
export async function askArgoCd(kube: Kube, repoURL: string): Promise<ArgoAnswer> {
  const place = await makeReader(kube, `e2e-${randomUUID().slice(0, 8)}`, repoURL)
  try {
    const until = Date.now() + ANSWER
    while (Date.now() < until) {
      const answer = answerOf(await kube.get<Application>(place))
      if (answer) return answer
      await sleep(200)
    }
    throw new Error(`Argo CD gave no answer about ${repoURL} in ${ANSWER / 1000} s`)
  } finally {
    await kube.remove(place)
  }
}

/** undefined while Argo CD has not compared it. */
function answerOf({ status = {} }: Application): ArgoAnswer | undefined {
  const { reconciledAt, conditions = [], sync } = status
  const message = conditions.map((one) => `${one.type}: ${one.message}`).join('\n')
  if (/InvalidSpecError|UnknownError/.test(message)) throw new Error(`the question was wrong: ${message}`)
  if (message.includes('ComparisonError')) return { connected: false, revision: undefined, message }
  if (reconciledAt === undefined || sync?.revision === undefined) return undefined
  return { connected: true, revision: sync.revision, message }
}

/** Assigns its pods to the node of this suite. */
function ofThisNode(object: KubeObject): KubeObject {
  if (object.kind !== 'Deployment' && object.kind !== 'StatefulSet') return object
  const spec = object.spec as { template: { spec: object } }
  const template = { ...spec.template, spec: { ...spec.template.spec, schedulerName: SCHEDULER } }
  return { ...object, spec: { ...spec, template } }
}

async function established(kube: Kube, definitions: readonly KubeObject[]): Promise<void> {
  for (const { metadata, spec } of definitions) {
    const { group, names } = spec as { group: string; names: { plural: string } }
    await until(`the API of ${metadata.name}`, async () => {
      const { status } = await kube.request('GET', `/apis/${group}/v1alpha1/${names.plural}`)
      return status === 200
    })
  }
}

export async function rolledOut(kube: Kube): Promise<void> {
  await until('the rollout of the repo-server', async () => {
    const { metadata, spec, status } = await kube.get<V1Deployment>(DEPLOYMENT)
    const seen = (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0)
    const wanted = spec?.replicas ?? 1
    return (
      seen &&
      status?.updatedReplicas === wanted &&
      status.replicas === wanted &&
      status.availableReplicas === wanted
    )
  })
}

/** Like a node failure: the pods disappear and others replace them. */
export async function restarted(kube: Kube): Promise<void> {
  const before = await kube.list<V1Pod>(PODS, OF_REPO_SERVER)
  for (const { metadata } of before) await kube.remove({ ...PODS, name: metadata?.name ?? '' })
  const gone = new Set(before.map(({ metadata }) => metadata?.uid))
  await until('other pods of the repo-server', async () => {
    const now = await kube.list<V1Pod>(PODS, OF_REPO_SERVER)
    return now.length > 0 && now.every((pod) => isReady(pod) && !gone.has(pod.metadata?.uid))
  })
}

function isReady({ status }: V1Pod): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false
}

export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (await holds()) return
    await sleep(200)
  }
  throw new Error(`${what} did not come in a minute`)
}

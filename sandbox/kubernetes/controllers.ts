/** Deployment → ReplicaSet → Pods, with rolling updates; the part of kubelet and webhook that a client can see. */
import { createHash, randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { V1Deployment, V1Pod, V1ReplicaSet } from '@kubernetes/client-node'
import { admittedPod, type PodAdmission } from './admission.ts'
import type { ArgoConditions } from '../argocd/conditions.ts'
import { kindOf, type Kind, type KubeObject } from './objects.ts'
import { assertRoom } from './room.ts'
import type { Store } from './store.ts'
import { WorkQueue } from './work-queue.ts'

export interface Conditions extends ArgoConditions, PodAdmission {
  /** ms from a pod's creation until it is ready. */
  podStart: number
  webhook: PodAdmission['webhook']
  /** New pods never become ready. */
  stuck: boolean
  /** How far the clock of the control plane is ahead, in ms. */
  clockAhead: number
  /** The program of new pods ends with an error, again and again. */
  crashing: boolean
}

const DEPLOYMENTS = kindOf('apps', 'deployments') as Kind
const REPLICASETS = kindOf('apps', 'replicasets') as Kind
const PODS = kindOf('', 'pods') as Kind
const EVENTS = kindOf('', 'events') as Kind
const CRASHED = {
  waiting: {
    reason: 'CrashLoopBackOff',
    message: 'back-off 2m40s restarting failed container=argocd-repo-server'
  }
}
/** What it writes is the status only. */
const CONTROLLER = { manager: 'kube-controller-manager', subresource: 'status' } as const
const HASH = 'pod-template-hash'
/** When a pod that was refused is tried anew, in ms; the real controller comes to it in steps. */
const RETRY = 500

export class Controllers {
  readonly #store: Store
  readonly #conditions: () => Conditions
  readonly #queue = new WorkQueue()

  constructor(store: Store, conditions: () => Conditions) {
    this.#store = store
    this.#conditions = conditions
    store.watch(({ type, kind, object }) => {
      const { namespace = '', name } = object.metadata
      if (kind === DEPLOYMENTS && type !== 'DELETED') this.#soon(namespace, name)
      const owner = kind === PODS ? this.#deploymentOf(object) : undefined
      if (owner !== undefined) this.#soon(namespace, owner)
    })
  }

  stop(): void {
    this.#queue.stop()
  }

  /** Finishes all work at once, without the delays of pods: for the start. */
  settle(): void {
    const instant: Conditions = { ...this.#conditions(), podStart: -1 }
    for (const deployment of this.#store.list(DEPLOYMENTS)) {
      for (let round = 0; round < 4; round += 1)
        this.#reconcile(deployment.metadata.namespace ?? '', deployment.metadata.name, instant)
    }
  }

  #soon(namespace: string, name: string, ms = 0): void {
    this.#queue.soon(`${namespace}/${name}/${ms}`, ms, () => {
      this.#reconcile(namespace, name, this.#conditions())
    })
  }

  #deploymentOf({ metadata }: KubeObject): string | undefined {
    const owner = metadata.ownerReferences?.find(({ kind }) => kind === 'ReplicaSet')
    const set = owner && this.#store.find(REPLICASETS, metadata.namespace, owner.name)
    return set?.metadata.ownerReferences?.find(({ kind }) => kind === 'Deployment')?.name
  }

  #reconcile(namespace: string, name: string, conditions: Conditions): void {
    const object = this.#store.find(DEPLOYMENTS, namespace, name)
    if (!object) return
    const deployment = object as unknown as V1Deployment
    if (deployment.spec?.paused === true) {
      this.#pause(object, deployment)
      return
    }
    const current = this.#currentSet(object, deployment)
    const replicas = deployment.spec?.replicas ?? 1
    const podsOf = (set: KubeObject): V1Pod[] =>
      this.#store
        .list(PODS, namespace)
        .filter(
          ({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === set.metadata.uid) === true
        )
        .map((one) => one as unknown as V1Pod)
    let failure: string | undefined
    try {
      for (let count = podsOf(current).length; count < replicas; count += 1)
        this.#createPod(current, conditions)
      for (const extra of podsOf(current).slice(replicas))
        this.#store.remove(PODS, namespace, extra.metadata?.name ?? '')
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error)
      this.#event(current, 'FailedCreate', `Error creating: ${failure}`)
    }
    for (const pod of podsOf(current)) this.#age(pod, conditions)
    const own = podsOf(current)
    const ready = own.filter(isReady).length
    const old = this.#sets(object).filter((set) => set.metadata.name !== current.metadata.name)
    // An old pod is deleted once a new one serves instead.
    const surplus = old.flatMap(podsOf)
    for (const pod of surplus.slice(0, Math.max(0, ready + surplus.length - replicas))) {
      this.#store.remove(PODS, namespace, pod.metadata?.name ?? '')
    }
    const left = old.flatMap(podsOf)
    const available = ready + left.filter(isReady).length
    const progressing = failure === undefined
    const status = {
      observedGeneration: object.metadata.generation ?? 1,
      replicas: own.length + left.length,
      updatedReplicas: own.length,
      readyReplicas: available,
      availableReplicas: available,
      ...(own.length - ready > 0 ? { unavailableReplicas: own.length - ready } : {}),
      conditions: [
        {
          type: 'Available',
          status: available >= replicas ? 'True' : 'False',
          ...(available >= replicas
            ? {
                reason: 'MinimumReplicasAvailable',
                message: 'Deployment has minimum availability.'
              }
            : {
                reason: 'MinimumReplicasUnavailable',
                message: 'Deployment does not have minimum availability.'
              })
        },
        {
          type: 'Progressing',
          status: conditions.stuck && ready < replicas ? 'False' : 'True',
          reason:
            conditions.stuck && ready < replicas ? 'ProgressDeadlineExceeded' : 'NewReplicaSetAvailable',
          message:
            conditions.stuck && ready < replicas
              ? `ReplicaSet "${current.metadata.name}" has timed out progressing.`
              : `ReplicaSet "${current.metadata.name}" has successfully progressed.`
        },
        ...(progressing
          ? []
          : [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: failure ?? '' }])
      ]
    }
    const fresh = this.#store.get(DEPLOYMENTS, namespace, name)
    // What a failure makes of Progressing takes the ten minutes of progressDeadlineSeconds: longer than anything here.
    this.#store.update(DEPLOYMENTS, fresh, { ...fresh, status }, CONTROLLER)
    if (failure !== undefined) this.#soon(namespace, name, RETRY)
    if (ready < own.length && conditions.podStart >= 0 && !conditions.stuck && !conditions.crashing)
      this.#soon(namespace, name, Math.max(5, conditions.podStart / 4))
  }

  /** Nothing of the template reaches the pods as long as it is paused. */
  #pause(object: KubeObject, { status }: V1Deployment): void {
    const paused = { type: 'Progressing', status: 'Unknown', reason: 'DeploymentPaused' }
    const conditions = [
      ...(status?.conditions ?? []).filter(({ type }) => type !== 'Progressing'),
      { ...paused, message: 'Deployment is paused' }
    ]
    const observedGeneration = object.metadata.generation ?? 1
    if (status?.observedGeneration === observedGeneration && isDeepStrictEqual(status.conditions, conditions))
      return
    const next = { ...status, observedGeneration, updatedReplicas: 0, conditions }
    this.#store.update(DEPLOYMENTS, object, { ...object, status: next }, CONTROLLER)
  }

  #sets({ metadata }: KubeObject): KubeObject[] {
    return this.#store
      .list(REPLICASETS, metadata.namespace)
      .filter((set) => set.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid) === true)
  }

  #currentSet(object: KubeObject, deployment: V1Deployment): KubeObject {
    const template = deployment.spec?.template
    const hash = createHash('sha256').update(JSON.stringify(template)).digest('hex').slice(0, 10)
    const known = this.#sets(object).find(({ metadata }) => metadata.labels?.[HASH] === hash)
    if (known) return known
    const labels = { ...template?.metadata?.labels, [HASH]: hash }
    const { namespace = '', name, uid = '' } = object.metadata
    return this.#store.create(REPLICASETS, namespace, {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name: `${name}-${hash}`,
        labels,
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name, uid, controller: true }]
      },
      spec: {
        replicas: deployment.spec?.replicas ?? 1,
        selector: { matchLabels: labels },
        template: { ...template, metadata: { ...template?.metadata, labels } }
      }
    })
  }

  #createPod(set: KubeObject, conditions: Conditions): void {
    const { namespace = '', name, uid = '' } = set.metadata
    const template = (set as unknown as V1ReplicaSet).spec?.template
    const accountName = template?.spec?.serviceAccountName ?? 'default'
    const pod: V1Pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: `${name}-${randomUUID().slice(0, 5)}`,
        labels: { ...template?.metadata?.labels },
        annotations: { ...template?.metadata?.annotations },
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name, uid, controller: true }]
      },
      spec: {
        ...(template?.spec ?? { containers: [] }),
        nodeName: 'aks-apps-0',
        serviceAccountName: accountName
      },
      status: { phase: 'Pending' }
    }
    assertRoom(this.#store, PODS, namespace, pod.metadata?.name ?? '')
    const admitted = admittedPod(this.#store, namespace, pod, conditions)
    this.#store.create(PODS, namespace, admitted as unknown as KubeObject)
  }

  /** A pod runs and serves once it has had its time. */
  #age(pod: V1Pod, { podStart, stuck, crashing }: Conditions): void {
    const { namespace = '', name = '' } = pod.metadata ?? {}
    const object = this.#store.get(PODS, namespace, name)
    const born = this.#born.get(object.metadata.uid ?? '') ?? Date.now()
    this.#born.set(object.metadata.uid ?? '', born)
    const ready = podStart < 0 || (!stuck && !crashing && Date.now() >= born + podStart)
    if (isReady(pod) || (!ready && pod.status?.phase === 'Running')) return
    const started = new Date(born).toISOString()
    const containerStatuses = (pod.spec?.containers ?? []).map(({ name: container, image }) => ({
      name: container,
      image,
      imageID: image,
      ready,
      started: ready,
      restartCount: crashing && !ready ? 5 : 0,
      state: crashing && !ready ? CRASHED : { running: { startedAt: started } }
    }))
    const conditions = ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
      type,
      status: ready || type === 'PodScheduled' ? 'True' : 'False'
    }))
    this.#store.update(PODS, object, {
      ...object,
      status: {
        phase: 'Running',
        podIP: '10.244.0.7',
        hostIP: '10.224.0.4',
        startTime: started,
        containerStatuses,
        conditions
      }
    })
  }

  readonly #born = new Map<string, number>()

  #event(object: KubeObject, reason: string, message: string): void {
    const { namespace = '', name, uid } = object.metadata
    this.#store.create(EVENTS, namespace, {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${name}.${randomUUID().slice(0, 8)}` },
      type: 'Warning',
      reason,
      message,
      involvedObject: { kind: object.kind, namespace, name, uid },
      source: { component: 'replicaset-controller' },
      count: 1
    })
  }
}

function isReady({ status }: V1Pod): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false
}

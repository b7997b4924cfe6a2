/**
 * The repo-server's pods carry the identity. The webhook looks at a pod once, when it is created: label on the pod,
 * annotation on its service account. Whoever owns the objects decides where both are written (`installs/`); what
 * counts in the end is the environment of every running pod.
 */
import type { V1Deployment } from '@kubernetes/client-node'
import {
  annotationsOf,
  CLIENT_ID,
  running,
  stalledOf,
  type Identified,
  type Workload
} from '../argocd/identity.ts'
import { installOf } from '../argocd/installs/install.ts'
import { kustomizePatches } from '../argocd/installs/manifests.ts'
import { managerOf } from '../argocd/managers.ts'
import type { ProblemFacts } from '../core/problem.ts'
import { word } from '../core/shell.ts'
import { NOT_OURS, readElsewhere } from '../engine/dependents.ts'
import { NotGiven } from '../engine/graph.ts'
import { holdersOf } from './holders.ts'
import type { ChainHop } from './resource.ts'
import { adoptionChanges, differences, type SeenWorkload } from './workload-differences.ts'

export interface Pods {
  readonly count: number
  readonly clientId: string
  /** One word for this set of pods: another set, another word. */
  readonly generation: string
  /** When the youngest began, in ms since the epoch. */
  readonly since: number
  /** From where their container takes variables that cannot be seen here; undefined: from nowhere. */
  readonly unseen: string | undefined
}

export const workload: ChainHop<Identified, SeenWorkload, Pods> = {
  name: 'workload',

  async observe(want, planes, fresh) {
    const { instance } = want
    const { namespace, deployment, account, podLabels, clusterId } = instance
    const api = planes.kubernetes(clusterId)
    const [serviceAccount, current, pods, settings] = await Promise.all([
      api.serviceAccount(namespace, account),
      fresh ? api.deployment(namespace, deployment) : instance.object,
      api.pods(namespace, podLabels),
      installOf(instance).observe(instance, planes, fresh)
    ])
    const workload = { serviceAccount, deployment: current, pods: pods.filter(running) }
    return { ...workload, settings, holders: await holdersOf(want, workload, settings, planes) }
  },

  exists: (seen) => annotationsOf(seen)[CLIENT_ID] !== undefined,

  compare(want, seen) {
    const inUse = adoptionChanges(want, seen)
    if (inUse.length > 0) return inUse
    // Before the identity exists, this is all that can be said of the pods.
    if (want.clientId === '') throw new NotGiven('identity')
    return differences(want, seen)
  },

  given: ({ clientId, instance }, { pods, deployment }) => ({
    count: pods.length,
    clientId,
    unseen: unseenIn(instance, deployment),
    generation: pods
      .map(({ metadata }) => metadata?.uid?.slice(0, 8) ?? '')
      .toSorted()
      .join('.'),
    since: Math.max(0, ...pods.map(({ metadata }) => metadata?.creationTimestamp?.valueOf() ?? 0))
  }),
  summary: ({ count, clientId }) => `${count} pod${count === 1 ? '' : 's'} with client id ${clientId}`,

  notes(want, seen) {
    const stalled = stalledOf(seen.deployment)
    return [
      // What must not be replaced is not to be replaced by its source either.
      ...(adoptionChanges(want, seen).length > 0 ? [] : lasting(want, seen)),
      ...(stalled === undefined ? [] : [standsStill(want.instance, stalled)])
    ]
  },

  apply: (want, seen, planes, patience) => installOf(want.instance).apply(want, seen, planes, patience),

  /** An annotation that names another identity is somebody else's. */
  belonging({ clientId, instance }, seen, { repositories, identity }) {
    if (clientId === '') return undefined
    const set = installOf(instance).clientIdIn(instance, seen.settings)
    if (annotationsOf(seen)[CLIENT_ID] !== clientId && set !== clientId) return undefined
    const what = `annotation and label of ${instance.namespace}/${instance.deployment}`
    if (set !== undefined && set !== '' && set !== clientId)
      return { what, keep: `the AKS extension is set to another identity (client id ${set})` }
    if (repositories.length > 0) return { what, keep: readElsewhere(repositories) }
    return identity === 'ours' ? { what } : { what, keep: NOT_OURS }
  },

  remove: (want, seen, planes, patience) => installOf(want.instance).remove(want, seen, planes, patience)
}

/** Names of Secrets and ConfigMaps whose keys all become variables; an AZURE_CLIENT_SECRET among them would win. */
function unseenIn({ container: name }: Identified['instance'], { spec }: V1Deployment): string | undefined {
  const container = spec?.template.spec?.containers.find((one) => one.name === name)
  const sources = (container?.envFrom ?? []).map(
    ({ secretRef, configMapRef }) => secretRef?.name ?? configMapRef?.name ?? ''
  )
  return sources.length === 0 ? undefined : sources.join(', ')
}

/** What to write into which source. Where the way of installing says nothing, the marks of the objects may. */
function lasting(want: Identified, seen: Workload): ProblemFacts[] {
  const known = installOf(want.instance).lasting(want)
  return known === undefined ? undoneBy(want, seen) : [known]
}

function undoneBy(
  { instance, clientId }: Identified,
  { deployment, serviceAccount }: Pick<Workload, 'deployment' | 'serviceAccount'>
): ProblemFacts[] {
  if (instance.configuration !== 'manifests') return []
  const { deployment: name, account } = instance
  const made = [
    { what: `service account ${account}`, manager: managerOf(serviceAccount?.metadata) },
    { what: `Deployment ${name}`, manager: managerOf(deployment.metadata) }
  ]
  return made.flatMap(({ what, manager }) =>
    manager === undefined
      ? []
      : [
          {
            what: `The ${what} is made by ${manager.who}, which may undo what Patless writes into it.`,
            remedy: `add to its source, here as a kustomization:\n${kustomizePatches({ deployment: name, account, clientId })}`
          }
        ]
  )
}

function standsStill({ namespace, deployment }: Identified['instance'], reason: string): ProblemFacts {
  return {
    what: `The rollout of ${namespace}/${deployment} stands still: ${reason}. The pods that serve are older ones.`,
    remedy: `kubectl -n ${word(namespace)} describe deploy/${word(deployment)}; kubectl -n ${word(namespace)} get events`
  }
}

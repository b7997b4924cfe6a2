/**
 * The repo-server's pods carry the identity. The webhook looks at a pod once, when it is created: label on the pod,
 * annotation on its service account. Whoever owns the objects decides where both are written (`installs/`); what
 * counts in the end is the environment of every running pod.
 */
import type { V1Container, V1Deployment, V1Pod } from '@kubernetes/client-node'
import {
  annotationsOf,
  CLIENT_ID,
  LABEL,
  labelOf,
  running,
  stalledOf,
  TENANT_ID,
  type Identified,
  type Workload
} from '../argocd/identity.ts'
import {
  annotating,
  foreignClient,
  foreignTenant,
  inUse,
  otherTenant,
  type Holder
} from '../argocd/adoption.ts'
import { fingerprintOfPods, type Fingerprint } from '../argocd/fingerprint.ts'
import { changedAt } from '../services/kubernetes/changed.ts'
import { kustomizePatches } from '../argocd/installs/manifests.ts'
import { managerOf } from '../argocd/managers.ts'
import { resetting } from '../argocd/installs/extension.ts'
import type { ProblemFacts } from '../core/problem.ts'
import { NotGiven } from '../engine/graph.ts'
import { holdersOf } from './holders.ts'
import { installOf } from '../argocd/installs/install.ts'
import type { ChainHop } from './resource.ts'
import { NOT_OURS, readElsewhere } from '../engine/dependents.ts'
import type { Change } from '../engine/outcome.ts'
import { word } from '../core/shell.ts'

interface Seen extends Workload {
  /** What the owner of the objects is set to, in its own terms. */
  readonly settings: unknown
  /** Identities in use there that are not ours, nor gone. */
  readonly holders: readonly Holder[]
}

export interface Pods {
  readonly count: number
  readonly clientId: string
  /** Of them and of what they are made by. */
  readonly fingerprint: Fingerprint
  /** What they are made by, and when it was last changed, in ms since the epoch; undefined: not known. */
  readonly changes: readonly { readonly what: string; readonly at: number | undefined }[]
  /** From where their container takes variables that cannot be seen here; undefined: from nowhere. */
  readonly unseen: string | undefined
}

/** Set on the container they win over workload identity (azidentity: EnvironmentCredential comes first). */
const STRONGER = ['AZURE_CLIENT_SECRET', 'AZURE_CLIENT_CERTIFICATE_PATH', 'AZURE_USERNAME', 'AZURE_PASSWORD']
const WEBHOOK_SETS = ['AZURE_CLIENT_ID', 'AZURE_TENANT_ID', 'AZURE_FEDERATED_TOKEN_FILE']

export const workload: ChainHop<Identified, Seen, Pods> = {
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

  given(want, seen) {
    const { clientId, instance } = want
    const { pods, deployment, serviceAccount } = seen
    const since = Math.max(0, ...pods.map(({ metadata }) => metadata?.creationTimestamp?.valueOf() ?? 0))
    return {
      count: pods.length,
      clientId,
      unseen: unseenIn(instance, deployment),
      fingerprint: fingerprintOfPods(want, seen),
      changes: [
        { what: 'the youngest repo-server pod', at: since === 0 ? undefined : since },
        { what: `the Deployment ${instance.deployment}`, at: changedAt(deployment.metadata) },
        { what: `the service account ${instance.account}`, at: changedAt(serviceAccount?.metadata) }
      ]
    }
  },
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

function differences(want: Identified, seen: Seen): Change[] {
  return [
    ...installOf(want.instance).compare(want, seen.settings),
    ...accountChanges(want, seen),
    ...templateChanges(want, seen),
    ...(seen.pods.length === 0 ? [noPod(want)] : seen.pods.flatMap((pod) => podChanges(want, pod)))
  ]
}

/** What is in use by others: apply must not replace it. */
function adoptionChanges(want: Identified, seen: Seen): Change[] {
  const { instance, clientId, identity, tenantId } = want
  const { namespace, account } = instance
  const expected = clientId === '' ? `the client id of ${identity.name}` : clientId
  const changes: Change[] = []
  const held = (found: string | undefined, field: string, where: string, replace: string): void => {
    const holder = seen.holders.find((one) => one.clientId === found)
    if (holder) changes.push({ field, expected, found, blocked: inUse(where, holder, want, replace) })
  }
  held(
    installOf(instance).clientIdIn(instance, seen.settings),
    'extension setting for the client id',
    `The AKS extension ${instance.extension?.name ?? ''}`,
    resetting(want)
  )
  held(
    foreignClient(want, seen),
    `annotation ${CLIENT_ID}`,
    `The service account ${namespace}/${account}`,
    annotating(want)
  )
  const tenant = changes.length === 0 ? foreignTenant(want, seen) : undefined
  if (tenant !== undefined)
    changes.push({
      field: `annotation ${TENANT_ID}`,
      expected: tenantId === '' ? `the tenant of ${identity.name}` : tenantId,
      found: tenant,
      blocked: otherTenant(want, tenant)
    })
  return changes
}

function accountChanges({ clientId, tenantId, instance }: Identified, seen: Seen): Change[] {
  const { namespace, account, configuration } = instance
  const now = seen.deployment.spec?.template.spec?.serviceAccountName ?? 'default'
  const moved: Change[] =
    account === now ? [] : [{ field: 'service account of the pods', expected: account, found: now }]
  if (!seen.serviceAccount) {
    const change: Change = { field: 'service account', expected: account, found: undefined }
    if (configuration === 'operator') return [...moved, change]
    const what = `The service account ${account} of the repo-server does not exist.`
    const remedy = `create it: kubectl -n ${word(namespace)} create serviceaccount ${word(account)}`
    return [{ ...change, blocked: { what, remedy } }]
  }
  const annotations = annotationsOf(seen)
  const changes = [...moved]
  if (annotations[CLIENT_ID] !== clientId) {
    changes.push({ field: `annotation ${CLIENT_ID}`, expected: clientId, found: annotations[CLIENT_ID] })
  }
  if (annotations[TENANT_ID] !== undefined && annotations[TENANT_ID] !== tenantId) {
    changes.push({ field: `annotation ${TENANT_ID}`, expected: tenantId, found: annotations[TENANT_ID] })
  }
  return changes
}

function templateChanges({ instance }: Identified, { deployment }: Seen): Change[] {
  const changes: Change[] = []
  const label = labelOf(deployment)
  if (label !== 'true') changes.push({ field: `pod template label ${LABEL}`, expected: 'true', found: label })
  const { spec, metadata } = deployment.spec?.template ?? {}
  const container = spec?.containers.find(({ name }) => name === instance.container)
  const set = (container?.env ?? []).filter(({ name }) => [...STRONGER, ...WEBHOOK_SETS].includes(name))
  changes.push(...set.map(({ name }) => setByHand(instance, name)))
  const skipped = metadata?.annotations?.[SKIP]?.split(';').map((name) => name.trim()) ?? []
  if (skipped.includes(instance.container)) changes.push(skippedByWebhook(instance))
  return changes
}

const SKIP = 'azure.workload.identity/skip-containers'

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

function setByHand({ container, namespace, deployment }: Identified['instance'], name: string): Change {
  const what = `${name} is set by hand on the container ${container}; it beats what the webhook would give.`
  const remedy = `remove it where Argo CD is installed from, e.g. kubectl -n ${word(namespace)} set env deploy/${word(deployment)} ${word(name)}-`
  const blocked: ProblemFacts = { what, remedy }
  return { field: `container env ${name}`, expected: 'not set by hand', found: 'set', blocked }
}

function skippedByWebhook({ container, deployment }: Identified['instance']): Change {
  const what = `The annotation ${SKIP} tells the webhook to leave the container ${container} alone.`
  const remedy = `take ${container} out of the annotation on the pod template of ${deployment}, where Argo CD is installed from`
  return {
    field: `annotation ${SKIP}`,
    expected: `without ${container}`,
    found: container,
    blocked: { what, remedy }
  }
}

function podChanges({ clientId, tenantId, audience, authority, instance }: Identified, pod: V1Pod): Change[] {
  const container = pod.spec?.containers.find(({ name }) => name === instance.container)
  const environment = new Map((container?.env ?? []).map(({ name, value }) => [name, value]))
  const name = `pod ${pod.metadata?.name ?? ''}`
  const changes: Change[] = []
  const equal = (variable: string, expected: string): void => {
    const found = environment.get(variable)
    if (found !== expected) changes.push({ field: `${name} ${variable}`, expected, found })
  }
  equal('AZURE_CLIENT_ID', clientId)
  equal('AZURE_TENANT_ID', tenantId)
  const file = environment.get('AZURE_FEDERATED_TOKEN_FILE')
  if (file === undefined) {
    changes.push({ field: `${name} AZURE_FEDERATED_TOKEN_FILE`, expected: 'a path', found: undefined })
  }
  const asked = environment.get('AZURE_AUTHORITY_HOST')
  // The runner may reach Entra by another way than the pods: the public cloud's own host is right for them as well.
  if (asked !== undefined && ![hostOf(authority), PUBLIC_AUTHORITY].includes(hostOf(asked)))
    changes.push(askedElsewhere(name, instance, authority, asked))
  const found = file === undefined ? undefined : audienceOf(pod, container, file)
  if (found !== undefined && found !== audience) changes.push(boundElsewhere(name, audience, found))
  return changes
}

const PUBLIC_AUTHORITY = 'login.microsoftonline.com'

/** What is no URL is a host of its own. */
function hostOf(url: string): string {
  return URL.parse(url)?.host ?? url
}

/** The webhook of a cluster in another cloud sets it; what is set on the container stays (azure-workload-identity). */
function askedElsewhere(
  name: string,
  { namespace, deployment, container }: Identified['instance'],
  expected: string,
  found: string
): Change {
  const what = `${name} asks ${found} for its tokens, where nobody knows the identity, and whose tokens Azure DevOps does not take.`
  const remedy = `set it where Argo CD is installed from, e.g. kubectl -n ${word(namespace)} set env deploy/${word(deployment)} -c ${word(container)} AZURE_AUTHORITY_HOST=${word(`${expected}/`)}`
  return { field: `${name} AZURE_AUTHORITY_HOST`, expected, found, blocked: { what, remedy } }
}

/** Of the token that the webhook mounts; undefined when no such volume is to be seen. */
function audienceOf(pod: V1Pod, container: V1Container | undefined, file: string): string | undefined {
  const mount = container?.volumeMounts?.find(({ mountPath }) => file.startsWith(`${mountPath}/`))
  const volume = pod.spec?.volumes?.find(({ name }) => name === mount?.name)
  const tokens = volume?.projected?.sources?.flatMap(({ serviceAccountToken }) => serviceAccountToken ?? [])
  return tokens?.find(({ path }) => file.endsWith(`/${path}`))?.audience
}

function boundElsewhere(name: string, expected: string, found: string): Change {
  const what = `The token of ${name} is for ${found}: AKS identity bindings (or a webhook with another --audience) change it, and Entra then refuses the federated credential.`
  const remedy = 'take the identity binding off the service account, and restart the pods'
  return { field: `${name} audience of its token`, expected, found, blocked: { what, remedy } }
}

function noPod({ instance }: Identified): Change {
  return { field: 'running pods', expected: `at least one of ${instance.deployment}`, found: '0' }
}

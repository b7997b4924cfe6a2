/** Differences of the repo-server, its service account and every running pod. */
import type { V1Container, V1Pod } from '@kubernetes/client-node'
import {
  annotateCommand,
  foreignClient,
  foreignTenant,
  inUse,
  otherTenant,
  type Holder
} from '../argocd/adoption.ts'
import {
  annotationsOf,
  CLIENT_ID,
  LABEL,
  labelOf,
  namesTenant,
  TENANT_ID,
  type Identified,
  type Workload
} from '../argocd/identity.ts'
import { resetCommand } from '../argocd/installs/extension.ts'
import { installOf } from '../argocd/installs/install.ts'
import { atLeast } from '../argocd/version.ts'
import type { FindingFacts } from '../core/finding.ts'
import { word } from '../core/shell.ts'
import type { Difference } from '../engine/outcome.ts'

export interface WorkloadState extends Workload {
  /** Settings of the objects' owner, in its own format. */
  readonly settings: unknown
  /** Other identities in use on the workload that exist or may exist. */
  readonly holders: readonly Holder[]
}

/** On the container, these take precedence over workload identity (azidentity: EnvironmentCredential comes first). */
const STRONGER = ['AZURE_CLIENT_SECRET', 'AZURE_CLIENT_CERTIFICATE_PATH', 'AZURE_USERNAME', 'AZURE_PASSWORD']
const WEBHOOK_SETS = ['AZURE_CLIENT_ID', 'AZURE_TENANT_ID', 'AZURE_FEDERATED_TOKEN_FILE']

const SKIP = 'azure.workload.identity/skip-containers'

export function podDifferences(spec: Identified, state: WorkloadState): Difference[] {
  return [
    ...installOf(spec.instance).assess(spec, state.settings),
    ...accountChanges(spec, state),
    ...templateChanges(spec, state),
    ...(state.pods.length === 0 ? [noPod(spec)] : state.pods.flatMap((pod) => podChanges(spec, pod)))
  ]
}

/** Identities in use by others, which apply must not replace. */
export function adoptionDifferences(spec: Identified, state: WorkloadState): Difference[] {
  const { instance, clientId, identity, tenantId } = spec
  const { namespace, account } = instance
  const expected = clientId === '' ? `the client id of ${identity.name}` : clientId
  const changes: Difference[] = []
  const held = (found: string | undefined, field: string, where: string, replace: string): void => {
    const holder = state.holders.find((one) => one.clientId === found)
    if (holder) changes.push({ field, expected, actual: found, blocked: inUse(where, holder, spec, replace) })
  }
  held(
    installOf(instance).clientIdIn(instance, state.settings),
    'extension setting for the client id',
    `The AKS extension ${instance.extension?.name ?? ''}`,
    resetCommand(spec)
  )
  held(
    foreignClient(spec, state),
    `annotation ${CLIENT_ID}`,
    `The service account ${namespace}/${account}`,
    annotateCommand(spec)
  )
  const tenant = changes.length === 0 ? foreignTenant(spec, state) : undefined
  if (tenant !== undefined)
    changes.push({
      field: `annotation ${TENANT_ID}`,
      expected: tenantId === '' ? `the tenant of ${identity.name}` : tenantId,
      actual: tenant,
      blocked: otherTenant(spec, tenant)
    })
  return changes
}

function accountChanges(spec: Identified, state: WorkloadState): Difference[] {
  const { clientId, tenantId, instance } = spec
  const { namespace, account, configuration } = instance
  const now = state.deployment.spec?.template.spec?.serviceAccountName ?? 'default'
  const moved: Difference[] =
    account === now ? [] : [{ field: 'service account of the pods', expected: account, actual: now }]
  if (!state.serviceAccount) {
    const change: Difference = { field: 'service account', expected: account, actual: undefined }
    if (configuration === 'operator') return [...moved, change]
    const summary = `The service account ${account} of the repo-server does not exist.`
    const command = `kubectl -n ${word(namespace)} create serviceaccount ${word(account)}`
    const blocked: FindingFacts = {
      id: 'workload/service-account-missing',
      summary,
      remedy: 'create it, then run again',
      command
    }
    return [{ ...change, blocked }]
  }
  const annotations = annotationsOf(state)
  const changes = [...moved]
  if (annotations[CLIENT_ID] !== clientId) {
    changes.push({ field: `annotation ${CLIENT_ID}`, expected: clientId, actual: annotations[CLIENT_ID] })
  }
  if (annotations[TENANT_ID] !== tenantId && namesTenant(spec, state)) {
    changes.push({ field: `annotation ${TENANT_ID}`, expected: tenantId, actual: annotations[TENANT_ID] })
  }
  return changes
}

function templateChanges({ instance }: Identified, { deployment }: WorkloadState): Difference[] {
  const changes: Difference[] = []
  const label = labelOf(deployment)
  if (label !== 'true')
    changes.push({ field: `pod template label ${LABEL}`, expected: 'true', actual: label })
  const { spec, metadata } = deployment.spec?.template ?? {}
  const container = spec?.containers.find(({ name }) => name === instance.container)
  const beating = isLimited(instance, container) ? WEBHOOK_SETS : [...STRONGER, ...WEBHOOK_SETS]
  const set = (container?.env ?? []).filter(({ name }) => beating.includes(name))
  changes.push(...set.map(({ name }) => setByHand(instance, name)))
  const skipped = metadata?.annotations?.[SKIP]?.split(';').map((name) => name.trim()) ?? []
  if (skipped.includes(instance.container)) changes.push(skippedByWebhook(instance))
  return changes
}

/** Argo CD's library looks for nothing else then (azidentity 1.11, since Argo CD 3.2). */
function isLimited({ version }: Identified['instance'], container: V1Container | undefined): boolean {
  const only = container?.env?.find(({ name }) => name === 'AZURE_TOKEN_CREDENTIALS')?.value
  return only === 'WorkloadIdentityCredential' && version !== undefined && atLeast(version, '3.2.0')
}

function setByHand({ container, namespace, deployment }: Identified['instance'], name: string): Difference {
  const summary = `${name} is set by hand on the container ${container}; it beats what the webhook would give.`
  const remedy = 'remove it where Argo CD is installed from'
  const command = `kubectl -n ${word(namespace)} set env deploy/${word(deployment)} ${word(name)}-`
  const blocked: FindingFacts = { id: 'workload/set-by-hand', summary, remedy, command }
  return { field: `container env ${name}`, expected: 'not set by hand', actual: 'set', blocked }
}

function skippedByWebhook({ container, deployment }: Identified['instance']): Difference {
  const summary = `The annotation ${SKIP} makes the webhook skip the container ${container}.`
  const remedy = `take ${container} out of the annotation on the pod template of ${deployment}, where Argo CD is installed from`
  return {
    field: `annotation ${SKIP}`,
    expected: `without ${container}`,
    actual: container,
    blocked: { id: 'workload/skipped-by-webhook', summary, remedy }
  }
}

function podChanges(spec: Identified, pod: V1Pod): Difference[] {
  const { clientId, tenantId, audience, authority, instance } = spec
  const container = pod.spec?.containers.find(({ name }) => name === instance.container)
  const environment = new Map((container?.env ?? []).map(({ name, value }) => [name, value]))
  const name = `pod ${pod.metadata?.name ?? ''}`
  const changes: Difference[] = []
  const equal = (variable: string, expected: string): void => {
    const found = environment.get(variable)
    if (found !== expected) changes.push({ field: `${name} ${variable}`, expected, actual: found })
  }
  equal('AZURE_CLIENT_ID', clientId)
  equal('AZURE_TENANT_ID', tenantId)
  const file = environment.get('AZURE_FEDERATED_TOKEN_FILE')
  if (file === undefined) {
    changes.push({ field: `${name} AZURE_FEDERATED_TOKEN_FILE`, expected: 'a path', actual: undefined })
  }
  const asked = environment.get('AZURE_AUTHORITY_HOST')
  const why = asked === undefined || asked === '' ? undefined : whyNotToAsk(asked, authority)
  if (asked !== undefined && why !== undefined)
    changes.push(askedElsewhere(`${name} asks ${asked} for its tokens, ${why}.`, name, spec, asked))
  const found = file === undefined ? undefined : audienceOf(pod, container, file)
  if (found !== undefined && found !== audience) changes.push(boundElsewhere(name, audience, found))
  return changes
}

/** The hosts of Entra in the public cloud (its instance discovery: aliases). */
const PUBLIC = ['login.microsoftonline.com', 'login.windows.net', 'login.microsoft.com', 'sts.windows.net']

/**
 * Why Argo CD's library gets no token there (azidentity). Patless itself asks its own authority alone, whatever the
 * pods name. The runner may reach Entra through another host than the pods, so the public cloud's are always right.
 */
function whyNotToAsk(asked: string, authority: string): string | undefined {
  const url = URL.parse(asked)
  if (url?.protocol !== 'https:') return 'and asks nobody without https'
  return [URL.parse(authority)?.host, ...PUBLIC].includes(url.host)
    ? undefined
    : 'which does not know the identity, and whose tokens Azure DevOps does not accept'
}

/**
 * The webhook of a cluster in another cloud sets this host, but keeps a value that the container already has
 * (azure-workload-identity).
 */
function askedElsewhere(
  summary: string,
  name: string,
  { instance: { namespace, deployment, container }, authority: expected }: Identified,
  found: string
): Difference {
  const remedy = 'set it where Argo CD is installed from'
  const command = `kubectl -n ${word(namespace)} set env deploy/${word(deployment)} -c ${word(container)} AZURE_AUTHORITY_HOST=${word(`${expected}/`)}`
  return {
    field: `${name} AZURE_AUTHORITY_HOST`,
    expected,
    actual: found,
    blocked: { id: 'workload/other-authority', summary, remedy, command }
  }
}

/** Audience of the token that the webhook mounts; undefined when the pod shows no such volume. */
function audienceOf(pod: V1Pod, container: V1Container | undefined, file: string): string | undefined {
  const mount = container?.volumeMounts?.find(({ mountPath }) => file.startsWith(`${mountPath}/`))
  const volume = pod.spec?.volumes?.find(({ name }) => name === mount?.name)
  const tokens = volume?.projected?.sources?.flatMap(({ serviceAccountToken }) => serviceAccountToken ?? [])
  return tokens?.find(({ path }) => file.endsWith(`/${path}`))?.audience
}

function boundElsewhere(name: string, expected: string, found: string): Difference {
  const summary = `The token of ${name} is for ${found}: AKS identity bindings (or a webhook with another --audience) change it, and Entra then refuses the federated credential.`
  const remedy = 'take the identity binding off the service account, and restart the pods'
  return {
    field: `${name} audience of its token`,
    expected,
    actual: found,
    blocked: { id: 'workload/other-audience', summary, remedy }
  }
}

function noPod({ instance }: Identified): Difference {
  return { field: 'running pods', expected: `at least one of ${instance.deployment}`, actual: '0' }
}

/** What there is to export: plain data of the resources that exist, as they are, without a secret. */
import { IN_CLUSTER, type Instance } from '../../argocd/instance.ts'
import { annotationsOf, CLIENT_ID, labelOf, TENANT_ID } from '../../argocd/identity.ts'
import { entryOf, TYPE_LABEL, usesIdentity, type SecretKind } from '../../argocd/secrets.ts'
import { matching, placesOf } from '../../argocd/places.ts'
import type { Known } from '../../chain/rights.ts'
import type { DesiredChain } from '../../config/desired.ts'
import { input } from '../../core/input-name.ts'
import { word } from '../../core/shell.ts'
import { warning, type Finding } from '../../core/finding.ts'
import type { FederatedCredential, ManagedIdentity } from '../../services/azure/managed-identities.ts'
import type { Services } from '../../services/services.ts'
import type { Place } from '../../chain/permission-places.ts'

export interface Exported {
  /** Of the Argo CD that reads. */
  readonly cluster: string
  readonly identity: ManagedIdentity & {
    readonly subscriptionId: string
    readonly resourceGroup: string
  }
  readonly credential: FederatedCredential | undefined
  readonly organizations: readonly ExportedOrganization[]
  /** Of the identity on container registries. */
  readonly roles: readonly ExportedRole[]
  readonly argocd: ExportedArgocd | undefined
  readonly secrets: readonly ExportedSecret[]
  readonly application: ExportedApplication | undefined
}

export interface ExportedOrganization {
  readonly name: string
  /** undefined: the identity is no member. */
  readonly entitlementId: string | undefined
  /** Where it reads. */
  readonly places: readonly Place[]
}

export interface ExportedRole {
  /** Id of the registry. */
  readonly scope: string
  readonly role: { readonly name: string; readonly id: string }
  /** A GUID. */
  readonly name: string
}

export interface ExportedArgocd {
  readonly instance: Instance
  /** The annotation of the service account; undefined: there is none. */
  readonly clientId: string | undefined
  readonly tenantId: string | undefined
  /** Whether the pod template has the label. */
  readonly labelled: boolean
}

export interface ExportedSecret {
  readonly namespace: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** Without credentials. */
  readonly data: Readonly<Record<string, string>>
}

export interface ExportedApplication {
  readonly namespace: string
  readonly name: string
  readonly project: string
  readonly source: { readonly url: string; readonly path: string; readonly revision: string }
  /** Namespace that it deploys to. */
  readonly destination: string
}

/** Keys whose values hold no credential, and say how Argo CD reads. */
const PLAIN_KEYS: ReadonlySet<string> = new Set([
  'type',
  'url',
  'project',
  'name',
  'useAzureWorkloadIdentity',
  'enableOCI',
  'insecure',
  'enableLfs',
  'forceHttpBasicAuth',
  'depth',
  'noProxy'
])

/**
 * Reads only what the chain does not keep, such as the values in a Secret.
 *
 * @returns undefined where there is no identity: then there is nothing to take along
 */
export async function gather(
  desired: DesiredChain,
  known: Known,
  services: Services
): Promise<{ readonly exported: Exported | undefined; readonly findings: readonly Finding[] }> {
  const { cluster, instance, identity } = known
  const [, subscriptionId = '', resourceGroup = '', name = ''] =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/.*\/([^/]+)$/i.exec(identity?.id ?? '') ?? []
  if (!identity || name === '') return { exported: undefined, findings: [] }
  const [credentials, argocd, secrets, application] = await Promise.all([
    instance?.credentials ?? services.identities.credentials({ subscriptionId, resourceGroup, name }),
    instance && argocdOf(instance, services),
    instance ? secretsOf(desired, instance, services) : { secrets: [], findings: [] },
    instance && applicationOf(desired, instance, services)
  ])
  const own = credentials.find(
    ({ issuer, subject }) => issuer === cluster?.issuerUrl && subject === instance?.subject
  )
  const { issuer, subject, audiences } = own ?? {}
  return {
    exported: {
      cluster: desired.cluster.name,
      identity: { ...identity, subscriptionId, resourceGroup },
      credential:
        own && issuer !== undefined && subject !== undefined
          ? { name: own.name, issuer, subject, audiences: audiences ?? [] }
          : undefined,
      organizations: desired.organizations.map((one) => organizationOf(one.name, known)),
      roles: rolesOf(known),
      argocd,
      secrets: secrets.secrets,
      application
    },
    findings: secrets.findings
  }
}

function organizationOf(name: string, { members, places }: Known): ExportedOrganization {
  const read = (places.get(name) ?? []).filter(({ allowed }) => allowed)
  return { name, entitlementId: members.get(name)?.entitlementId, places: read }
}

/** Those on the registry itself: one from above belongs to whoever assigned it. */
function rolesOf({ registries }: Known): ExportedRole[] {
  return registries.flatMap(({ id, role, assignment }) =>
    assignment === undefined ? [] : [{ scope: id, role, name: assignment }]
  )
}

async function argocdOf(instance: Instance, { kubernetes }: Services): Promise<ExportedArgocd> {
  const { clusterId, namespace, account, object } = instance
  const serviceAccount = await kubernetes(clusterId).serviceAccount(namespace, account)
  const annotations = annotationsOf({ serviceAccount, deployment: object, pods: [] })
  return {
    instance,
    clientId: annotations[CLIENT_ID],
    tenantId: annotations[TENANT_ID],
    labelled: labelOf(object) === 'true'
  }
}

async function secretsOf(
  { repositories, registries, connection: kind, argocdProject: project, connects }: DesiredChain,
  { clusterId, namespace, version }: Instance,
  { kubernetes }: Services
): Promise<{ readonly secrets: readonly ExportedSecret[]; readonly findings: readonly Finding[] }> {
  if (!connects) return { secrets: [], findings: [] }
  const all = await kubernetes(clusterId).argoSecrets(namespace)
  const pairs = all.flatMap((secret) => {
    const entry = entryOf(secret, version)
    return entry ? [{ secret, entry }] : []
  })
  const places = [
    ...placesOf({ kind, urls: repositories.map(({ url }) => url), project }),
    ...placesOf({ kind: 'repository', urls: [...new Set(registries.map(({ url }) => url))], project })
  ]
  const entries = pairs.map(({ entry }) => entry)
  const placed = new Set(places.flatMap((place) => matching(place, entries)))
  const secrets: ExportedSecret[] = []
  const findings: Finding[] = []
  for (const { secret, entry } of pairs.filter((one) => placed.has(one.entry))) {
    if (!usesIdentity(entry)) {
      findings.push(secretLeftOut(namespace, entry.secret))
      continue
    }
    const left = entry.keys.filter((key) => !PLAIN_KEYS.has(key))
    if (left.length > 0) findings.push(keysLeftOut(namespace, entry.secret, left))
    const data = Object.entries(secret.data ?? {})
      .filter(([key]) => PLAIN_KEYS.has(key))
      .map(([key, value]) => [key, Buffer.from(value, 'base64').toString()])
    secrets.push({
      namespace,
      name: entry.secret,
      labels: labelsOf(entry.kind, secret.metadata?.labels),
      data: Object.fromEntries(data) as Record<string, string>
    })
  }
  return { secrets, findings }
}

/** The label by which Argo CD knows it, and the mark of Patless: remove deletes what has it. */
function labelsOf(
  kind: SecretKind,
  { 'app.kubernetes.io/managed-by': manager }: Readonly<Record<string, string>> = {}
): Record<string, string> {
  return {
    [TYPE_LABEL]: kind,
    ...(manager === undefined ? {} : { 'app.kubernetes.io/managed-by': manager })
  }
}

function secretLeftOut(namespace: string, name: string): Finding {
  return warning({
    id: 'export/secret-left-out',
    summary: `The Secret ${namespace}/${name} is not exported: Argo CD does not read by workload identity through it.`,
    remedy: `run with ${input('mode', 'migrate')}, or with ${input('mode', 'apply')}, and export again`,
    object: `Secret ${namespace}/${name}`
  })
}

function keysLeftOut(namespace: string, name: string, keys: readonly string[]): Finding {
  return warning({
    id: 'export/keys-left-out',
    summary: `The Secret ${namespace}/${name} has keys that are not exported, because their values may be secret: ${keys.join(', ')}.`,
    remedy: 'look at them, and add what is still needed to the exported Secret yourself',
    command: `kubectl -n ${word(namespace)} describe secret ${word(name)}`,
    object: `Secret ${namespace}/${name}`
  })
}

/** The one that the inputs name, where it has one source, as Patless makes it. */
async function applicationOf(
  { application: wanted }: DesiredChain,
  { clusterId, namespace }: Instance,
  { argocd }: Services
): Promise<ExportedApplication | undefined> {
  const found = wanted && (await argocd(clusterId).application(namespace, wanted.name))
  const [source] = found?.sources ?? []
  if (!found || !source || found.multiple) return undefined
  const { name, project, destination } = found
  const { url, path = '', revision = 'HEAD' } = source
  return {
    namespace,
    name,
    project,
    source: { url, path, revision },
    destination: destination.namespace ?? ''
  }
}

/** The exported Application as an object of the cluster. */
export function manifestOf({ name, namespace, project, source, destination }: ExportedApplication) {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name, namespace },
    spec: {
      project,
      source: { repoURL: source.url, path: source.path, targetRevision: source.revision },
      destination: { server: IN_CLUSTER, namespace: destination }
    }
  }
}

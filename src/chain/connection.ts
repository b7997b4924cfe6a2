/**
 * Argo CD connects to the repository without stored credentials: one repository Secret per URL, or a credential
 * template per project, with `useAzureWorkloadIdentity` and nothing that takes precedence over it by Argo CD's own
 * rules (`argocd/secrets.ts`).
 */
import type { V1Secret } from '@kubernetes/client-node'
import { matching, nameOf, namesake, placesOf, type Place, type Places } from '../argocd/places.ts'
import { MADE_BY_PATLESS, whyNotMadeFor } from '../argocd/ownership.ts'
import { concerning } from '../argocd/fingerprint.ts'
import { MIGRATED } from '../argocd/migration/mark.ts'
import { revokeFinding, unusedByMarks } from '../argocd/migration/unused.ts'
import { breakingAll, CHANGED, entryOf, VERIFIED_WITH, TYPE_LABEL, type Entry } from '../argocd/secrets.ts'
import { amongUrls } from '../argocd/urls.ts'
import {
  openToAll,
  readByOthers,
  scopedOtherwise,
  spelledOtherwise,
  storedBeside,
  tooWide,
  unseen,
  type Usage
} from '../argocd/usage.ts'
import type { Application } from '../services/kubernetes/argocd-objects.ts'
import type { Kubernetes } from '../services/kubernetes/api.ts'
import { mapBounded } from '../core/concurrency.ts'
import { HttpProblem } from '../http/errors.ts'
import { note, Problem, warning, type Finding } from '../core/finding.ts'
import type { Difference } from '../engine/outcome.ts'
import type { ChainResource } from './resource.ts'
import { contentOf, entriesAfterWrite } from '../argocd/after-write.ts'
import { copiesOf } from './connection-copies.ts'
import { isServed, loginChanges, openingChanges, placeChanges, undoneBy } from './connection-differences.ts'
import { deletionOf, isProbe, leftover, lookalikes, ownedAmong } from './connection-ownership.ts'
import { word } from '../core/shell.ts'
import { OF_REPOSITORIES, READING } from '../services/kubernetes/secrets.ts'
import type { CheckedCredentials } from './stored-in-check.ts'

interface Spec extends Places {
  readonly clusterId: string | undefined
  readonly namespace: string
  /** Namespace in which Applications are listed; undefined: the whole cluster. */
  readonly scope: string | undefined
  /** Version of Argo CD, which determines the keys that it reads from a Secret. */
  readonly version: string | undefined
  /** URLs of charts that this run connects, too. */
  readonly charts: readonly string[]
  /** Of a check: stored credentials that concern the URLs are looked for, too. */
  readonly stored: CheckedCredentials | undefined
  /** Whether credentials that migrations took out of Secrets are named. */
  readonly reminds: boolean
}

interface State extends Usage {
  /** Secrets that match a desired connection. */
  readonly placed: readonly Entry[]
  /** About stored credentials that are not the connection's own. */
  readonly stored: readonly Finding[]
}

export interface Connection extends Spec {
  /** Applications that use one of the URLs, in a spelling the connection matches. */
  readonly users: readonly Application[]
  /** Probes that a killed run left over. */
  readonly probes: readonly Application[]
  /** Secrets that connect the URLs, with the earlier verification recorded on them. */
  readonly secrets: readonly Entry[]
  /** All Secrets that Argo CD's rules may apply to the URLs. */
  readonly concerning: readonly Entry[]
  /** Whether any Secret was moved by a migration. */
  readonly migrated: boolean
  /** Templates that Argo CD has to read before any source, but cannot. */
  readonly breaking: readonly Entry[]
}

export const connection: ChainResource<Spec, State, Connection> = {
  kind: 'connection',

  async read(spec, { kubernetes, argocd, endpoints }) {
    const { clusterId, namespace, scope, version } = spec
    const [secrets, applications, sets] = await Promise.all([
      kubernetes(clusterId).argoSecrets(namespace, spec.stored ? OF_REPOSITORIES : READING),
      argocd(clusterId).applications(scope),
      argocd(clusterId).applicationSets(scope)
    ])
    const entries = secrets.flatMap((one) => entryOf(one, version) ?? [])
    const placed = placesOf(spec).flatMap((place) => matching(place, entries))
    const { host } = new URL(endpoints.devops)
    const read = { secrets, entries, applications, sets, host }
    const state = { entries, placed, applications, sets: sets ?? [] }
    if (!spec.stored) return { ...state, stored: [] }
    const { storedInCheck } = await import('./stored-in-check.ts')
    return { ...state, stored: storedInCheck(spec, spec.stored, read, Date.now()) }
  },

  assess: (spec, state) => ({
    exists: state.placed.length > 0,
    differences: differencesOf(spec, state),
    findings: findingsOf(spec, state),
    output: outputOf(spec, state),
    summary:
      spec.kind === 'repository'
        ? `${spec.urls.join(', ')} in ${spec.namespace}`
        : `templates for ${spec.urls.join(', ')} in ${spec.namespace}`,
    dependents: { repositories: readByOthers({ ...spec, urls: [...spec.urls, ...spec.charts] }, state) }
  }),

  async apply(spec, { entries }, { kubernetes }) {
    const { clusterId, namespace } = spec
    const api = kubernetes(clusterId)
    await mapBounded(placesOf(spec), async (place) => {
      if (placeChanges(place, entries, namespace).length === 0) return
      const [found] = matching(place, entries)
      const secret = found ?? namesake(place, entries)
      if (!secret) {
        await createSecret(api, namespace, place)
        return
      }
      const { version, name } = secret.marks
      const ours = whyNotMadeFor(place, secret, namespace) === undefined
      const stringData = ours ? contentOf(place, found?.url) : { useAzureWorkloadIdentity: 'true' }
      // Verification recorded for the old content is void.
      const changed = ours ? {} : { [CHANGED]: Object.keys(stringData).join(',') }
      const metadata = {
        resourceVersion: version.resourceVersion,
        annotations: { [VERIFIED_WITH]: null, ...changed }
      }
      await api.patchSecret(namespace, name, { metadata, stringData })
    })
  },

  planDelete: (spec, state, { repositories }) => deletionOf(spec, state, repositories),

  async delete(spec, { entries, applications = [] }, { kubernetes, argocd }) {
    const { clusterId, namespace } = spec
    for (const { name, marks } of applications.filter((one) => isProbe(one, namespace)))
      await argocd(clusterId).deleteApplication(namespace, name, marks.version)
    for (const { secret, marks } of ownedAmong(spec, entries).ours)
      await kubernetes(clusterId).deleteSecret(namespace, secret, marks.version)
  }
}

function differencesOf(spec: Spec, state: State): Difference[] {
  // The choice between one project and all projects is reported first, because the rest depends on it.
  const opening = openingChanges(spec, state.entries)
  if (opening.length > 0) return opening
  const after = { ...state, entries: entriesAfterWrite(spec, state.entries) }
  return placesOf(spec)
    .flatMap((place) => placeChanges(place, state.entries, spec.namespace))
    .concat(loginChanges(spec, after))
}

function outputOf(spec: Spec, { placed, entries, applications = [] }: State): Connection {
  const isOurs = amongUrls(spec.urls)
  const uses = ({ sources }: Application): boolean => sources.some(({ url }) => isOurs(url))
  return {
    ...spec,
    users: applications.filter((one) => uses(one) && !isProbe(one, spec.namespace) && isServed(one, spec)),
    probes: applications.filter((one) => isProbe(one, spec.namespace)),
    secrets: placed,
    concerning: concerning(spec.urls, entries),
    migrated: entries.some(({ marks }) => MIGRATED in marks.annotations),
    breaking: breakingAll(entries, spec.version)
  }
}

function findingsOf(spec: Spec, state: State): Finding[] {
  const notes = [
    ...scopedOtherwise(spec, state),
    ...openToAll(spec, state),
    ...placesOf(spec).flatMap((place) => undoneBy(place, state.entries, spec.namespace)),
    ...unseen(state),
    ...(state.applications ?? []).filter((one) => isProbe(one, spec.namespace)).map(leftover),
    ...lookalikes(state.applications ?? [], spec.namespace)
  ].map(note)
  // In order today, and dangerous or surprising tomorrow. An Application that cannot read is somebody's to correct, whatever
  // the verdict on the others.
  const warnings = [
    ...tooWide(state),
    ...storedBeside(spec, state),
    ...spelledOtherwise(spec, state),
    ...placesOf(spec).flatMap((place) => copiesOf(place, state.entries))
  ]
  const unused = spec.reminds ? unusedByMarks(state.entries, spec.namespace) : []
  return [...warnings.map(warning), ...state.stored, ...notes, ...unused.map(revokeFinding).map(note)]
}

/** @throws {Problem} when a Secret that Argo CD does not read already has the name: Argo CD would refuse it as well. */
async function createSecret(api: Kubernetes, namespace: string, place: Place): Promise<void> {
  try {
    await api.createSecret(namespace, secretFor(place))
  } catch (error) {
    if (!(error instanceof HttpProblem) || error.code !== 'AlreadyExists') throw error
    const name = nameOf(place)
    // Another run may have created it first; the engine reads the result.
    if ((await api.argoSecrets(namespace)).some(({ metadata }) => metadata?.name === name)) return
    throw new Problem({
      id: 'connection/secret-unlabelled',
      summary: `The Secret ${namespace}/${name} exists, but without the label by which Argo CD knows repositories.`,
      expected: `${TYPE_LABEL}: ${place.kind}`,
      actual: 'another or no value',
      remedy: 'find out what it is for; delete it if nobody needs it, or give it the label, then run again',
      command: `kubectl -n ${word(namespace)} label secret ${word(name)} ${TYPE_LABEL}=${place.kind} --overwrite`
    })
  }
}

/** Has the name that `argocd repo add` or `argocd repocreds add` would give. */
function secretFor(place: Place): V1Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: nameOf(place), labels: { [TYPE_LABEL]: place.kind, ...MADE_BY_PATLESS } },
    stringData: contentOf(place)
  }
}

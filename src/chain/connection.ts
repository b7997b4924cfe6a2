/**
 * Argo CD connects to the repository without credentials: one repository Secret per URL, or a credential template per
 * project, with `useAzureWorkloadIdentity` and nothing that beats it, by Argo CD's own rules (`argocd/secrets.ts`).
 */
import type { V1Secret } from '@kubernetes/client-node'
import { matching, nameOf, namesake, placesOf, type Place, type Places } from '../argocd/places.ts'
import { concerning } from '../argocd/fingerprint.ts'
import { MADE_BY_PATLESS, whyNotMadeFor } from '../argocd/ownership.ts'
import { breakingAll, CHANGED, entryOf, PROVED, TYPE_LABEL, type Entry } from '../argocd/secrets.ts'
import { sameUrl } from '../argocd/urls.ts'
import {
  openToAll,
  readByOthers,
  scopedOtherwise,
  spelledOtherwise,
  tooWide,
  unseen,
  type Usage
} from '../argocd/usage.ts'
import type { Application } from '../services/kubernetes/argocd-objects.ts'
import type { Kubernetes } from '../services/kubernetes/kubernetes.ts'
import { HttpProblem } from '../http/errors.ts'
import { Problem } from '../core/problem.ts'
import type { ChainHop } from './resource.ts'
import {
  contentOf,
  isServed,
  loginChanges,
  openingChanges,
  placeChanges,
  undoneBy
} from './connection-differences.ts'
import { belongingOf, isProbe, leftover, lookalikes, ownedAmong } from './connection-ownership.ts'
import { word } from '../core/shell.ts'

interface Want extends Places {
  readonly clusterId: string | undefined
  readonly namespace: string
  /** Where Applications are looked for; undefined: in the whole cluster. */
  readonly scope: string | undefined
  /** Of Argo CD: it decides which keys of a Secret are read. */
  readonly version: string | undefined
}

interface Seen extends Usage {
  /** Those that are for the wanted places. */
  readonly placed: readonly Entry[]
}

export interface Connection extends Want {
  /** Applications that use one of the URLs, in a spelling the connection matches. */
  readonly users: readonly Application[]
  /** Leftovers of probes, by a run that was killed. */
  readonly probes: readonly Application[]
  /** Secrets that connect the URLs, and what they say of an earlier proof. */
  readonly secrets: readonly Entry[]
  /** All that may have a say about the URLs, by Argo CD's rules. */
  readonly concerning: readonly Entry[]
  /** Templates that Argo CD reads before any source, and cannot. */
  readonly breaking: readonly Entry[]
}

export const connection: ChainHop<Want, Seen, Connection> = {
  name: 'connection',

  async observe(want, { kubernetes, argocd }) {
    const { clusterId, namespace, scope, version } = want
    const [secrets, applications, sets] = await Promise.all([
      kubernetes(clusterId).argoSecrets(namespace),
      argocd(clusterId).applications(scope),
      argocd(clusterId).applicationSets(scope)
    ])
    const entries = secrets.flatMap((one) => entryOf(one, version) ?? [])
    const placed = placesOf(want).flatMap((place) => matching(place, entries))
    return { entries, placed, applications, sets: sets ?? [] }
  },

  exists: ({ placed }) => placed.length > 0,
  compare(want, seen) {
    // What would open to all what is for one is said first: the rest depends on the choice.
    const opening = openingChanges(want, seen.entries)
    if (opening.length > 0) return opening
    return placesOf(want)
      .flatMap((place) => placeChanges(place, seen.entries, want.namespace))
      .concat(want.urls.flatMap((url) => loginChanges(url, want, seen)))
  },

  given(want, { placed, entries, applications = [] }) {
    const uses = ({ sources }: Application): boolean =>
      sources.some(({ url }) => want.urls.some((one) => sameUrl(one, url)))
    return {
      ...want,
      users: applications.filter((one) => uses(one) && !isProbe(one, want.namespace) && isServed(one, want)),
      probes: applications.filter((one) => isProbe(one, want.namespace)),
      secrets: placed,
      concerning: concerning(want.urls, entries),
      breaking: breakingAll(entries, want.version)
    }
  },

  summary: ({ kind, urls, namespace }) =>
    `${kind === 'repository' ? urls.join(', ') : `templates for ${urls.join(', ')}`} in ${namespace}`,

  notes: (want, seen) => [
    ...spelledOtherwise(want, seen),
    ...scopedOtherwise(want, seen),
    ...openToAll(want, seen),
    ...tooWide(seen),
    ...placesOf(want).flatMap((place) => undoneBy(place, seen.entries, want.namespace)),
    ...unseen(seen),
    ...(seen.applications ?? []).filter((one) => isProbe(one, want.namespace)).map(leftover),
    ...lookalikes(seen.applications ?? [], want.namespace)
  ],

  async apply(want, { entries }, { kubernetes }) {
    const { clusterId, namespace } = want
    const api = kubernetes(clusterId)
    for (const place of placesOf(want)) {
      if (placeChanges(place, entries, namespace).length === 0) continue
      const [found] = matching(place, entries)
      const secret = found ?? namesake(place, entries)
      if (!secret) {
        await created(api, namespace, place)
        continue
      }
      const { version, name } = secret.marks
      const ours = whyNotMadeFor(place, secret, namespace) === undefined
      const stringData = ours ? contentOf(place, found?.url) : { useAzureWorkloadIdentity: 'true' }
      // What was proved through another content counts no more.
      const changed = ours ? {} : { [CHANGED]: Object.keys(stringData).join(',') }
      const metadata = {
        resourceVersion: version.resourceVersion,
        annotations: { [PROVED]: null, ...changed }
      }
      await api.patchSecret(namespace, name, { metadata, stringData })
    }
  },

  others: (want, seen) => ({ repositories: readByOthers(want, seen) }),

  belonging: (want, seen, { repositories }) => belongingOf(want, seen, repositories),

  async remove(want, { entries, applications = [] }, { kubernetes, argocd }) {
    const { clusterId, namespace } = want
    for (const { name, marks } of applications.filter((one) => isProbe(one, namespace)))
      await argocd(clusterId).deleteApplication(namespace, name, marks.version)
    for (const { secret, marks } of ownedAmong(want, entries).ours)
      await kubernetes(clusterId).deleteSecret(namespace, secret, marks.version)
  }
}

/** @throws {Problem} when the name is taken by a Secret that Argo CD does not read: it would refuse it as well. */
async function created(api: Kubernetes, namespace: string, place: Place): Promise<void> {
  try {
    await api.createSecret(namespace, secretFor(place))
  } catch (error) {
    if (!(error instanceof HttpProblem) || error.code !== 'AlreadyExists') throw error
    const name = nameOf(place)
    // Another run may have been faster; the engine looks at what it wrote.
    if ((await api.argoSecrets(namespace)).some(({ metadata }) => metadata?.name === name)) return
    throw new Problem({
      what: `The Secret ${namespace}/${name} exists, but without the label by which Argo CD knows repositories.`,
      expected: `${TYPE_LABEL}: ${place.kind}`,
      found: 'another or no value',
      remedy: `see what it is for; then delete it (kubectl -n ${word(namespace)} delete secret ${word(name)}) if nothing is, or label it (kubectl -n ${word(namespace)} label secret ${word(name)} ${TYPE_LABEL}=${place.kind} --overwrite), then run again`
    })
  }
}

/** Named as `argocd repo add` and `argocd repocreds add` would. */
function secretFor(place: Place): V1Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: nameOf(place), labels: { [TYPE_LABEL]: place.kind, ...MADE_BY_PATLESS } },
    stringData: contentOf(place)
  }
}

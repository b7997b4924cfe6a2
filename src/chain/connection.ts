/**
 * Argo CD connects to the repository without credentials: one repository Secret per URL, or a credential template per
 * project, with `useAzureWorkloadIdentity` and nothing that beats it, by Argo CD's own rules (`argocd/secrets.ts`).
 */
import type { V1Secret } from '@kubernetes/client-node'
import {
  matching,
  nameOf,
  namesake,
  placesOf,
  scopedFor,
  scopeOf,
  type Place,
  type Places
} from '../argocd/places.ts'
import { secretPatch } from '../argocd/managers.ts'
import { MADE_BY_PATLESS, whyNotMadeFor } from '../argocd/ownership.ts'
import { CHANGED, entryOf, isTrue, PROVED, resolved, TYPE_LABEL, type Entry } from '../argocd/secrets.ts'
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
import { withoutCredentials } from '../core/text.ts'
import { Problem, type ProblemFacts } from '../core/problem.ts'
import type { ChainHop } from './resource.ts'
import type { Change } from '../engine/outcome.ts'
import {
  belongingOf,
  isProbe,
  leftover,
  lookalikes,
  notOurs,
  ownedAmong,
  whyNotToWrite
} from './connection-ownership.ts'
import { word } from '../core/shell.ts'

interface Want extends Places {
  readonly clusterId: string | undefined
  readonly namespace: string
  /** Where Applications are looked for; undefined: in the whole cluster. */
  readonly scope: string | undefined
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
  readonly secrets: readonly Pick<Entry, 'secret' | 'proved'>[]
}

export const connection: ChainHop<Want, Seen, Connection> = {
  name: 'connection',

  async observe(want, { kubernetes, argocd }) {
    const { clusterId, namespace, scope } = want
    const [secrets, applications, sets] = await Promise.all([
      kubernetes(clusterId).argoSecrets(namespace),
      argocd(clusterId).applications(scope),
      argocd(clusterId).applicationSets(scope)
    ])
    const entries = secrets.flatMap((one) => entryOf(one) ?? [])
    const placed = placesOf(want).flatMap((place) => matching(place, entries))
    return { entries, placed, applications, sets: sets ?? [] }
  },

  exists: ({ placed }) => placed.length > 0,
  compare(want, seen) {
    // What would open to all what is for one is said first: the rest depends on the choice.
    const opening = want.urls.flatMap((url) => openingChanges(url, want, seen.entries))
    if (opening.length > 0) return opening
    return placesOf(want)
      .flatMap((place) => placeChanges(place, seen.entries, want.namespace))
      .concat(want.urls.flatMap((url) => loginChanges(url, want, seen)))
  },

  given(want, { placed, applications = [] }) {
    const uses = ({ sources }: Application): boolean =>
      sources.some(({ url }) => want.urls.some((one) => sameUrl(one, url)))
    return {
      ...want,
      users: applications.filter((one) => uses(one) && !isProbe(one, want.namespace) && isServed(one, want)),
      probes: applications.filter((one) => isProbe(one, want.namespace)),
      secrets: placed
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

const WORDS = { repository: 'repository Secret', 'repo-creds': 'credential template' } as const

function contentOf({ project, url }: Place, written = url): Record<string, string> {
  const plain = { type: 'git', url: written, useAzureWorkloadIdentity: 'true' }
  return project === '' ? plain : { ...plain, project }
}

/** Whether the connection is for Applications of its project. */
function isServed({ project }: Application, want: Want): boolean {
  return scopeOf(want) === '' || project === scopeOf(want)
}

/** Nobody said that all projects may read what only one of them may now. */
function openingChanges(url: string, want: Want, entries: readonly Entry[]): Change[] {
  const [scoped] = scopedFor(url, entries)
  const open = ['workload identity', 'other credentials'].includes(resolved(url, '', entries).login)
  const global = entries.some(
    (one) => one.kind === 'repository' && one.project === '' && sameUrl(one.url, url)
  )
  if (want.project !== undefined || !scoped || open || global) return []
  const projects = [...new Set(scopedFor(url, entries).map(({ project }) => project))]
  const what = `${url} is connected for project ${projects.join(', ')} only (repository Secret ${scoped.secret}); ${want.kind === 'repository' ? 'a Secret' : 'a template'} without a project would open it to Applications of every project.`
  const remedy = `set argocd-project: ${projects.join(' or ')} to connect it for that project, or argocd-project: '*' to open it to all`
  const link =
    'https://argo-cd.readthedocs.io/en/stable/user-guide/projects/#project-scoped-repositories-and-clusters'
  return [
    {
      field: `${WORDS[want.kind]} of ${url}`,
      expected: 'argocd-project, where one project only is connected',
      found: `project ${projects.join(', ')}`,
      blocked: { what, remedy, link }
    }
  ]
}

/** How one Secret differs from what it should be; what its maker would take back is not written. */
function placeChanges(place: Place, entries: readonly Entry[], namespace: string): Change[] {
  const [found = namesake(place, entries)] = matching(place, entries)
  const changes = contentChanges(place, entries, namespace)
  const { manager } = found ?? {}
  if (!found || manager?.reverts !== true) return changes
  const keys = contentOf(place, found.url)
  const blocked: ProblemFacts = {
    what: `The Secret ${found.secret} is made by ${manager.who}, which would undo a change of it.`,
    expected: 'the change in its source',
    found: manager.who,
    remedy: secretPatch(manager, namespace, found.secret, keys)
  }
  return changes.map((change) => ({ blocked, ...change }))
}

/** Who may undo what was written, or is to be, and what to write where. */
function undoneBy(place: Place, entries: readonly Entry[], namespace: string): ProblemFacts[] {
  return matching(place, entries).flatMap(({ secret, url, manager, changed }) =>
    manager?.reverts === false && (changed || contentChanges(place, entries, namespace).length > 0)
      ? [
          {
            what: `The Secret ${secret} is made by ${manager.who}, which may undo what Patless writes into it.`,
            remedy: secretPatch(manager, namespace, secret, contentOf(place, url))
          }
        ]
      : []
  )
}

function contentChanges(place: Place, entries: readonly Entry[], namespace: string): Change[] {
  const { kind, url } = place
  const [found, second] = matching(place, entries)
  const other = namesake(place, entries)
  if (!found)
    return other
      ? [elsewhere(place, other, namespace)]
      : [{ field: WORDS[kind], expected: url, found: undefined }]
  const changes: Change[] = []
  if (second) changes.push(duplicate(url, found, second))
  if (found.credentialKeys.length > 0) changes.push(heldCredentials(url, found))
  const foreign = whyNotMadeFor(place, found, namespace)
  const equal = (key: string, expected: string, now: string | undefined): void => {
    const change = { field: `Secret ${found.secret} ${key}`, expected, found: now }
    const why = foreign === undefined ? undefined : whyNotToWrite(found, now)
    changes.push(why === undefined ? change : { ...change, blocked: notOurs(found, change, why, namespace) })
  }
  if (!isTrue(found.workloadIdentity)) equal('useAzureWorkloadIdentity', 'true', found.workloadIdentity)
  if (found.type !== 'git' && found.type !== '') equal('type', 'git', found.type)
  const unreadable = found.unreadable.filter((key) => key !== 'useAzureWorkloadIdentity')
  if (unreadable.length > 0) changes.push(notBoolean(found, unreadable))
  return changes
}

/** What Argo CD would use in the end, for Applications of any project, and for those there are. */
function loginChanges(url: string, want: Want, { entries, applications = [] }: Seen): Change[] {
  const wanted = placesOf(want)
  const isWanted = (entry: Entry | undefined): boolean =>
    entry === undefined || wanted.some((place) => matching(place, entries).includes(entry))
  const projects = applications
    .filter((one) => isServed(one, want))
    .filter(({ sources }) => sources.some((source) => sameUrl(source.url, url)))
    .map(({ project }) => project)
  return [...new Set([scopeOf(want), ...projects])].flatMap((project) => {
    const { login, by, rivals } = resolved(url, project, entries)
    // What is wrong with a wanted Secret itself is told where it stands.
    if (isWanted(by)) return []
    if (login === 'workload identity' && rivals.length === 0) return []
    return by ? [shadowed(url, project, by, login)] : []
  })
}

function duplicate(url: string, found: Entry, other: Entry): Change {
  const what = `Two Secrets, ${found.secret} and ${other.secret}, are for ${url}; which one Argo CD uses is not defined.`
  return {
    field: `${WORDS[found.kind]}s`,
    expected: '1',
    found: '2',
    blocked: { what, remedy: 'delete one of them' }
  }
}

function heldCredentials(url: string, { secret, credentialKeys }: Entry): Change {
  const keys = credentialKeys.join(', ')
  const what = `The Secret ${secret} for ${url} holds credentials (${keys}); Argo CD uses them instead of workload identity, without a word.`
  const remedy = `remove these keys from the Secret ${secret} (or from where it is made), then run again; revoke the token afterwards`
  const link = 'https://argo-cd.readthedocs.io/en/stable/user-guide/private-repositories/'
  return {
    field: `Secret ${secret} credentials`,
    expected: 'none',
    found: keys,
    blocked: { what, remedy, link }
  }
}

function notBoolean({ secret }: Entry, keys: readonly string[]): Change {
  const what = `The Secret ${secret} holds no boolean in ${keys.join(', ')}; Argo CD then cannot read the Secret at all.`
  const remedy = `write "true" or "false", or remove the keys`
  return {
    field: `Secret ${secret} ${keys.join(', ')}`,
    expected: 'true or false',
    found: 'something else',
    blocked: { what, remedy }
  }
}

function shadowed(url: string, project: string, by: Entry, login: string): Change {
  const who = project === '' ? 'Applications' : `Applications of project ${project}`
  const what = `${who} use the ${WORDS[by.kind]} ${by.secret} (${withoutCredentials(by.url)}) for ${url}; it gives them ${login}, and wins by Argo CD's rules.`
  const remedy = `delete or narrow the Secret ${by.secret}, or take its credentials out, then run again`
  const link =
    'https://argo-cd.readthedocs.io/en/stable/user-guide/private-repositories/#credential-templates'
  return {
    field: `login of ${url}${project === '' ? '' : ` in project ${project}`}`,
    expected: 'workload identity',
    found: `${login} by Secret ${by.secret}`,
    blocked: { what, remedy, link }
  }
}

/** Argo CD compares URL and project; a Secret that says otherwise is for other Applications. */
function elsewhere(place: Place, other: Entry, namespace: string): Change {
  const { secret, url: found, project } = other
  const wanted = place.project === '' ? 'any project' : `project ${place.project}`
  const change = {
    field: `${WORDS[place.kind]} ${secret}`,
    expected: `${place.url} of ${wanted}`,
    found: `${withoutCredentials(found)} of project "${project}"`
  }
  const why = whyNotMadeFor(place, other, namespace)
  if (why === undefined) return change
  const what = `The Secret ${secret} has the name that Argo CD gives to the Secret of ${place.url}, but is for something else, and not provably made by Patless: ${why}.`
  return { ...change, blocked: { what, remedy: `rename or correct the Secret ${secret}, then run again` } }
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
      remedy: `delete it (kubectl -n ${word(namespace)} delete secret ${word(name)}) or label it (kubectl -n ${word(namespace)} label secret ${word(name)} ${TYPE_LABEL}=${place.kind} --overwrite), then run again`
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

/** Differences of the Secrets that connect the URLs. Those that Patless must not change are blocked, with a remedy. */
import { contentOf } from '../argocd/after-write.ts'
import { secretPatch } from '../argocd/managers.ts'
import { whyNotMadeFor } from '../argocd/ownership.ts'
import {
  matching,
  namesake,
  placesOf,
  scopedFor,
  scopeOf,
  type Place,
  type Places
} from '../argocd/places.ts'
import { resolved, type Entry } from '../argocd/secrets.ts'
import { isTrue } from '../core/go-bool.ts'
import { byUrl, hasPrefix, normalized, sameUrl } from '../argocd/urls.ts'
import type { Usage } from '../argocd/usage.ts'
import type { FindingFacts } from '../core/finding.ts'
import { withoutCredentials } from '../core/text.ts'
import type { Difference } from '../engine/outcome.ts'
import type { Application } from '../services/kubernetes/argocd-objects.ts'
import { duplicate, isCopy } from './connection-copies.ts'
import { notOurs, whyNotToWrite } from './connection-ownership.ts'
import { input } from '../core/input-name.ts'

const WORDS = { repository: 'repository Secret', 'repo-creds': 'credential template' } as const

/** Whether Applications of this one's project can use the connection. */
export function isServed({ project }: Application, spec: Places): boolean {
  return scopeOf(spec) === '' || project === scopeOf(spec)
}

/** Opening to all projects what only some projects can read now needs an explicit choice, so it is blocked. */
export function openingChanges(spec: Places, entries: readonly Entry[]): Difference[] {
  if (spec.project !== undefined) return []
  const found =
    spec.kind === 'repository'
      ? spec.urls.flatMap((url) => scopedFor(url, entries).slice(0, 1))
      : // A template also applies to repositories that this run does not name.
        placesOf(spec).flatMap(({ url: prefix }) =>
          entries.filter(
            ({ kind, url, project }) => kind === 'repository' && project !== '' && hasPrefix(url, prefix)
          )
        )
  const urls = [...new Map(found.map(({ url }) => [normalized(url), url])).values()]
  return urls.filter((url) => !isOpen(url, entries)).map((url) => opening(url, spec, entries))
}

/** Whether Applications of every project can already read it, or somebody has configured how they do. */
function isOpen(url: string, entries: readonly Entry[]): boolean {
  return (
    ['workload identity', 'other credentials'].includes(resolved(url, '', entries).login) ||
    entries.some((one) => one.kind === 'repository' && one.project === '' && sameUrl(one.url, url))
  )
}

function opening(url: string, { kind, urls }: Places, entries: readonly Entry[]): Difference {
  const scoped = scopedFor(url, entries)
  const projects = [...new Set(scoped.map(({ project }) => project))]
  const shown = withoutCredentials(url)
  const asked = urls.some((one) => sameUrl(one, url))
  const summary = `${shown} is connected for project ${projects.join(', ')} only (repository Secret ${scoped[0]?.secret ?? ''}); ${kind === 'repository' ? 'a Secret' : 'a template'} without a project would open it to Applications of every project.`
  const chosen = input('argocd-project', projects.join(' or '))
  const way =
    kind === 'repository'
      ? `${chosen} to connect it for that project`
      : asked
        ? `${input('connection', 'repository')} and ${chosen} to connect it for that project`
        : `${input('connection', 'repository')} to connect nothing but ${input('repository-url')}`
  return {
    field: `${WORDS[kind]} of ${shown}`,
    expected: `${input('argocd-project')}, where one project only is connected`,
    actual: `project ${projects.join(', ')}`,
    blocked: {
      id: 'connection/project-scoped',
      summary,
      remedy: `set ${way}, or ${input('argocd-project', "'*'")} to open it to all`,
      link: 'https://argo-cd.readthedocs.io/en/stable/user-guide/projects/#project-scoped-repositories-and-clusters'
    }
  }
}

/** Differences of one Secret. They are blocked when the manager of the Secret would revert a change. */
export function placeChanges(place: Place, entries: readonly Entry[], namespace: string): Difference[] {
  const [found = namesake(place, entries)] = matching(place, entries)
  const changes = contentChanges(place, entries, namespace)
  const { manager } = found ?? {}
  if (!found || manager?.reverts !== true) return changes
  const keys = contentOf(place, found.url)
  const blocked: FindingFacts = {
    id: 'connection/managed-elsewhere',
    summary: `The Secret ${found.secret} is made by ${manager.who}, which would undo a change of it.`,
    expected: 'the change in its source',
    actual: manager.who,
    ...secretPatch(manager, namespace, found.secret, keys)
  }
  return changes.map((change) => ({ blocked, ...change }))
}

/** Managers that may undo a change that is made or due, and what to write into their source. */
export function undoneBy(place: Place, entries: readonly Entry[], namespace: string): FindingFacts[] {
  return matching(place, entries).flatMap(({ secret, url, manager, changed }) =>
    manager?.reverts === false && (changed || contentChanges(place, entries, namespace).length > 0)
      ? [
          {
            id: 'connection/may-be-undone',
            summary: `The Secret ${secret} is made by ${manager.who}, which may revert what Patless writes.`,
            ...secretPatch(manager, namespace, secret, contentOf(place, url))
          }
        ]
      : []
  )
}

function contentChanges(place: Place, entries: readonly Entry[], namespace: string): Difference[] {
  const { kind, url } = place
  const [found, ...others] = matching(place, entries)
  const other = namesake(place, entries)
  if (!found)
    return other
      ? [elsewhere(place, other, namespace)]
      : [{ field: WORDS[kind], expected: url, actual: undefined }]
  const changes: Difference[] = []
  const second = others.find((one) => !isCopy(one, found))
  if (second) changes.push(duplicate(url, found, second))
  if (found.beating.length > 0) changes.push(heldCredentials(url, found))
  const foreign = whyNotMadeFor(place, found, namespace)
  const equal = (key: string, expected: string, now: string | undefined): void => {
    const change = { field: `Secret ${found.secret} ${key}`, expected, actual: now }
    const why = foreign === undefined ? undefined : whyNotToWrite(found, now)
    changes.push(why === undefined ? change : { ...change, blocked: notOurs(found, change, why, namespace) })
  }
  if (!isTrue(found.workloadIdentity)) equal('useAzureWorkloadIdentity', 'true', found.workloadIdentity)
  if (found.type !== 'git' && found.type !== '') equal('type', 'git', found.type)
  const unreadable = found.unreadable.filter((key) => key !== 'useAzureWorkloadIdentity')
  if (unreadable.length > 0) changes.push(unreadableIn(found, unreadable))
  return changes
}

/**
 * Compares the login that Argo CD resolves for each URL, for the scope of the connection and for each project that uses it.
 *
 * @param usage with the entries as they are after the write: what apply itself writes counts
 */
export function loginChanges(spec: Places, { entries, applications = [] }: Usage): Difference[] {
  const wanted = new Set(placesOf(spec).flatMap((place) => matching(place, entries)))
  const usersOf = byUrl(
    applications.filter((one) => isServed(one, spec)),
    ({ sources }) => sources.map(({ url }) => url)
  )
  return spec.urls.flatMap((url) => {
    const projects = usersOf(url).map(({ project }) => project)
    return [...new Set([scopeOf(spec), ...projects])].flatMap((project) => {
      const { login, by, rivals } = resolved(url, project, entries)
      // `placeChanges` reports the differences of a desired Secret itself.
      if (by === undefined || wanted.has(by)) return []
      if (login === 'workload identity' && rivals.length === 0) return []
      return [shadowed(url, project, by, login)]
    })
  })
}

function heldCredentials(url: string, { secret, beating }: Entry): Difference {
  const keys = beating.join(', ')
  const summary = `The Secret ${secret} for ${url} holds credentials (${keys}); Argo CD silently uses them instead of workload identity.`
  const remedy = `remove these keys from the Secret ${secret} (or from where it is made), then run again; revoke the token afterwards`
  const link = 'https://argo-cd.readthedocs.io/en/stable/user-guide/private-repositories/'
  return {
    field: `Secret ${secret} credentials`,
    expected: 'none',
    actual: keys,
    blocked: { id: 'connection/stored-credentials', summary, remedy, link }
  }
}

function unreadableIn({ secret }: Entry, keys: readonly string[]): Difference {
  const named = keys.join(', ')
  const summary = `Argo CD cannot read the Secret ${secret} at all: the value of ${named} is not the boolean or integer that it expects.`
  const remedy = `correct ${named} in the Secret ${secret}, or remove the keys (an empty value is a value, too), then run again`
  return {
    field: `Secret ${secret} ${named}`,
    expected: 'a value that Argo CD can parse',
    actual: 'another one',
    blocked: { id: 'connection/not-readable', summary, remedy }
  }
}

function shadowed(url: string, project: string, by: Entry, login: string): Difference {
  const who = project === '' ? 'Applications' : `Applications of project ${project}`
  const summary = `${who} use the ${WORDS[by.kind]} ${by.secret} (${withoutCredentials(by.url)}) for ${url}; it gives them ${login}, and wins by Argo CD's rules.`
  const remedy = `delete or narrow the Secret ${by.secret}, or take its credentials out, then run again`
  const link =
    'https://argo-cd.readthedocs.io/en/stable/user-guide/private-repositories/#credential-templates'
  return {
    field: `login of ${url}${project === '' ? '' : ` in project ${project}`}`,
    expected: 'workload identity',
    actual: `${login} by Secret ${by.secret}`,
    blocked: { id: 'connection/shadowed', summary, remedy, link }
  }
}

/** Argo CD compares URL and project, so a Secret with other values is for other Applications. */
function elsewhere(place: Place, other: Entry, namespace: string): Difference {
  const { secret, url: found, project } = other
  const wanted = place.project === '' ? 'any project' : `project ${place.project}`
  const change = {
    field: `${WORDS[place.kind]} ${secret}`,
    expected: `${place.url} of ${wanted}`,
    actual: `${withoutCredentials(found)} of project "${project}"`
  }
  const why = whyNotMadeFor(place, other, namespace)
  if (why === undefined) return change
  const summary = `The Secret ${secret} has the name that Argo CD gives to the Secret of ${place.url}, but is for something else, and not provably made by Patless: ${why}.`
  return {
    ...change,
    blocked: {
      id: 'connection/name-taken',
      summary,
      remedy: `recreate its content under another name and delete the Secret ${secret}, or correct it; then run again`
    }
  }
}

/** Who names repositories in a cluster, and what Argo CD makes of it: for the notes, and for what remove must leave. */
import type { Application } from '../services/kubernetes/argocd-objects.ts'
import type { FindingFacts } from '../core/finding.ts'
import { scopeOf, templatesFor, type Places } from './places.ts'
import { isTrue, resolved, type Entry } from './secrets.ts'
import { hasPrefix, sameRepository, sameUrl } from './urls.ts'
import { withoutCredentials } from '../core/text.ts'
import { input } from '../core/input-name.ts'

export interface Usage {
  readonly entries: readonly Entry[]
  /** undefined: the login may not look. */
  readonly applications: readonly Application[] | undefined
  readonly sets: readonly {
    readonly name: string
    readonly namespace: string
    readonly urls: readonly string[]
  }[]
}

/** Argo CD would not connect these, though a person takes them for the same repository. */
export function spelledOtherwise(
  places: Places,
  { entries, applications = [], sets }: Usage
): FindingFacts[] {
  const { urls, kind } = places
  const named = [
    ...applications.map(({ namespace, name, sources }) => ({
      who: `Application ${namespace}/${name}`,
      urls: sources.map(({ url }) => url)
    })),
    ...sets.map(({ namespace, name, urls: own }) => ({
      who: `ApplicationSet ${namespace}/${name}`,
      urls: own
    }))
  ]
  const covered = (url: string): boolean =>
    urls.some((one) => sameUrl(one, url)) ||
    (kind === 'repo-creds' && urls.flatMap(templatesFor).some((prefix) => hasPrefix(url, prefix))) ||
    resolved(url, scopeOf(places), entries).login === 'workload identity'
  return named.flatMap(({ who, urls: own }) =>
    [...new Set(own)]
      .filter((url) => urls.some((one) => sameRepository(one, url)) && !covered(url))
      .map((url) => ({
        id: 'connection/url-spelled-otherwise',
        summary: `${who} names the repository as ${withoutCredentials(url)}; Argo CD does not connect that spelling.`,
        remedy: `write ${urls.find((one) => sameRepository(one, url)) ?? ''} there, or add ${withoutCredentials(url)} to ${input('repository-url')}`,
        link: 'https://argo-cd.readthedocs.io/en/stable/user-guide/private-repositories/'
      }))
  )
}

/** Secrets for the same URL that only Applications of one project use: nobody does now, but somebody may. */
export function scopedOtherwise(places: Places, { entries }: Usage): FindingFacts[] {
  const { urls } = places
  return entries
    .filter(({ project }) => project !== '' && project !== scopeOf(places))
    .filter(({ url }) => urls.some((one) => sameUrl(one, url)))
    .filter(({ url, project }) => resolved(url, project, entries).login !== 'workload identity')
    .map(({ secret, url, project }) => ({
      id: 'connection/other-project',
      summary: `Applications of project ${project} use the Secret ${secret} for ${withoutCredentials(url)}, and so not the identity.`,
      remedy: `delete the Secret ${secret}, or take its credentials out`
    }))
}

/** A template hands the token to every URL that begins like it. */
export function tooWide({ entries }: Usage): FindingFacts[] {
  return entries
    .filter(({ kind, workloadIdentity }) => kind === 'repo-creds' && isTrue(workloadIdentity))
    .filter(({ url }) => !/^https:\/\/(?:[^/]*\.visualstudio\.com\/|[^/]+\/[^/]+\/)/i.test(url))
    .map(({ secret, url }) => ({
      id: 'connection/template-too-wide',
      summary: `The credential template ${secret} (${url === '' ? 'no URL' : withoutCredentials(url)}) reaches further than one organization: the identity's token is sent to every host and organization that begins like it.`,
      remedy: 'narrow it to https://dev.azure.com/<organization>/, with the slash at its end'
    }))
}

export function unseen({ applications }: Usage): FindingFacts[] {
  if (applications) return []
  return [
    {
      id: 'connection/applications-not-listed',
      summary: 'The login may not list Applications, so how they spell the repository is not known.',
      remedy: 'apply docs/permissions/kubernetes-role.yaml'
    }
  ]
}

/** A global Secret opens to all projects what is asked to be for one. */
export function openToAll(places: Places, { entries }: Usage): FindingFacts[] {
  const { urls } = places
  const project = scopeOf(places)
  if (project === '') return []
  return entries
    .filter(({ kind, project: of }) => kind === 'repository' && of === '')
    .filter(({ url, workloadIdentity }) => isTrue(workloadIdentity) && urls.some((one) => sameUrl(one, url)))
    .map(({ secret, url }) => ({
      id: 'connection/open-to-all-projects',
      summary: `${input('argocd-project')} is ${project}, but the Secret ${secret} still opens ${url} to Applications of every project.`,
      remedy: `delete the Secret ${secret} once no other project needs it`
    }))
}

/** URLs of others that are read by the identity; where that cannot be seen, what they may begin with. */
export function readByOthers(places: Places, { entries, applications: listed }: Usage): string[] {
  const applications = listed ?? []
  const ours = (url: string): boolean => places.urls.some((one) => sameUrl(one, url))
  const connected = entries
    .filter(({ kind, workloadIdentity }) => kind === 'repository' && isTrue(workloadIdentity))
    // The same URL for another project is somebody else's, too.
    .filter(({ url, project }) => !ours(url) || project !== scopeOf(places))
    .map(({ url }) => url)
  const templated = applications
    .flatMap(({ sources }) => sources.map(({ url }) => url))
    .filter((url) => resolved(url, '', entries).login === 'workload identity' && !ours(url))
  const unknown = (listed === undefined ? entries : [])
    .filter(({ kind, workloadIdentity }) => kind === 'repo-creds' && isTrue(workloadIdentity))
    .map(({ url }) => `${url} (or not: the login may not list Applications)`)
  return [...new Set([...connected, ...templated, ...unknown])]
}

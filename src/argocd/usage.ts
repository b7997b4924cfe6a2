/**
 * Other users of the repositories in a cluster, and how Argo CD resolves them: for notes, and for what remove must
 * keep.
 */
import type { Application } from '../services/kubernetes/argocd-objects.ts'
import type { FindingFacts } from '../core/finding.ts'
import { entriesAfterWrite } from './after-write.ts'
import { scopeOf, type Places } from './places.ts'
import { isTrue } from '../core/go-bool.ts'
import { resolved, type Entry, type Resolution } from './secrets.ts'
import { amongUrls, hasPrefix, sameRepository, sameUrl } from './urls.ts'
import { InvalidRepositoryUrl, parseRepositoryUrl } from '../config/repository-url.ts'
import { organizationInHost } from '../core/azure-repos.ts'
import { withoutCredentials } from '../core/text.ts'
import { input } from '../core/input-name.ts'

export interface Usage {
  readonly entries: readonly Entry[]
  /** undefined: the login may not list them. */
  readonly applications: readonly Application[] | undefined
  readonly sets: readonly {
    readonly name: string
    readonly namespace: string
    readonly urls: readonly string[]
  }[]
}

/**
 * Spellings that a person reads as the same repository but that Argo CD does not match, with what it does for each
 * Application instead: Secrets of its own project count for it alone.
 */
export function spelledOtherwise(
  places: Places,
  { entries, applications = [], sets }: Usage
): FindingFacts[] {
  const { urls } = places
  const after = entriesAfterWrite(places, entries)
  const named = [
    ...applications.map(({ namespace, name, project, sources }) => ({
      who: `Application ${namespace}/${name}`,
      project,
      urls: sources.map(({ url }) => url)
    })),
    ...sets.map(({ namespace, name, urls: own }) => ({
      who: `ApplicationSet ${namespace}/${name}`,
      // Each of its Applications may be of another one.
      project: scopeOf(places),
      urls: own
    }))
  ]
  const isOurs = amongUrls(urls)
  const reads = (url: string, project: string): boolean =>
    resolved(url, project, after).login === 'workload identity'
  return named.flatMap(({ who, project, urls: own }) =>
    [...new Set(own)]
      .filter((url) => !isOurs(url) && urls.some((one) => sameRepository(one, url)) && !reads(url, project))
      .map((url) => ({
        id: 'connection/url-spelled-otherwise',
        summary: `${who} names the repository as ${withoutCredentials(url)}. Argo CD does not match that with the connection: ${insteadOf(resolved(url, project, after))}.`,
        remedy: `write ${urls.find((one) => sameRepository(one, url)) ?? ''} there${isAccepted(url, urls) ? `, or add ${withoutCredentials(url)} to ${input('repository-url')}` : ''}`,
        link: 'https://argo-cd.readthedocs.io/en/stable/user-guide/private-repositories/'
      }))
  )
}

function insteadOf({ login, by }: Resolution): string {
  return login === 'other credentials' ? `it logs in with the Secret ${by?.secret ?? ''}` : 'it cannot read'
}

/** Whether the input takes this spelling; Applications may have others, over SSH for example. */
function isAccepted(url: string, urls: readonly string[]): boolean {
  try {
    parseRepositoryUrl(url, URL.parse(urls[0] ?? '')?.origin)
    return true
  } catch (error) {
    if (error instanceof InvalidRepositoryUrl) return false
    throw error
  }
}

/**
 * Secrets for the same URL, scoped to another project, that do not use the identity; its Applications would use them.
 */
export function scopedOtherwise(places: Places, { entries }: Usage): FindingFacts[] {
  const { urls } = places
  return entries
    .filter(({ project }) => project !== '' && project !== scopeOf(places))
    .filter(({ url }) => urls.some((one) => sameUrl(one, url)))
    .filter(({ url, project }) => resolved(url, project, entries).login !== 'workload identity')
    .map(({ secret, url, project }) => ({
      id: 'connection/other-project',
      summary: `Applications of project ${project} use the Secret ${secret} for ${withoutCredentials(url)} instead of the identity.`,
      remedy: `delete the Secret ${secret}, or remove its credentials`
    }))
}

/** Argo CD sends the token to every URL that starts with the URL of a template. */
export function tooWide({ entries }: Usage): FindingFacts[] {
  return entries
    .filter(({ kind, workloadIdentity }) => kind === 'repo-creds' && isTrue(workloadIdentity))
    .filter(({ url }) => !isWithinOrganization(url))
    .map(({ secret, url }) => ({
      id: 'connection/template-too-wide',
      summary: `The credential template ${secret} (${url === '' ? 'no URL' : withoutCredentials(url)}) covers more than one organization: Argo CD sends the identity's token to every host and organization that begins with it.`,
      remedy: 'narrow it to https://dev.azure.com/<organization>/, with a slash at the end'
    }))
}

/**
 * Templates with a password or key for a repository whose own Secret uses the identity: unused as long as that Secret
 * exists, and what Argo CD logs in with once it does not.
 */
export function storedBeside(places: Places, { entries }: Pick<Usage, 'entries'>): FindingFacts[] {
  return idleTemplates(places, entries).map(({ secret, url, beating }) => ({
    id: 'connection/stored-credentials-beside',
    summary: `The credential template ${secret} (${withoutCredentials(url)}) still holds ${beating.join(', ')}; Argo CD logs in with it as soon as the repository Secret is gone.`,
    remedy: `delete the template when no other repository needs it, and revoke what it holds`
  }))
}

export function idleTemplates(places: Places, entries: readonly Entry[]): Entry[] {
  const idle = places.urls.flatMap((url) => {
    const { login, by } = resolved(url, scopeOf(places), entries)
    return login === 'workload identity' && by?.kind === 'repository'
      ? entries.filter(
          (one) =>
            one.kind === 'repo-creds' && one.beating.length > 0 && one.url !== '' && hasPrefix(url, one.url)
        )
      : []
  })
  return [...new Set(idle)]
}

/** Whether every URL that begins with `prefix` is in one organization of Azure Repos, or one account of another host. */
export function isWithinOrganization(prefix: string): boolean {
  const [, host = '', path = ''] = /^https:\/\/([^/]+)(\/.*)$/i.exec(prefix) ?? []
  return path !== '' && (organizationInHost(host) !== undefined || /^\/[^/]+\//.test(path))
}

export function unseen({ applications }: Usage): FindingFacts[] {
  if (applications) return []
  return [
    {
      id: 'connection/applications-not-listed',
      summary: 'The login may not list Applications, so Patless cannot see how they spell the repository.',
      remedy: 'apply docs/permissions/kubernetes-role.yaml'
    }
  ]
}

/** A Secret without a project makes the repository available to all projects although one is desired. */
export function openToAll(places: Places, { entries }: Usage): FindingFacts[] {
  const { urls } = places
  const project = scopeOf(places)
  if (project === '') return []
  return entries
    .filter(({ kind, project: of }) => kind === 'repository' && of === '')
    .filter(({ url, workloadIdentity }) => isTrue(workloadIdentity) && urls.some((one) => sameUrl(one, url)))
    .map(({ secret, url }) => ({
      id: 'connection/open-to-all-projects',
      summary: `${input('argocd-project')} is ${project}, but the Secret ${secret} still gives Applications of every project access to ${url}.`,
      remedy: `delete the Secret ${secret} once no other project needs it`
    }))
}

/** Other users' URLs that the identity reads; for templates, the prefix when Applications cannot be listed. */
export function readByOthers(places: Places, { entries, applications: listed }: Usage): string[] {
  const applications = listed ?? []
  const ours = amongUrls(places.urls)
  const connected = entries
    .filter(({ kind, workloadIdentity }) => kind === 'repository' && isTrue(workloadIdentity))
    // The same URL for another project also belongs to somebody else.
    .filter(({ url, project }) => !ours(url) || project !== scopeOf(places))
    .map(({ url }) => url)
  const used = new Set(applications.flatMap(({ sources }) => sources.map(({ url }) => url)))
  const templated = [...used].filter(
    (url) => !ours(url) && resolved(url, '', entries).login === 'workload identity'
  )
  const unknown = (listed === undefined ? entries : [])
    .filter(({ kind, workloadIdentity }) => kind === 'repo-creds' && isTrue(workloadIdentity))
    .map(({ url }) => `${url} (or not: the login may not list Applications)`)
  return [...new Set([...connected, ...templated, ...unknown])]
}

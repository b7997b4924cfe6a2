/** Secrets, Applications and ApplicationSets, as evidence: resolved by Argo CD's own rules. */
import type { Evidence, SecretFacts } from '../../diagnosis/evidence.ts'
import type { RepositoryUrl } from '../../config/repository-url.ts'
import type { Instance } from '../../argocd/instance.ts'
import { entriesAfterWrite } from '../../argocd/after-write.ts'
import { scopeOf, type Places } from '../../argocd/places.ts'
import { entryOf, resolved, type Entry } from '../../argocd/secrets.ts'
import { sameRepository, sameUrl } from '../../argocd/urls.ts'
import { recordOf } from '../../http/request.ts'
import { safe } from '../../http/errors.ts'
import { withoutCredentials } from '../../core/text.ts'
import type { Kubernetes } from '../../services/kubernetes/api.ts'
import type { Services } from '../../services/services.ts'
import { concerning } from '../../argocd/fingerprint.ts'
import type { Application } from '../../services/kubernetes/argocd-objects.ts'
import { orUnread, type Reader } from './reader.ts'

export async function readConnections(
  { namespace, clusterId, scope, version }: Instance,
  repositories: readonly RepositoryUrl[],
  connection: Pick<Places, 'kind' | 'project'>,
  applications: readonly Application[] | undefined,
  services: Services,
  reader: Reader
): Promise<Pick<Evidence, 'connections'>> {
  const urls = repositories.map(({ url }) => url)
  const isOurs = isOneOf(repositories)
  const project = scopeOf(connection)
  const api = services.kubernetes(clusterId)
  const [secrets, generators, ignored] = await Promise.all([
    orUnread(reader, 'Secrets of Argo CD', () => api.argoSecrets(namespace)),
    orUnread(reader, 'ApplicationSets', () => generatorsIn(scope, api)),
    Promise.all(
      [...new Set([namespace, 'default'])].map((place) =>
        orUnread(reader, `Secrets of ${place} that Argo CD does not read`, () =>
          ignoredIn(place, namespace, isOurs, api)
        )
      )
    )
  ])
  if (!secrets) return {}
  const entries = secrets.flatMap((one) => entryOf(one, version) ?? [])
  const after = entriesAfterWrite({ ...connection, urls }, entries)
  const covers = (url: string): boolean => resolved(url, project, entries).login === 'workload identity'
  const ours = concerning(urls, entries)
  const near = entries.filter(({ url }) => isOurs(url))
  const using = (applications ?? []).filter(({ sources }) => sources.some(({ url }) => isOurs(url)))
  return {
    connections: {
      namespace,
      secrets: [...new Set([...ours, ...near])].map(factsOf),
      urls: urls.map((url) => {
        const { login, by, rivals } = resolved(url, project, entries)
        const applied = resolved(url, project, after).login
        return { url, login, applied, by: by && factsOf(by), rivals: rivals.map(factsOf) }
      }),
      ignored: ignored.flatMap((one) => one ?? []),
      applications: using.flatMap((one) =>
        one.sources
          .filter(({ url }) => isOurs(url))
          .map(({ url }) => ({
            namespace: one.namespace,
            name: one.name,
            project: one.project,
            url: withoutCredentials(url),
            watched: one.namespace === namespace || one.controllerNamespace !== undefined,
            // Whether ours is covered is no question of its spelling.
            ...(!urls.some((ours) => sameUrl(ours, url)) && { covered: covers(url) })
          }))
      ),
      generators: generators ?? []
    }
  }
}

/** In any spelling, also that of SSH. */
function isOneOf(repositories: readonly RepositoryUrl[]): (url: string) => boolean {
  const spellings = repositories.flatMap((one) => [one.url, commonUrl(one)])
  return (url) => spellings.some((ours) => sameUrl(ours, url) || sameRepository(ours, url))
}

/** As everybody else spells it; the environment may name another host. */
function commonUrl({ organization, project, repository }: RepositoryUrl): string {
  const parts = [organization, project, '_git', repository].map((part) => encodeURIComponent(part))
  return `https://dev.azure.com/${parts.join('/')}`
}

function factsOf(entry: Entry): SecretFacts {
  return {
    kind: entry.kind,
    name: entry.secret,
    url: withoutCredentials(entry.url),
    project: entry.project,
    type: entry.type,
    workloadIdentity: entry.workloadIdentity,
    credentials: entry.beating,
    unreadable: entry.unreadable,
    keys: entry.keys,
    proxy: proxyOf(entry)
  }
}

/** Its user and password are for nobody to see. */
function proxyOf({ proxy }: Entry): string | undefined {
  const named = proxy()?.url
  if (named === undefined) return undefined
  const url = URL.parse(named)
  return url === null ? '' : safe(`${url.protocol}//${url.host}`, 300)
}

/** Secrets with the URL of a repository that Argo CD does not read, because of their label or namespace. */
async function ignoredIn(
  place: string,
  home: string,
  isOurs: (url: string) => boolean,
  api: Kubernetes
): Promise<{ namespace: string; name: string; label: string | undefined }[]> {
  const found: { namespace: string; name: string; label: string | undefined }[] = []
  await api.reads.secretOutlines((one) => {
    const { namespace, name, label, url } = one
    if (!isOurs(url)) return
    const read = namespace === home && (label === 'repository' || label === 'repo-creds')
    if (!read) found.push({ namespace, name, label: label === undefined ? undefined : safe(label, 80) })
  }, place)
  return found
}

const SETS = { group: 'argoproj.io', version: 'v1alpha1', plural: 'applicationsets' }

/** Generators that call Azure DevOps themselves. */
async function generatorsIn(
  scope: string | undefined,
  api: Kubernetes
): Promise<{ namespace: string; name: string; kind: string }[]> {
  const found: { namespace: string; name: string; kind: string }[] = []
  await api.listObjects(SETS, scope, (item) => {
    const { metadata, spec } = recordOf(item)
    const { name, namespace } = recordOf(metadata)
    const { generators } = recordOf(spec)
    for (const one of Array.isArray(generators) ? generators : [])
      for (const kind of ['scmProvider', 'pullRequest'])
        if (
          recordOf(recordOf(one)[kind])['azureDevOps'] !== undefined ||
          recordOf(recordOf(one)[kind])['azuredevops'] !== undefined
        )
          found.push({ namespace: safe(String(namespace), 63), name: safe(String(name), 253), kind })
  })
  return found
}

/**
 * One Application on the repository, when it is asked for. One that is there is changed only where it is provably one
 * that Patless made (`argocd/ownership.ts`): another source under an Application that syncs and prunes deletes what
 * the old one deployed. What it deploys is never touched here.
 */
import { IN_CLUSTER } from '../argocd/instance.ts'
import { MADE_BY_PATLESS, whyForeignApplication } from '../argocd/ownership.ts'
import { sameUrl } from '../argocd/urls.ts'
import type { Application } from '../services/kubernetes/argocd-objects.ts'
import type { ChainHop } from './resource.ts'
import type { Change } from '../engine/outcome.ts'
import { word } from '../core/shell.ts'

interface Want {
  readonly clusterId: string | undefined
  readonly namespace: string
  readonly name: string
  readonly url: string
  /** All that the run connects. */
  readonly urls: readonly string[]
  readonly path: string
  /** undefined: HEAD for a new one, whatever it is for an existing one. */
  readonly revision: string | undefined
  /** Namespace that it deploys to. */
  readonly destination: string
  /** Of a new one. */
  readonly project: string
}

export const application: ChainHop<Want, Application | undefined, Want> = {
  name: 'application',
  observe: ({ clusterId, namespace, name }, { argocd }) => argocd(clusterId).application(namespace, name),
  exists: (seen) => seen !== undefined,
  compare: (want, seen) => (seen ? changesOf(want, seen) : [absent(want)]),
  given: (want, seen) => seen && want,
  summary: ({ namespace, name, path, destination }) => `${namespace}/${name}: ${path} → ${destination}`,

  async apply(want, seen, { argocd }) {
    const { clusterId, namespace, name, url, path, revision, destination, project } = want
    const api = argocd(clusterId)
    const source = { repoURL: url, path, ...(revision === undefined ? {} : { targetRevision: revision }) }
    if (seen) {
      await api.patchApplication(seen, { source, destination: { namespace: destination } })
      return
    }
    await api.createApplication(
      namespace,
      { name, labels: MADE_BY_PATLESS },
      {
        project,
        source: { targetRevision: 'HEAD', ...source },
        destination: { server: IN_CLUSTER, namespace: destination }
      }
    )
  },

  belonging({ namespace, name, project, urls }, seen) {
    if (!seen) return undefined
    const what = `Application ${namespace}/${name} (what it deployed stays)`
    const why = whyForeignApplication(seen, { namespace, project })
    if (why === undefined) return { what }
    const keep = `not provably made by Patless: ${why}`
    const reads = seen.sources.some(({ url }) => urls.some((one) => sameUrl(one, url)))
    return reads ? { what, keep } : { what, keep, detached: true }
  },

  async remove({ clusterId, namespace, name }, seen, { argocd }) {
    if (seen) await argocd(clusterId).deleteApplication(namespace, name, seen.marks.version)
  }
}

function absent({ namespace, name }: Want): Change {
  return { field: 'Application', expected: `${namespace}/${name}`, found: undefined }
}

/** What differs; one blocked change of it all where the Application is not ours to change. */
function changesOf(want: Want, seen: Application): Change[] {
  const changes = differences(want, seen)
  const why = whyForeignApplication(seen, want)
  if (why === undefined || changes.length === 0 || changes.some(({ blocked }) => blocked)) return changes
  const { namespace, name } = want
  const all = (of: (change: Change) => string | undefined): string =>
    changes.map((one) => of(one) ?? 'nothing').join('; ')
  const blocked = {
    what: `The Application ${namespace}/${name} is not as wanted, and not provably made by Patless: ${why}.`,
    remedy: `set application-name to another name, or change it yourself: kubectl -n ${word(namespace)} edit application ${word(name)}`
  }
  return [
    {
      field: all(({ field }) => field),
      expected: all((one) => one.expected),
      found: all((one) => one.found),
      blocked
    }
  ]
}

function differences(want: Want, { sources, multiple, destination, name }: Application): Change[] {
  if (multiple) {
    const what = `The Application ${name} has several sources; which of them is the repository is not for this tool to say.`
    const remedy = 'set application-name to another name, or edit its sources by hand'
    return [
      {
        field: 'spec.sources',
        expected: 'one source',
        found: String(sources.length),
        blocked: { what, remedy }
      }
    ]
  }
  const [source] = sources
  const changes: Change[] = []
  const equal = (field: string, expected: string, found: string | undefined): void => {
    if (found !== expected) changes.push({ field, expected, found })
  }
  if (source === undefined || !sameUrl(source.url, want.url))
    equal('spec.source.repoURL', want.url, source?.url)
  equal('spec.source.path', want.path, source?.path)
  if (want.revision !== undefined) equal('spec.source.targetRevision', want.revision, source?.revision)
  equal('spec.destination.namespace', want.destination, destination.namespace)
  return changes
}

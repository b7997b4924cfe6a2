/**
 * An Application for the repository, if the inputs ask for one. Apply changes an existing Application only if Patless
 * provably made it (`argocd/ownership.ts`): replacing the source of an Application that syncs and prunes deletes what
 * the old source deployed. This resource never touches what the Application deploys.
 */
import { IN_CLUSTER } from '../argocd/instance.ts'
import { MADE_BY_PATLESS, whyForeignApplication } from '../argocd/ownership.ts'
import { sameUrl } from '../argocd/urls.ts'
import type { Application } from '../services/kubernetes/argocd-objects.ts'
import type { ChainResource } from './resource.ts'
import type { Difference } from '../engine/outcome.ts'
import type { FindingFacts } from '../core/finding.ts'
import { word } from '../core/shell.ts'
import { input } from '../core/input-name.ts'

interface Spec {
  readonly clusterId: string | undefined
  readonly namespace: string
  readonly name: string
  readonly url: string
  /** All URLs that the run connects. */
  readonly urls: readonly string[]
  readonly path: string
  /** undefined: HEAD for a new Application; an existing one keeps its revision. */
  readonly revision: string | undefined
  /** Namespace that the Application deploys to. */
  readonly destination: string
  /** Project of a new Application. */
  readonly project: string
}

export const application: ChainResource<Spec, Application | undefined, Spec> = {
  kind: 'application',
  read: ({ clusterId, namespace, name }, { argocd }) => argocd(clusterId).application(namespace, name),

  assess(spec, state) {
    if (!state) return { exists: false, differences: [absent(spec)] }
    const { namespace, name, path, destination } = spec
    const summary = `${namespace}/${name}: ${path} → ${destination}`
    return { exists: true, differences: differencesOf(spec, state), output: spec, summary }
  },

  async apply(spec, state, { argocd }) {
    const { clusterId, namespace, name, url, path, revision, destination, project } = spec
    const api = argocd(clusterId)
    const source = { repoURL: url, path, ...(revision === undefined ? {} : { targetRevision: revision }) }
    if (state) {
      await api.patchApplication(state, { source, destination: { namespace: destination } })
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

  planDelete({ namespace, name, project, urls }, state) {
    if (!state) return undefined
    const what = `Application ${namespace}/${name} (what it deployed stays)`
    const why = whyForeignApplication(state, { namespace, project })
    if (why === undefined) return { what }
    const retain = `not provably made by Patless: ${why}`
    const reads = state.sources.some(({ url }) => urls.some((one) => sameUrl(one, url)))
    return reads ? { what, retain } : { what, retain, detached: true }
  },

  async delete({ clusterId, namespace, name }, state, { argocd }) {
    if (state) await argocd(clusterId).deleteApplication(namespace, name, state.marks.version)
  }
}

function absent({ namespace, name }: Spec): Difference {
  return { field: 'Application', expected: `${namespace}/${name}`, actual: undefined }
}

/** Merges all differences into one blocked difference when Patless must not change the Application. */
function differencesOf(spec: Spec, state: Application): Difference[] {
  const changes = differences(spec, state)
  const why = whyForeignApplication(state, spec)
  if (why === undefined || changes.length === 0 || changes.some(({ blocked }) => blocked)) return changes
  const { namespace, name } = spec
  const all = (of: (change: Difference) => string | undefined): string =>
    changes.map((one) => of(one) ?? 'nothing').join('; ')
  const blocked: FindingFacts = {
    id: 'application/not-ours',
    summary: `The Application ${namespace}/${name} differs from the inputs, and Patless cannot tell that it made it: ${why}.`,
    remedy: `set ${input('application-name')} to another name, or change it yourself`,
    command: `kubectl -n ${word(namespace)} edit application ${word(name)}`
  }
  return [
    {
      field: all(({ field }) => field),
      expected: all((one) => one.expected),
      actual: all((one) => one.actual),
      blocked
    }
  ]
}

function differences(spec: Spec, { sources, multiple, destination, name }: Application): Difference[] {
  if (multiple) {
    const summary = `The Application ${name} has several sources; Patless cannot decide which of them is the repository.`
    const remedy = `set ${input('application-name')} to another name, or edit its sources by hand`
    return [
      {
        field: 'spec.sources',
        expected: 'one source',
        actual: String(sources.length),
        blocked: { id: 'application/several-sources', summary, remedy }
      }
    ]
  }
  const [source] = sources
  const changes: Difference[] = []
  const equal = (field: string, expected: string, found: string | undefined): void => {
    if (found !== expected) changes.push({ field, expected, actual: found })
  }
  if (source === undefined || !sameUrl(source.url, spec.url))
    equal('spec.source.repoURL', spec.url, source?.url)
  equal('spec.source.path', spec.path, source?.path)
  if (spec.revision !== undefined) equal('spec.source.targetRevision', spec.revision, source?.revision)
  equal('spec.destination.namespace', spec.destination, destination.namespace)
  return changes
}

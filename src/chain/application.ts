/**
 * One Application on the repository, when it is asked for: source and destination are written, everything else of it
 * (sync policy, project of an existing one, finalizers) is somebody else's. What it deploys is never touched here.
 */
import { MANAGED_BY } from '../argocd/secrets.ts'
import { sameUrl } from '../argocd/urls.ts'
import type { Application } from '../services/kubernetes/argocd-objects.ts'
import type { Hop } from '../engine/resource.ts'
import type { Change } from '../engine/outcome.ts'

interface Want {
  readonly clusterId: string | undefined
  readonly namespace: string
  readonly name: string
  readonly url: string
  readonly path: string
  /** undefined: HEAD for a new one, whatever it is for an existing one. */
  readonly revision: string | undefined
  /** Namespace that it deploys to. */
  readonly destination: string
  /** Of a new one. */
  readonly project: string
}

const IN_CLUSTER = 'https://kubernetes.default.svc'

export const application: Hop<Want, Application | undefined, Want> = {
  name: 'application',
  observe: ({ clusterId, namespace, name }, { argocd }) => argocd(clusterId).application(namespace, name),
  exists: (seen) => seen !== undefined,
  compare: (want, seen) => (seen ? differences(want, seen) : [absent(want)]),
  given: (want, seen) => seen && want,
  summary: ({ namespace, name, path, destination }) => `${namespace}/${name}: ${path} → ${destination}`,

  async apply(want, seen, { argocd }) {
    const { clusterId, namespace, name, url, path, revision, destination, project } = want
    const api = argocd(clusterId)
    const source = { repoURL: url, path, ...(revision === undefined ? {} : { targetRevision: revision }) }
    if (seen) {
      const spec = { source, destination: { namespace: destination } }
      await api.patchApplication(namespace, name, { spec })
      return
    }
    await api.createApplication(
      namespace,
      { name, labels: { [MANAGED_BY]: 'patless' } },
      {
        project,
        source: { targetRevision: 'HEAD', ...source },
        destination: { server: IN_CLUSTER, namespace: destination }
      }
    )
  },

  belonging({ namespace, name }, seen) {
    if (!seen) return undefined
    const what = `Application ${namespace}/${name} (what it deployed stays)`
    return seen.labels[MANAGED_BY] === 'patless'
      ? { what }
      : { what, keep: `not made by Patless (no label ${MANAGED_BY}: patless)` }
  },

  async remove({ clusterId, namespace, name }, _seen, { argocd }) {
    await argocd(clusterId).deleteApplication(namespace, name)
  }
}

function absent({ namespace, name }: Want): Change {
  return { field: 'Application', expected: `${namespace}/${name}`, found: undefined }
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

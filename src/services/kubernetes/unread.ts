/** The parts of large objects that nobody reads. Lists leave them out while they arrive. */
import type { Path } from './emptied.ts'

/** Who wrote which field, and what kubectl applied: as large as the object itself. */
const BOOKS: readonly Path[] = [
  ['metadata', 'managedFields'],
  ['metadata', 'annotations', 'kubectl.kubernetes.io/last-applied-configuration']
]
/** How a source is rendered. Empty and not absent, because Patless compares the sources of its own Applications. */
const RENDERING: readonly Path[] = ['source', 'sources'].flatMap((source) =>
  ['helm', 'kustomize', 'plugin'].map((tool) => [source, tool])
)
const UNREAD = {
  applications: [
    ...BOOKS,
    ...RENDERING.map((path) => ['spec', ...path]),
    ...RENDERING.map((path) => ['status', 'sync', 'comparedTo', ...path]),
    ...['resources', 'history', 'operationState', 'summary'].map((part) => ['status', part])
  ],
  applicationsets: [...BOOKS, ['status']]
} as const satisfies Readonly<Record<string, readonly Path[]>>

/** @param path of a request, with its query. @returns what its answer may leave out; undefined: nothing */
export function unreadOf(method: string, path: string): readonly Path[] | undefined {
  const [, plural] =
    /^[^?]*\/apis\/argoproj\.io\/v1alpha1\/(?:namespaces\/[^/?]+\/)?(\w+)(?:\?|$)/.exec(path) ?? []
  const unread: readonly Path[] | undefined =
    method === 'GET' && (plural === 'applications' || plural === 'applicationsets')
      ? UNREAD[plural]
      : undefined
  return unread?.map((inner) => ['items', ...inner])
}

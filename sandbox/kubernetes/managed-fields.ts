/**
 * Who set which fields, and when (server-side apply's bookkeeping): kept for the kinds whose history a client may ask
 * about. Lists count as one field. A field that somebody removes is recorded for nobody else, as in the real one.
 */
import { isDeepStrictEqual } from 'node:util'
import { apiVersionOf, type Kind, type KubeObject } from './objects.ts'

interface Entry {
  readonly manager: string
  readonly operation: 'Update'
  readonly apiVersion: string
  readonly time: string
  readonly fieldsType: 'FieldsV1'
  readonly fieldsV1: object
  readonly subresource?: string
}

/** Who writes; `subresource` is what of the object. */
export interface Writer {
  readonly manager: string
  readonly subresource?: string
}

const KINDS: ReadonlySet<string> = new Set(['Secret', 'ServiceAccount', 'Deployment'])
const PATHS = Symbol('paths')
type Kept = Entry & { readonly [PATHS]?: ReadonlySet<string> }

/** The entries of `after`, by what differs from `before`. */
export function managedFields(
  kind: Kind,
  before: KubeObject | undefined,
  after: KubeObject,
  { manager, subresource }: Writer
): Entry[] | undefined {
  if (!KINDS.has(kind.kind)) return undefined
  const [old, now] = [before ? leaves(before) : new Map<string, unknown>(), leaves(after)]
  const changed = [...now]
    .filter(([path, value]) => !isDeepStrictEqual(old.get(path), value))
    .map(([path]) => path)
  const gone = [...old.keys()].filter((path) => !now.has(path))
  const kept = (before?.metadata.managedFields ?? []) as Kept[]
  const own = (one: Entry): boolean => one.manager === manager && one.subresource === subresource
  const mine = kept.find(own)
  const owned = new Set(pathsOf(mine))
  const touched = changed.length > 0 || gone.some((path) => owned.has(path))
  const others = kept
    .filter((one) => !own(one))
    .flatMap((one) => {
      const left = [...pathsOf(one)].filter((path) => !changed.includes(path) && now.has(path))
      return left.length === 0 ? [] : [{ ...one, ...fieldsOf(left) }]
    })
  const paths = [...new Set([...owned, ...changed])].filter((path) => now.has(path))
  if (paths.length === 0) return others
  const entry: Kept = {
    manager,
    operation: 'Update',
    apiVersion: apiVersionOf(kind),
    time: touched || !mine ? `${new Date().toISOString().slice(0, 19)}Z` : mine.time,
    fieldsType: 'FieldsV1',
    ...fieldsOf(paths),
    ...(subresource === undefined ? {} : { subresource })
  }
  // As the API server sorts them (apimachinery, managedfields).
  return [...others, entry].toSorted(
    (one, other) => one.time.localeCompare(other.time) || one.manager.localeCompare(other.manager)
  )
}

/** Of what a writer may own: not what the server itself fills in. */
function leaves({ metadata, ...rest }: KubeObject): Map<string, unknown> {
  const { labels, annotations, finalizers } = metadata
  const found = new Map<string, unknown>()
  const add = (value: unknown, path: readonly string[]): void => {
    const inner =
      typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : []
    if (inner.length === 0 && value !== undefined) found.set(path.join('\n'), value)
    for (const [key, one] of inner) add(one, [...path, key])
  }
  for (const [key, value] of Object.entries({
    ...rest,
    apiVersion: undefined,
    kind: undefined,
    metadata: { labels, annotations, finalizers }
  }))
    add(value, [key])
  return found
}

/** What this module wrote itself it need not parse again: the symbol does not reach the wire. */
function fieldsOf(paths: readonly string[]): Pick<Kept, 'fieldsV1' | typeof PATHS> {
  const fields: Record<string, unknown> = {}
  for (const path of paths) {
    let at = fields
    for (const key of path.split('\n')) at = (at[`f:${key}`] ??= {}) as Record<string, unknown>
  }
  return { fieldsV1: fields, [PATHS]: new Set(paths) }
}

function pathsOf(entry: Kept | undefined): ReadonlySet<string> {
  return entry?.[PATHS] ?? new Set()
}

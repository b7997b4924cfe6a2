/** Objects with resource versions, conflicts and watches, like etcd behind the API server. */
import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { managedFields, type Writer } from './managed-fields.ts'
import { apiVersionOf, notFound, StatusError, type Kind, type KubeObject } from './objects.ts'

interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly kind: Kind
  readonly object: KubeObject
}

/** A human at a terminal. */
const SOMEBODY: Writer = { manager: 'kubectl-edit' }

export class Store {
  readonly #objects = new Map<Kind, Map<string, KubeObject>>()
  readonly #watchers = new Set<(event: WatchEvent) => void>()
  /** When a kind changed last, by a clock that only counts. */
  readonly #revisions = new Map<Kind, number>()
  #changes = 0
  #version = 1000

  get version(): string {
    return String(this.#version)
  }

  watch(watcher: (event: WatchEvent) => void): () => void {
    this.#watchers.add(watcher)
    return () => {
      this.#watchers.delete(watcher)
    }
  }

  list(kind: Kind, namespace?: string): KubeObject[] {
    const all = [...this.#of(kind).values()]
    return namespace === undefined ? all : all.filter(({ metadata }) => metadata.namespace === namespace)
  }

  find(kind: Kind, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#of(kind).get(keyOf(namespace, name))
  }

  get(kind: Kind, namespace: string | undefined, name: string): KubeObject {
    const found = this.find(kind, namespace, name)
    if (!found) throw notFound(kind, name)
    return found
  }

  /** `dry`: what would be stored. */
  create(
    kind: Kind,
    namespace: string | undefined,
    given: KubeObject,
    { dry = false, by = SOMEBODY }: { readonly dry?: boolean; readonly by?: Writer } = {}
  ): KubeObject {
    const name = given.metadata.name || `${given.metadata.generateName ?? ''}${randomUUID().slice(0, 5)}`
    if (this.find(kind, namespace, name)) {
      const full = kind.group === '' ? kind.resource : `${kind.resource}.${kind.group}`
      throw new StatusError(409, 'AlreadyExists', `${full} "${name}" already exists`, {
        name,
        kind: kind.resource
      })
    }
    const object: KubeObject = {
      ...folded({ ...given, kind: kind.kind }),
      apiVersion: apiVersionOf(kind),
      kind: kind.kind,
      metadata: {
        ...given.metadata,
        name,
        ...(namespace === undefined ? {} : { namespace }),
        uid: randomUUID(),
        creationTimestamp: `${new Date().toISOString().slice(0, 19)}Z`,
        ...('spec' in given ? { generation: 1 } : {})
      }
    }
    const managed = managedFields(kind, undefined, object, by)
    if (managed) object.metadata.managedFields = managed
    return dry ? object : this.#put(kind, object, 'ADDED')
  }

  /** Replaces the object; a resourceVersion in it must be the current one. No event when nothing differs. */
  update(kind: Kind, before: KubeObject, given: KubeObject, by: Writer = SOMEBODY): KubeObject {
    const { resourceVersion } = given.metadata
    if (
      resourceVersion !== undefined &&
      resourceVersion !== '' &&
      resourceVersion !== before.metadata.resourceVersion
    ) {
      const full = kind.group === '' ? kind.resource : `${kind.resource}.${kind.group}`
      throw new StatusError(
        409,
        'Conflict',
        `Operation cannot be fulfilled on ${full} "${before.metadata.name}": the object has been modified; please apply your changes to the latest version and try again`,
        { name: before.metadata.name, kind: kind.resource }
      )
    }
    const { name, namespace, uid, creationTimestamp, generation, deletionTimestamp } = before.metadata
    const object = folded(given)
    const changed = !isDeepStrictEqual(object.spec, before.spec)
    const kept = {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
      ...(generation === undefined ? {} : { generation: changed ? generation + 1 : generation })
    }
    const version = before.metadata.resourceVersion
    const next: KubeObject = {
      ...object,
      apiVersion: before.apiVersion,
      kind: before.kind,
      metadata: {
        ...object.metadata,
        ...kept,
        ...(version === undefined ? {} : { resourceVersion: version })
      }
    }
    const managed = managedFields(kind, before, next, by)
    if (managed) next.metadata.managedFields = managed
    if (deletionTimestamp !== undefined && (next.metadata.finalizers ?? []).length === 0)
      return this.remove(kind, namespace, name)
    return isDeepStrictEqual(next, before) ? before : this.#put(kind, next, 'MODIFIED')
  }

  /** A client's delete: an object with finalizers stays until their owners remove them. */
  retire(kind: Kind, namespace: string | undefined, name: string): KubeObject {
    const object = this.get(kind, namespace, name)
    if ((object.metadata.finalizers ?? []).length === 0) return this.remove(kind, namespace, name)
    if (object.metadata.deletionTimestamp !== undefined) return object
    const deletionTimestamp = `${new Date().toISOString().slice(0, 19)}Z`
    return this.#put(kind, { ...object, metadata: { ...object.metadata, deletionTimestamp } }, 'MODIFIED')
  }

  remove(kind: Kind, namespace: string | undefined, name: string): KubeObject {
    const object = this.get(kind, namespace, name)
    this.#of(kind).delete(keyOf(namespace, name))
    this.#touch(kind)
    this.#version += 1
    this.#tell({ type: 'DELETED', kind, object })
    const { uid } = object.metadata
    const owned = [...this.#objects].flatMap(([other, objects]) =>
      [...objects.values()]
        .filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid) === true)
        .map((one) => ({ other, one }))
    )
    for (const { other, one } of owned) {
      if (this.find(other, one.metadata.namespace, one.metadata.name))
        this.remove(other, one.metadata.namespace, one.metadata.name)
    }
    return object
  }

  /** As if time had passed since it was created, and since anybody wrote to it. @param by in ms; an hour */
  age(kind: Kind, object: KubeObject, by = 3_600_000): void {
    const earlier = (time: string | number): string =>
      `${new Date(new Date(time).valueOf() - by).toISOString().slice(0, 19)}Z`
    const { managedFields } = object.metadata
    const aged = (managedFields as { time: string }[] | undefined)?.map((one) => ({
      ...one,
      time: earlier(one.time)
    }))
    const creationTimestamp = earlier(Date.now())
    const metadata = { ...object.metadata, creationTimestamp, ...(aged && { managedFields: aged }) }
    this.#put(kind, { ...object, metadata }, 'MODIFIED')
  }

  clear(): void {
    for (const kind of this.#objects.keys()) this.#touch(kind)
    this.#objects.clear()
  }

  /** @returns restores the current objects, without events. */
  keep(): () => void {
    const kept = [...this.#objects].map(([kind, objects]) => [kind, [...objects]] as const)
    return () => {
      this.clear()
      for (const [kind, objects] of kept) {
        this.#objects.set(kind, new Map(objects))
        this.#touch(kind)
      }
    }
  }

  /** Another one whenever anything of the kind has changed. */
  revision(kind: Kind): number {
    return this.#revisions.get(kind) ?? 0
  }

  #touch(kind: Kind): void {
    this.#changes += 1
    this.#revisions.set(kind, this.#changes)
  }

  #of(kind: Kind): Map<string, KubeObject> {
    const known = this.#objects.get(kind)
    if (known) return known
    const objects = new Map<string, KubeObject>()
    this.#objects.set(kind, objects)
    return objects
  }

  #put(kind: Kind, object: KubeObject, type: 'ADDED' | 'MODIFIED'): KubeObject {
    this.#version += 1
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: this.version } }
    this.#of(kind).set(keyOf(stored.metadata.namespace, stored.metadata.name), stored)
    this.#touch(kind)
    this.#tell({ type, kind, object: stored })
    return stored
  }

  #tell(event: WatchEvent): void {
    for (const watcher of [...this.#watchers]) watcher(event)
  }
}

/** A Secret's stringData is write-only: it is moved to data. */
function folded(given: KubeObject): KubeObject {
  const { stringData, ...fields } = given
  const rest = given.kind === 'Secret' ? { type: 'Opaque', ...fields } : fields
  if (stringData === undefined || stringData === null) return rest
  const encoded = Object.entries(stringData as Record<string, string>).map(([key, value]) => [
    key,
    Buffer.from(value).toString('base64')
  ])
  return {
    ...rest,
    data: { ...(rest['data'] as object | undefined), ...Object.fromEntries(encoded) }
  }
}

function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`
}

/** The metadata of an object: who made it, who else owns it, and which version was read. */
import * as z from 'zod/mini'
import { recordOf } from '../../http/request.ts'

/** One version of one object, as the precondition of a change or a deletion. */
export interface Version {
  readonly uid: string
  readonly resourceVersion: string
}

export interface Marks {
  readonly namespace: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly finalizers: readonly string[]
  /** Owner references, as `Kind name`. */
  readonly owners: readonly string[]
  /** Time of creation, in ms since the epoch; NaN when it is missing. */
  readonly created: number
  readonly version: Version
}

/** Stands for metadata that exists but cannot be read. */
const unreadable = '(unreadable)'
const text = z.catch(z.string(), '')
const words = z.catch(z.optional(z.record(z.string(), z.string())), { [unreadable]: '' })
const shape = z.looseObject({
  namespace: text,
  name: text,
  uid: text,
  resourceVersion: text,
  labels: words,
  annotations: words,
  creationTimestamp: z.catch(z.coerce.date(), new Date(Number.NaN)),
  finalizers: z.catch(z.optional(z.array(z.string())), [unreadable]),
  ownerReferences: z.catch(z.optional(z.array(z.looseObject({ kind: z.string(), name: z.string() }))), [
    { kind: 'owner', name: unreadable }
  ])
})

/** @param metadata of any object, as a client or the wire gives it */
export function marksOf(metadata: unknown): Marks {
  const { namespace, name, uid, resourceVersion, ...more } = shape.parse(recordOf(metadata))
  return {
    namespace,
    name,
    labels: more.labels ?? {},
    annotations: more.annotations ?? {},
    finalizers: more.finalizers ?? [],
    owners: (more.ownerReferences ?? []).map(({ kind, name: owner }) => `${kind} ${owner}`),
    created: more.creationTimestamp.valueOf(),
    version: { uid, resourceVersion }
  }
}

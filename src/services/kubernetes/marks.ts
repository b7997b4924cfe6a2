/** What an object says of itself beside its content: who made it, who else holds it, and which version of it was read. */
import * as z from 'zod/mini'
import { recordOf } from '../../http/request.ts'

/** One version of one object: the condition under which it may be changed or deleted. */
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
  /** When it was created, in ms since the epoch; NaN when it does not say. */
  readonly created: number
  readonly version: Version
}

/** What cannot be read is there all the same. */
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

/** When an object was last changed, as the API server's own bookkeeping says (metadata.managedFields). */
import * as z from 'zod/mini'
import { recordOf } from '../../http/request.ts'

/** Under this name Patless notes what it has seen, which changes nothing of an object. */
export const BOOKKEEPER = 'patless-bookkeeping'

const entryShape = z.looseObject({
  manager: z.optional(z.string()),
  time: z.optional(z.coerce.date()),
  subresource: z.optional(z.string()),
  fieldsV1: z.optional(z.unknown())
})
const shape = z.looseObject({ managedFields: z.optional(z.array(entryShape)) })

/**
 * @param metadata of any object, as a client or the wire gives it
 * @returns ms since the epoch, whole seconds; undefined where nobody wrote down when
 */
export function changedAt(metadata: unknown): number | undefined {
  const parsed = shape.safeParse(recordOf(metadata))
  // Whoever reports a status or a scale changes nothing that is asked for here.
  const entries = (parsed.data?.managedFields ?? []).filter(({ subresource }) => (subresource ?? '') === '')
  const counting = entries.filter((one) => !isBookkeeping(one))
  const times = counting.map(({ time }) => time?.valueOf() ?? Number.NaN)
  const latest = Math.max(...times)
  return times.length > 0 && Number.isFinite(latest) ? latest : undefined
}

/** The name alone says nothing: what was written under it has to be notes only. */
function isBookkeeping({ manager, fieldsV1 }: z.infer<typeof entryShape>): boolean {
  if (manager !== BOOKKEEPER) return false
  const { 'f:metadata': metadata, ...others } = recordOf(fieldsV1)
  const { 'f:annotations': annotations, ...marks } = recordOf(metadata)
  const notes = Object.keys(recordOf(annotations)).filter((key) => key !== '.')
  return (
    Object.keys(others).length === 0 &&
    Object.keys(marks).length === 0 &&
    notes.every((key) => key.startsWith('f:patless/'))
  )
}

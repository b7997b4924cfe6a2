/** When an object last changed, according to the API server's own records (metadata.managedFields). */
import * as z from 'zod/mini'
import { recordOf } from '../../http/request.ts'

/** The field manager for verifications that Patless records. These writes do not count as changes of the object. */
export const BOOKKEEPER = 'patless-bookkeeping'

const entryShape = z.looseObject({
  manager: z.optional(z.string()),
  time: z.optional(z.coerce.date()),
  subresource: z.optional(z.string()),
  fieldsV1: z.optional(z.unknown())
})
const shape = z.looseObject({ managedFields: z.optional(z.array(entryShape)) })

/**
 * @param metadata of any object, from a client or as raw JSON
 * @returns ms since the epoch, in whole seconds; undefined when no time is recorded
 */
export function changedAt(metadata: unknown): number | undefined {
  const parsed = shape.safeParse(recordOf(metadata))
  // A write to the status or scale subresource changes nothing that matters here.
  const entries = (parsed.data?.managedFields ?? []).filter(({ subresource }) => (subresource ?? '') === '')
  const counting = entries.filter((one) => !isBookkeeping(one))
  const times = counting.map(({ time }) => time?.valueOf() ?? Number.NaN)
  const latest = Math.max(...times)
  return times.length > 0 && Number.isFinite(latest) ? latest : undefined
}

/** The name alone is not sufficient: every field written under it must be an annotation of Patless. */
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

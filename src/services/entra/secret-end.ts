/**
 * When the client secret of a login ends, as far as Microsoft Graph shows it to the login itself. Most applications may
 * not read themselves; then nothing is known, and no right is asked for (graph/api/resources/passwordcredential).
 */
import * as z from 'zod/mini'
import { safe } from '../../http/errors.ts'
import { sendOnce, understood, type Wire } from '../../http/request.ts'

const shape = z.looseObject({
  value: z
    .array(
      z.looseObject({
        passwordCredentials: z
          .array(z.looseObject({ hint: z.nullish(z.string()), endDateTime: z.nullish(z.string()) }))
          .check(z.maxLength(1_000))
      })
    )
    .check(z.maxLength(1))
})

/** In ms: nobody waits for a warning. */
const PATIENCE = 5_000

/**
 * One token and one request, and no second ones.
 *
 * @param graph the URL of Microsoft Graph
 * @param token for Microsoft Graph
 * @returns ms since the epoch; undefined when it cannot be read, or none of the application's secrets is this one
 */
export async function secretEnd(
  { clientId, secret }: { readonly clientId: string; readonly secret: string },
  graph: string,
  token: (wire: Wire) => Promise<string>,
  wire: Wire
): Promise<number | undefined> {
  const brief = { ...wire, timeout: Math.min(wire.timeout, PATIENCE) }
  const { origin } = new URL(graph)
  const query = `$filter=${encodeURIComponent(`appId eq '${clientId}'`)}&$select=passwordCredentials`
  const request = {
    ...({ service: 'Microsoft Graph', method: 'GET', url: `${graph}/v1.0/applications?${query}` } as const),
    bearer: { token: () => token(brief), mayGoTo: (url: URL) => url.origin === origin }
  }
  try {
    const reply = await sendOnce(brief, request)
    const all = understood(shape, reply, request).value.flatMap((one) => one.passwordCredentials)
    return endOf(all, secret)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    wire.debug(`the end of the client secret cannot be read, which is usual: ${safe(why)}`)
    return undefined
  }
}

/** Entra shows the first three characters of a secret, and of old ones nothing. One in use has not ended. */
function endOf(
  all: z.infer<typeof shape>['value'][number]['passwordCredentials'],
  secret: string
): number | undefined {
  const open = all
    .map(({ hint, endDateTime }) => ({ hint, end: Date.parse(endDateTime ?? '') }))
    .filter(({ end }) => end > Date.now())
  const same = open.filter(({ hint }) => hint === secret.slice(0, 3))
  const candidates = same.length > 0 ? same : open.filter(({ hint }) => (hint ?? '') === '')
  return candidates.map(({ end }) => end).toSorted((one, other) => one - other)[0]
}

/**
 * Azure Resource Graph: resources of all subscriptions that the login may read, by a query in KQL. Wire shapes:
 * Azure/azure-rest-api-specs, Microsoft.ResourceGraph 2022-10-01. It answers from an index, so what it says may be some
 * minutes old.
 */
import * as z from 'zod/mini'
import type { ArmWire } from './arm-wire.ts'
import { refusedByArm } from './refusal.ts'
import { HttpProblem, UnexpectedReply } from '../../http/errors.ts'
import {
  LARGEST_LIST,
  LONGEST_PAGE_TOKEN,
  nameOf,
  recordOf,
  send,
  understood,
  type Reply,
  type Request,
  type Wire
} from '../../http/request.ts'

const API = '2022-10-01'
/** The most that it answers at once. */
const PAGE = 1_000
/** Ten times the clusters of the largest file of targets. */
const MOST_PAGES = 100
/** Of one error, each about a place in the query. */
const MOST_DETAILS = 5

const shape = z.looseObject({
  data: z.array(z.looseObject({ id: z.string().check(z.minLength(1), z.maxLength(1_000)) })),
  resultTruncated: z.optional(z.enum(['true', 'false'])),
  $skipToken: z.nullish(z.string().check(z.maxLength(LONGEST_PAGE_TOKEN)))
})

export class ResourceGraph {
  readonly #arm: ArmWire
  readonly #wire: Wire
  constructor(arm: ArmWire, wire: Wire) {
    this.#arm = arm
    this.#wire = wire
  }

  /**
   * @param query whose rows are resources
   * @returns the ids of all of them, sorted by the service
   * @throws {HttpProblem} with the reasons of the service when it refuses the query
   */
  async ids(query: string): Promise<string[]> {
    const base = this.#arm.request('POST', '/providers/Microsoft.ResourceGraph/resources', API)
    const found: string[] = []
    let token: string | undefined
    let size = 0
    for (let pages = 1; ; pages += 1) {
      const options = {
        resultFormat: 'objectArray',
        $top: PAGE,
        ...(token !== undefined && { $skipToken: token })
      }
      // Pages need the column id (learn.microsoft.com/azure/governance/resource-graph/concepts/work-with-data).
      const request: Request = {
        ...base,
        body: { query: `${query}\n| project id\n| order by id asc`, options }
      }
      const reply = await send(this.#wire, request, refusedByGraph)
      const { data, resultTruncated, $skipToken } = understood(shape, reply, request)
      for (const { id } of data) found.push(id)
      size += reply.text.length
      token = $skipToken ?? undefined
      const isEndless = pages >= MOST_PAGES || size > LARGEST_LIST
      if (isEndless || (token === undefined && resultTruncated === 'true'))
        throw new UnexpectedReply(
          'ARM',
          nameOf(request),
          isEndless ? 'the list does not end' : 'only a part of the list'
        )
      if (token === undefined) return found
    }
  }
}

/** The reasons are in its details, and the wait in a header of its own. */
function refusedByGraph(request: Request, reply: Reply): HttpProblem {
  const problem = refusedByArm(request, reply)
  const error = recordOf(recordOf(reply.json)['error'])
  const all: unknown[] = Array.isArray(error['details']) ? error['details'] : []
  const reasons = all.slice(0, MOST_DETAILS).flatMap((one) => {
    const { message } = recordOf(one)
    return typeof message === 'string' ? [message] : []
  })
  const { service, status, code, detail, retryAfter } = problem
  return new HttpProblem({
    ...{ service, request: nameOf(request), status, code },
    detail: reasons.length === 0 ? detail : reasons.join(' '),
    retryAfter: retryAfter ?? resetsAfter(reply.headers.get('x-ms-user-quota-resets-after'))
  })
}

/** `hh:mm:ss` in ms (learn.microsoft.com/azure/governance/resource-graph/concepts/guidance-for-throttled-requests). */
function resetsAfter(header: string | null): number | undefined {
  const [, hours, minutes, seconds] =
    /^(\d{1,2}):(\d{2}):(\d{2})(?:\.\d{1,7})?$/.exec(header?.trim() ?? '') ?? []
  const ms = (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000
  return ms > 0 ? ms : undefined
}

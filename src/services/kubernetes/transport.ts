/** Sends calls to the cluster: with retries, checked answers, and lists that are read page by page up to a limit. */
import type * as z from 'zod/mini'
import type { Problem } from '../../core/finding.ts'
import { collectEarly } from '../../core/memory.ts'
import { UnexpectedReply, Unreachable } from '../../http/errors.ts'
import { LARGEST_LIST, LONGEST_PAGE_TOKEN, MOST_PAGES, recordOf, type Wire } from '../../http/request.ts'
import { assertTimeLeft, retry } from '../../http/retry.ts'
import { fromClient } from './failures.ts'
import type { Apis } from './login.ts'
import { checkReply } from './shapes.ts'

/** Objects of one page of a list. */
const PAGE = 500
export interface Page {
  readonly limit: number
  readonly _continue?: string
}

/** Why a host that has not answered will not answer; undefined: it may still answer. */
export type Unreached = (host: string, cause: unknown) => Problem | undefined

/** Whether there is another way to the cluster, which `connect` then takes. */
export type Leaves = (host: string, problem: Unreachable) => boolean

/** The connection is given up for another one. */
class Left extends Error {}

export class Transport {
  readonly #connect: (read: { bytes: number }) => Promise<Apis>
  readonly #wire: Wire
  readonly #leaves: Leaves
  /** Size of all answers so far. */
  readonly #read = { bytes: 0 }
  readonly #unreached: Unreached
  #apis: Promise<Apis> | undefined
  #answered = false

  /**
   * @param connect logs in on the first call; it adds the size of each answer to `read`
   * @param unreached why there can be no answer; called while there has been none
   * @param leaves whether to connect again, then; called before `unreached`
   */
  constructor(
    connect: (read: { bytes: number }) => Promise<Apis>,
    wire: Wire,
    unreached: Unreached = () => undefined,
    leaves: Leaves = () => false
  ) {
    this.#connect = connect
    this.#wire = wire
    this.#unreached = unreached
    this.#leaves = leaves
  }

  async call<T>(what: string, call: (apis: Apis) => Promise<T>, shape?: z.ZodMiniType): Promise<T> {
    const connected = (this.#apis ??= this.#connect(this.#read))
    const apis = await connected
    const answer = retry(this.#wire.policy, async () => {
      const started = performance.now()
      try {
        const answer = await call(apis)
        this.#answered = true
        this.#wire.debug(`${what} on ${apis.host}: done in ${Math.round(performance.now() - started)} ms`)
        return shape ? checkReply(what, shape, answer) : answer
      } catch (error) {
        const problem = error instanceof UnexpectedReply ? error : fromClient(error, what, apis.host)
        this.#wire.debug(`${what} on ${apis.host}: ${problem.message.slice(0, 200)}`)
        // An untrusted certificate also counts as an answer.
        if (!(problem instanceof Unreachable) || problem.untrusted) this.#answered = true
        // Another call may have connected again already.
        else if (this.#apis !== connected || (!this.#answered && this.#leaves(apis.host, problem)))
          throw new Left()
        // When the host is unreachable, a retry only takes time.
        const reason = this.#answered ? undefined : this.#unreached(apis.host, problem)
        throw reason ?? problem
      }
    })
    return answer.catch((error: unknown) => {
      if (!(error instanceof Left)) throw error
      if (this.#apis === connected) this.#apis = undefined
      return this.call(what, call, shape)
    })
  }

  async all<T>(
    what: string,
    list: (apis: Apis, page: Page) => Promise<{ items: T[] }>,
    shape: z.ZodMiniType
  ): Promise<T[]> {
    const found: T[] = []
    await this.pages(what, list, shape, (item) => found.push(item as T))
    return found
  }

  /** Reads page after page until the deadline: a list that does not end is an error. */
  async pages(
    what: string,
    list: (apis: Apis, page: Page) => Promise<unknown>,
    shape: z.ZodMiniType | undefined,
    each: (item: unknown) => void
  ): Promise<void> {
    const before = this.#read.bytes
    for (let [pages, next] = [1, undefined as string | undefined]; ; pages += 1) {
      const page = { limit: PAGE, ...(next === undefined ? {} : { _continue: next }) }
      const answer = await this.call(what, (apis) => list(apis, page), shape)
      const { items, metadata } = recordOf(answer)
      if (!Array.isArray(items)) throw new UnexpectedReply('Kubernetes', what, 'no items')
      items.forEach(each)
      // The client's models spell it `_continue`.
      const { continue: raw, _continue: token = raw } = recordOf(metadata)
      if (typeof token !== 'string' || token === '') return
      // More than a page: of thousands of objects, little is kept.
      collectEarly()
      const endless = pages >= MOST_PAGES || this.#read.bytes - before > LARGEST_LIST
      if (endless || token === next || token.length > LONGEST_PAGE_TOKEN)
        throw new UnexpectedReply('Kubernetes', what, 'the list does not end')
      next = token
      assertTimeLeft(
        this.#wire.policy,
        () => new Unreachable('Kubernetes', what, 'the cluster', new Error('out of time'))
      )
    }
  }
}

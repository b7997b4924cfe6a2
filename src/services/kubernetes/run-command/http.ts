/**
 * The HTTP of the official client, for a cluster that cannot be reached: each request becomes a command of kubectl that
 * Azure runs in the cluster. What is asked at the same time goes in one script, because each script is a pod that has to
 * start. A list that is too long for one answer comes in pages, which begin after the last object of the one before.
 */
import type { RequestContext, ResponseContext } from '@kubernetes/client-node'
import { Problem, type FindingFacts } from '../../../core/finding.ts'
import { UnexpectedReply } from '../../../http/errors.ts'
import { jsonOf } from '../../../http/request.ts'
import { failureOf, objectsOf, placeOfObject, refusalIn, type Answer } from './answers.ts'
import { commandOf, type Asked, type Command } from './kubectl.ts'
import { assertKeepable, cut } from './refusals.ts'
import { partsOf, scriptOf, type Part } from './script.ts'

/** Scripts that run at the same time: each is a pod with a fifth of a CPU. */
const MOST_RUNNING = 3
/** In one script. */
const MOST_COMMANDS = 12
/** In characters: a program takes 128 KiB in one argument. */
const LONGEST_SCRIPT = 60_000

interface Waiting {
  readonly what: string
  readonly command: Command
  readonly after: string
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

export class KubectlHttp {
  readonly #run: (script: string) => Promise<string>
  readonly #refused: FindingFacts | undefined
  readonly #response: typeof ResponseContext
  readonly #waiting: Waiting[] = []
  #running = 0

  /**
   * @param run a script in the cluster; resolves with what it printed
   * @param refused why nothing may be written; undefined: it may
   */
  constructor(
    run: (script: string) => Promise<string>,
    refused: FindingFacts | undefined,
    response: typeof ResponseContext
  ) {
    this.#run = run
    this.#refused = refused
    this.#response = response
  }

  async send(request: RequestContext): Promise<ResponseContext> {
    const body = request.getBody()
    const asked = {
      method: request.getHttpMethod(),
      url: new URL(request.getUrl()),
      body: typeof body === 'string' ? jsonOf(body) : undefined
    }
    const { status, body: answer } = await this.#answer(asked)
    const bytes = Buffer.from(JSON.stringify(answer))
    return new this.#response(
      status,
      { 'content-type': 'application/json' },
      {
        text: () => Promise.resolve(bytes.toString('utf8')),
        binary: () => Promise.resolve(bytes),
        stream: () => null
      }
    )
  }

  #answer(asked: Asked): Promise<Answer> {
    assertKeepable(asked)
    const command = commandOf(asked)
    if (command.writes && this.#refused) throw new Problem(this.#refused)
    const what = `${asked.method} ${asked.url.pathname}`
    const after = asked.url.searchParams.get('continue') ?? ''
    return new Promise((resolve, reject) => {
      this.#waiting.push({ what, command, after, resolve, reject })
      this.#begin()
    })
  }

  /** Whatever else is asked in this turn joins. */
  #begin(): void {
    setImmediate(() => {
      while (this.#waiting.length > 0 && this.#running < MOST_RUNNING) {
        this.#running += 1
        void this.#runNow(this.#due()).finally(() => {
          this.#running -= 1
          if (this.#waiting.length > 0) this.#begin()
        })
      }
    })
  }

  /** A write is alone in its script, so that nothing beside it decides whether it is done. */
  #due(): readonly Waiting[] {
    const [first] = this.#waiting
    if (!first || first.command.writes) return this.#waiting.splice(0, 1)
    let [count, length] = [0, 0]
    for (const { command } of this.#waiting) {
      length += command.text.length
      if (command.writes || count === MOST_COMMANDS || (count > 0 && length > LONGEST_SCRIPT)) break
      count += 1
    }
    return this.#waiting.splice(0, count)
  }

  async #runNow(due: readonly Waiting[]): Promise<void> {
    try {
      const logs = await this.#run(scriptOf(due.map(({ command }) => command.text)))
      const parts = partsOf(logs, due.length)
      const again: Waiting[] = []
      due.forEach((one, index) => {
        const part = parts?.[index]
        // What came before it filled the answer.
        if (index > 0 && part?.ended === undefined && part?.lines.length === 0 && !one.command.writes)
          again.push(one)
        else settle(one, part)
      })
      this.#waiting.unshift(...again)
    } catch (error) {
      for (const { reject } of due) reject(error)
    }
  }
}

function settle({ what, command, after, resolve, reject }: Waiting, part: Part | undefined): void {
  try {
    resolve(answerOf(what, command, after, part))
  } catch (error) {
    reject(error)
  }
}

function answerOf(what: string, { prints }: Command, after: string, part: Part | undefined): Answer {
  const { lines = [], ended } = part ?? {}
  if (ended && ended.code !== 0) {
    const refusal = refusalIn(ended.error)
    if (!refusal) throw failureOf(what, ended)
    return refusal
  }
  if (!ended && (prints !== 'list' || lines.length === 0)) throw cut(what)
  if (prints === 'nothing') return { status: 200, body: {} }
  const items = objectsOf(what, lines)
  if (prints === 'object') return { status: 200, body: items[0] ?? {} }
  const places = [after, ...items.map(placeOfObject)]
  const paged = !ended || after !== ''
  if (paged && places.some((place, index) => index > 0 && place <= (places[index - 1] ?? '')))
    throw new UnexpectedReply('Kubernetes', what, 'a list that is not sorted')
  const metadata = ended ? {} : { continue: places.at(-1) }
  return { status: 200, body: { kind: 'List', apiVersion: 'v1', metadata, items } }
}

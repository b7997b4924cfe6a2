/** What somebody hostile, or a broken proxy, answers in a service's place. */
import type { Forgery } from '../../sandbox/journal.ts'
import { STREAMED, type Answer } from '../../sandbox/wire.ts'

type Forge = Forgery['forge']

/** Every way to make a log run a command, to steer a terminal, or to break out of a table. */
export const NASTY = [
  'Zürich 漢字 🚀 \u202e\u2028\u0085\u001b[31m',
  '::set-output name=INJECT::x',
  '  ::error file=INJECT::x',
  '::stop-commands::INJECT',
  '##vso[task.setvariable variable=INJECT]x',
  '##[error]INJECT',
  '##[group]INJECT\r::add-mask::INJECT',
  '\u0000\u0007|`</details><img src=x onerror=INJECT>'
].join('\n')

/** By name; each gets the address of another host. */
export const FORGERIES: Readonly<Record<string, (elsewhere: string) => Forge>> = {
  'a redirect of GETs (302)': (elsewhere) => redirect(302, elsewhere),
  'a redirect of anything (307)': (elsewhere) => redirect(307, elsewhere),
  'links that lead elsewhere': linked,
  'a page (200)': () => () => page(200),
  'a sign-in page (203)': () => () => page(203),
  'a body too large': () => flood,
  'a body without an end': () => trickle,
  'a wrong content type': () => typed,
  'half of the JSON': () => () => raw('{"value":[{"id":'),
  'an empty body': () => () => raw(''),
  null: () => () => raw('null'),
  'a list': () => () => raw('[]'),
  'an empty object': () => () => raw('{}'),
  'nasty strings': () => nasty,
  'a nasty refusal (400)': () => () => refusal(400),
  'a nasty refusal (403)': () => () => refusal(403)
}

function redirect(status: number, elsewhere: string): Forge {
  return ({ url }) => ({ status, headers: { location: `${elsewhere}${url.pathname}${url.search}` } })
}

function page(status: number): Answer {
  const body = `<!DOCTYPE html><html><title>${NASTY}</title></html>`
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body }
}

function raw(body: string): Answer {
  return { status: 200, headers: { 'content-type': 'application/json' }, body }
}

/** In every place where one of the services puts its words. */
function refusal(status: number): Answer {
  const body = {
    error: { code: NASTY, message: NASTY },
    error_description: NASTY,
    code: NASTY,
    message: NASTY,
    reason: NASTY,
    typeKey: NASTY,
    kind: 'Status',
    status: 'Failure'
  }
  return { status, body }
}

const typed: Forge = async (_call, real) => {
  const answer = await real()
  if (answer === STREAMED) return answer
  return { ...answer, headers: { ...answer.headers, 'content-type': 'application/octet-stream' } }
}

const nasty: Forge = async (_call, real) => changed(await real(), (text) => `${text}${NASTY}`)

/** Page links, poll links and every address of the twin in an answer lead to the other host. */
function linked(elsewhere: string): Forge {
  return async ({ url }, real) => {
    const answer = await real()
    const moved = changed(answer, (text) => text.replace(/^https:\/\/localhost:\d+/, elsewhere))
    if (moved === STREAMED || Buffer.isBuffer(moved.body)) return moved
    const link = `${elsewhere}${url.pathname}${url.search}`
    const headers = { ...moved.headers, 'azure-asyncoperation': link, location: link }
    const { body } = moved
    if (typeof body !== 'object' || body === null || !('value' in body)) return { ...moved, headers }
    return { ...moved, headers, body: { ...body, nextLink: link } }
  }
}

function changed(
  answer: Answer | typeof STREAMED,
  change: (text: string) => string
): Answer | typeof STREAMED {
  if (answer === STREAMED || Buffer.isBuffer(answer.body)) return answer
  const mapped = (value: unknown): unknown => {
    if (typeof value === 'string') return change(value)
    if (Array.isArray(value)) return value.map(mapped)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapped(inner)]))
  }
  return { ...answer, body: mapped(answer.body) }
}

/** Much more than anybody needs; it pours as long as somebody reads. */
const flood: Forge = async ({ response }): Promise<typeof STREAMED> => {
  response.writeHead(200, { 'content-type': 'application/json' })
  const megabyte = Buffer.alloc(1024 * 1024, ' ')
  for (let sent = 0; sent < 64 && !response.destroyed; sent += 1) {
    if (!response.write(megabyte)) {
      await new Promise<void>((resolve) => {
        response.once('drain', resolve).once('close', resolve)
      })
    }
  }
  response.end()
  return STREAMED
}

/** A little now and then, for ever. */
const trickle: Forge = ({ response }) => {
  response.writeHead(200, { 'content-type': 'application/json' })
  const drops = setInterval(() => response.write(' '), 50)
  response.once('close', () => {
    clearInterval(drops)
  })
  return STREAMED
}

/**
 * Reads a repository as `git fetch --depth=1` does, without starting programs, for runs with many repositories
 * (docs/decisions/0013-many-repositories.md).
 */
import { VERSION } from '../../core/version.ts'
import type { IdentityPace } from '../../http/pace.ts'
import { beginOf, exchange, type Request, type Wire } from '../../http/request.ts'
import { bringsCommit, firstRefIn, requestFor } from './pack.ts'

/** The first divides packs from messages. */
const NEEDED = ['side-band-64k', 'shallow']
/** One of them; Azure Repos refuses clients without (TF401041). git prefers the first, too. */
const NEGOTIATIONS = ['multi_ack_detailed', 'multi_ack']
/** How much is read of one answer, in bytes: refs begin with HEAD, packs with the commit. */
const READ = 256 * 1024
/** Servers look for this beginning. */
const AGENT = `git/patless-${VERSION}`

export interface Reader {
  readonly wire: Wire
  readonly pace: IdentityPace
}

/**
 * @param url of the repository, as git gets it
 * @returns the commit of HEAD, once its content was received; undefined when anything is other than expected of a
 *   repository that can be read: only git says what that means.
 * @throws {Problem} when the repository was not answered for, or asked the run to wait
 */
export async function readHead(url: string, token: string, reader: Reader): Promise<string | undefined> {
  const place = placeOf(url)
  if (!place) return undefined
  return reader.pace.turn(reader.wire.policy, async () => {
    const refs = await ask(place, token, reader, {
      method: 'GET',
      path: 'info/refs?service=git-upload-pack',
      type: 'application/x-git-upload-pack-advertisement'
    })
    const head = refs && firstRefIn(refs)
    if (head?.name !== 'HEAD' || !NEEDED.every((one) => head.capabilities.has(one))) return undefined
    const negotiation = NEGOTIATIONS.find((one) => head.capabilities.has(one))
    if (negotiation === undefined) return undefined
    const capabilities = [negotiation, 'side-band-64k', 'no-progress', `agent=${AGENT}`]
    const answer = await ask(place, token, reader, {
      method: 'POST',
      path: 'git-upload-pack',
      type: 'application/x-git-upload-pack-result',
      body: requestFor(head.commit, capabilities)
    })
    return answer && bringsCommit(answer, head.commit) ? head.commit : undefined
  })
}

/** Only where git would ask for exactly this place; the user is no part of a request with a token. */
function placeOf(url: string): URL | undefined {
  const place = URL.parse(url)
  if (place?.protocol !== 'https:' || place.password !== '' || place.href !== url) return undefined
  if (place.search !== '' || place.hash !== '') return undefined
  return Object.assign(place, { username: '' })
}

/** What was answered with 200 in the expected type; undefined: something else. */
async function ask(
  place: URL,
  token: string,
  { wire, pace }: Reader,
  {
    method,
    path,
    type,
    body
  }: { readonly method: 'GET' | 'POST'; readonly path: string; readonly type: string; readonly body?: string }
): Promise<Buffer | undefined> {
  const request: Request = {
    service: 'git',
    method,
    url: `${place.href.replace(/\/$/, '')}/${path}`,
    headers: {
      accept: type,
      'user-agent': AGENT,
      ...(body === undefined ? {} : { 'content-type': 'application/x-git-upload-pack-request' })
    },
    bearer: { token: () => Promise.resolve(token), mayGoTo: ({ origin }) => origin === place.origin },
    pace,
    ...(body === undefined ? {} : { body: new Blob([body]) })
  }
  const { status, headers, body: bytes } = await exchange(wire, request, (answer) => beginOf(answer, READ))
  const [got = ''] = (headers.get('content-type') ?? '').split(';', 1)
  return status === 200 && got.trim().toLowerCase() === type ? bytes : undefined
}

/** What is never sent through a command that Azure runs, since Azure keeps commands and what they print. */
import { Problem } from '../../../core/finding.ts'
import { input } from '../../../core/input-name.ts'
import { credentialsIn } from '../../../core/text.ts'
import { recordOf } from '../../../http/request.ts'
import { isPlainKey } from '../secrets.ts'
import { placeOf, type Asked } from './kubectl.ts'

const LINK = 'https://learn.microsoft.com/azure/aks/access-private-cluster'
const DIRECTLY = `run this where the API server can be reached (${input('cluster-access', 'direct')}): on a runner in its network`

/** @throws {Problem} for a token, and for a Secret with a value that may be a credential */
export function assertKeepable({ url, method, body }: Asked): void {
  const { plural, subresource } = placeOf(url)
  if (subresource === 'token')
    throw new Problem({
      id: 'run-command/token-refused',
      summary:
        'No token of a service account is asked for through commands that Azure runs: Azure keeps what they print.',
      remedy: DIRECTLY,
      link: LINK
    })
  if (plural !== 'secrets' || method === 'GET' || method === 'DELETE') return
  const { data, stringData, metadata } = recordOf(body)
  const values = [
    ...Object.entries(recordOf(data)).map(([key, value]) => [key, decoded(value)] as const),
    ...Object.entries(recordOf(stringData))
  ]
  const kept = values.find(([key, value]) => value !== null && !isKeepable(key, value))
  if (kept === undefined) return
  const { name } = recordOf(metadata)
  throw new Problem({
    id: 'run-command/secret-refused',
    summary: `The Secret ${typeof name === 'string' ? name : ''} would be written with ${kept[0]}, which may be a credential, through a command that Azure keeps.`,
    remedy: DIRECTLY,
    link: LINK
  })
}

function isKeepable(key: string, value: unknown): boolean {
  return (
    typeof value === 'string' && isPlainKey(key) && key !== 'username' && credentialsIn(value).length === 0
  )
}

function decoded(value: unknown): unknown {
  return typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : value
}

/** @param what was asked, e.g. `list applications` */
export function cut(what: string): Problem {
  return new Problem({
    id: 'run-command/cut',
    summary: `What a command that Azure runs printed to ${what} was cut before it was whole, so nothing of it is used.`,
    expected: 'at most 480 kB for one object',
    actual: 'more',
    remedy: DIRECTLY,
    link: LINK
  })
}

/** The Secrets as they will be once apply has written a connection: what it writes takes part in Argo CD's resolution. */
import { matching, nameOf, placesOf, type Place, type Places } from './places.ts'
import { readEntry, type Entry } from './secrets.ts'

const FLAG = 'useAzureWorkloadIdentity'

/** Content that Patless writes into the Secret of a place. @param written the URL as the Secret already spells it */
export function contentOf({ project, url }: Place, written = url): Record<string, string> {
  const plain = { type: 'git', url: written, [FLAG]: 'true' }
  return project === '' ? plain : { ...plain, project }
}

export function entriesAfterWrite(places: Places, entries: readonly Entry[]): readonly Entry[] {
  const found = placesOf(places).map((place) => ({ place, own: matching(place, entries) }))
  const own = new Set(found.flatMap((one) => one.own))
  const missing = found.filter((one) => one.own.length === 0).map(({ place }) => made(place))
  return [...entries.map((one) => (own.has(one) ? flagged(one) : one)), ...missing]
}

function flagged(entry: Entry): Entry {
  return {
    ...entry,
    workloadIdentity: 'true',
    held: { ...entry.held, flag: true },
    unreadable: entry.unreadable.filter((key) => key !== FLAG)
  }
}

function made(place: Place): Entry {
  const encoded = Object.entries(contentOf(place)).map(([key, value]) => [
    key,
    Buffer.from(value).toString('base64')
  ])
  return readEntry(place.kind, {
    metadata: { name: nameOf(place) },
    data: Object.fromEntries(encoded) as Record<string, string>
  })
}

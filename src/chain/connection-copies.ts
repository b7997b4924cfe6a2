/** Several Secrets for one URL. Which of them Argo CD uses is not defined, so it matters only where they differ. */
import { matching, type Place } from '../argocd/places.ts'
import type { Entry } from '../argocd/secrets.ts'
import type { FindingFacts } from '../core/finding.ts'
import { isTrue } from '../core/go-bool.ts'
import type { Difference } from '../engine/outcome.ts'

/** Secrets that say the same as another one: Argo CD may use either. */
export function copiesOf(place: Place, entries: readonly Entry[]): FindingFacts[] {
  const [found, ...others] = matching(place, entries)
  const copies = others.filter((one) => found && isCopy(one, found))
  if (!found || copies.length === 0) return []
  const names = copies.map(({ secret }) => secret).join(', ')
  return [
    {
      id: 'connection/duplicate',
      summary: `The Secret ${found.secret} for ${place.url} exists more than once (also as ${names}). All say the same today; a change of one of them will not count everywhere.`,
      expected: 'one Secret',
      actual: [found, ...copies].map(({ secret }) => secret).join(', '),
      remedy: `delete ${names}, where it is made from`
    }
  ]
}

/** Without credentials and readable, and the same in everything that Argo CD reads. */
export function isCopy(one: Entry, of: Entry): boolean {
  if ([one, of].some(({ beating, unreadable }) => beating.length > 0 || unreadable.length > 0)) return false
  const said = ({ keys, type, workloadIdentity = '', proxy }: Entry): string =>
    JSON.stringify([keys.toSorted(), type, isTrue(workloadIdentity), proxy()])
  return said(one) === said(of)
}

export function duplicate(url: string, found: Entry, other: Entry): Difference {
  const summary = `Two Secrets, ${found.secret} and ${other.secret}, are for ${url}; which one Argo CD uses is not defined.`
  return {
    field: `${found.kind === 'repository' ? 'repository Secret' : 'credential template'}s`,
    expected: '1',
    actual: '2',
    blocked: { id: 'connection/duplicate', summary, remedy: 'delete one of them' }
  }
}

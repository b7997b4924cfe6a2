/**
 * Credentials that are no longer used, named by what their Secrets show beside them, and where each is revoked. A
 * credential that another object still holds is named, too, so that nobody revokes too much. Pure.
 */
import type { FindingFacts } from '../../core/finding.ts'
import { organizationInHost } from '../../core/azure-repos.ts'
import type { UnusedCredential } from '../../engine/moves.ts'
import type { StoredCredential } from '../inventory/credential.ts'
import type { Entry } from '../secrets.ts'
import { markIn } from './mark.ts'

/** @param moved names of the Secrets that do not hold theirs any more */
export function unusedBy(
  credentials: readonly StoredCredential[],
  moved: readonly string[]
): UnusedCredential[] {
  const isMoved = ({ kind, ref }: StoredCredential): boolean =>
    kind !== 'proxy' && ref.kind === 'Secret' && moved.includes(ref.name)
  const groups = new Map<unknown, StoredCredential[]>()
  for (const one of credentials) {
    // Those of a group hold the same value.
    const key = one.group ?? one
    groups.set(key, [...(groups.get(key) ?? []), one])
  }
  return [...groups.values()]
    .filter((group) => group.some(isMoved))
    .map((group) => {
      const [first] = group.filter(isMoved)
      return {
        held: group.filter(isMoved).map(({ ref }) => ref.name),
        still: group
          .filter((one) => !isMoved(one))
          .map(({ ref }) => `${ref.kind} ${ref.namespace}/${ref.name}`),
        user: group.find(({ user }) => user !== undefined)?.user,
        since: oldest(group),
        where: whereToRevoke(first?.url ?? '', first?.keys ?? [])
      }
    })
}

/**
 * What earlier runs took out, by the marks on the Secrets: as long as these hold no credential again. An object that held
 * the same one then, and may hold it still, is named.
 */
export function unusedByMarks(entries: readonly Entry[], namespace: string): UnusedCredential[] {
  return entries.flatMap(({ secret, url, credentialKeys, marks }) => {
    const mark = markIn(marks.annotations)
    if (!mark || credentialKeys.length > 0) return []
    const isCleared = (object: string): boolean =>
      entries.some((one) => `Secret ${namespace}/${one.secret}` === object && one.credentialKeys.length === 0)
    const since = mark.since === undefined ? undefined : new Date(mark.since).toISOString().slice(0, 10)
    return {
      held: [secret],
      still: mark.shared.filter((object) => !isCleared(object)),
      user: mark.user,
      since,
      until: new Date(mark.at).toISOString().slice(0, 10),
      where: whereToRevoke(url, mark.keys)
    }
  })
}

export function revokeFinding({ held, still, user, since, until, where }: UnusedCredential): FindingFacts {
  const about = [
    user === undefined ? '' : `user ${user}`,
    since === undefined ? '' : `there since ${since}`,
    until === undefined ? '' : `taken out on ${until}`
  ]
  const known = about.filter((part) => part !== '').join(', ')
  const what = `The credential that ${held.join(', ')} held${known === '' ? '' : ` (${known})`}`
  return still.length === 0
    ? {
        id: 'migration/revoke',
        summary: `${what} is used by nothing in this cluster any more.`,
        remedy: `see whether anything outside of the cluster uses it, then revoke it: ${where}`
      }
    : {
        id: 'migration/revoke',
        summary: `${what} is still used by ${still.join(', ')}: do not revoke it yet.`,
        remedy: `give those a credential of their own first; then revoke this one: ${where}`
      }
}

/** Its owner revokes it in his settings; the value of a credential tells nobody whose it is. */
function whereToRevoke(url: string, keys: readonly string[]): string {
  const { hostname = '', pathname = '' } = URL.parse(url) ?? {}
  const organization = organizationInHost(hostname) ?? pathname.split('/')[1] ?? ''
  const name = /^[a-z0-9][a-z0-9-]{0,49}$/i.test(organization) ? organization : '<organization>'
  if (keys.includes('sshPrivateKey')) return `https://dev.azure.com/${name}/_usersSettings/keys, as its owner`
  if (keys.includes('githubAppPrivateKey')) return 'in the settings of the GitHub App'
  if (keys.some((key) => key.startsWith('azureServicePrincipal')))
    return 'in Entra, at the secrets of that application'
  return `https://dev.azure.com/${name}/_usersSettings/tokens, as its owner`
}

function oldest(group: readonly StoredCredential[]): string | undefined {
  const times = group.flatMap(({ changedAt, createdAt }) => changedAt ?? createdAt ?? [])
  return times.length === 0 ? undefined : new Date(Math.min(...times)).toISOString().slice(0, 10)
}

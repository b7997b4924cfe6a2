/**
 * Credentials that are no longer used, named by what their Secrets show beside them, and where each is revoked. A
 * credential that another object still holds is named, too, so that nobody revokes too much. Pure.
 */
import type { FindingFacts } from '../../core/finding.ts'
import { organizationInHost } from '../../core/azure-repos.ts'
import type { UnusedCredential } from '../../engine/moves.ts'
import type { StoredCredential } from '../inventory/credential.ts'
import type { Backup } from './backup.ts'

/** @param moved names of the Secrets that do not hold theirs any more */
export function unusedBy(
  credentials: readonly StoredCredential[],
  moved: readonly string[]
): UnusedCredential[] {
  const isMoved = ({ ref }: StoredCredential): boolean => ref.kind === 'Secret' && moved.includes(ref.name)
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

/** What an earlier run took out, as long as its backup exists. */
export function revocableIn({ secret, original }: Backup): UnusedCredential {
  const text = (key: string): string | undefined => {
    const value = original.data[key]
    return value === undefined || value === '' ? undefined : Buffer.from(value, 'base64').toString('utf8')
  }
  const keys = Object.keys(original.data)
  // A user name without a password may be the credential itself.
  const user = text('password') === undefined ? undefined : text('username')
  return { held: [secret], still: [], user, since: undefined, where: whereToRevoke(text('url') ?? '', keys) }
}

export function revokeFinding({ held, still, user, since, where }: UnusedCredential): FindingFacts {
  const about = [user === undefined ? '' : `user ${user}`, since === undefined ? '' : `there since ${since}`]
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

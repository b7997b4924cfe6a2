/** Whether a stored credential can go, must wait, or is unused. */
import type { Entry } from '../secrets.ts'
import { isAzureRepos, segmentsOfSsh } from '../../core/azure-repos.ts'
import { isWithinOrganization } from '../usage.ts'
import { judged } from '../version.ts'
import type { CredentialKind, CredentialVerdict, Reason } from './credential.ts'
import { shownUrl } from './shown.ts'

interface Facts {
  readonly kind: CredentialKind
  readonly entry: Entry
  readonly keys: readonly string[]
  readonly repositories: readonly string[]
  readonly version: string | undefined
  /** Host of another Azure DevOps. */
  readonly host: string
}

/** Reasons that a Secret for repositories has by itself. */
export function reasonsOf({ kind, entry, keys, repositories, version, host }: Facts): Reason[] {
  const reasons: Reason[] = []
  const add = (id: Reason['id'], holds: boolean, text: string): void => {
    if (holds) reasons.push({ id, text })
  }
  const { url, manager, immutable, unreadable } = entry
  const writes = kind === 'write-repository' || kind === 'write-template'
  add('write', writes, 'the hydrator pushes with it, and Patless gives read access only')
  add(
    'owner',
    manager !== undefined,
    `${manager?.who ?? ''} makes it, so it can only be changed in its source`
  )
  const others = repositories.filter((one) => !isAzureRepos(one, host)).map(shownUrl)
  const list = others.length === 0 ? '' : `, for example ${others.slice(0, 3).join(', ')}`
  const wide = kind === 'template' && !isSsh(url) && !isWithinOrganization(url)
  add(
    'elsewhere',
    wide || others.length > 0,
    `it also covers URLs outside one organization of Azure Repos${list}, and the identity's token must not go there`
  )
  add('ssh', isSsh(url), 'its URL is SSH: workload identity needs https, in the Applications as well')
  add('url', keys.includes('url'), 'it is a part of the URL, which Applications repeat')
  add('immutable', immutable, 'the Secret is immutable, so it has to be made anew')
  add('unreadable', unreadable.length > 0, `Argo CD cannot parse its keys ${unreadable.join(', ')}`)
  const unfit = judged(version)
  add(
    'version',
    unfit === 'absent' || unfit === 'broken',
    `Argo CD ${version ?? ''} has no working workload identity for git`
  )
  return reasons
}

/** Of a prefix, too: `git@ssh.dev.azure.com:`. */
function isSsh(url: string): boolean {
  return segmentsOfSsh(url) !== undefined || /^(?:ssh:\/\/|[^/@\s]+@[^/]*:)/i.test(url.trim())
}

/**
 * @param used whether an object of the cluster needs the credential; undefined: not known, because objects could not be
 *   listed
 */
export function verdictOf(reasons: readonly Reason[], used: boolean | undefined): CredentialVerdict {
  if (used === false) return 'unused'
  return reasons.length > 0 ? 'must-wait' : 'can-go'
}

/** What Argo CD's git is given for a repository: the Secret's own URL, not the Application's, and the Secret's proxy. */
import { resolved, type Entry, type GitProxy } from './secrets.ts'
import { sameUrl } from './urls.ts'

export interface Remote {
  readonly url: string
  /** The Secret that decides; undefined: none. */
  readonly secret: string | undefined
  readonly proxy: GitProxy | undefined
}

/**
 * Sources: argo-cd reposerver (newGitClient takes repo.Repo), util/db (a template fills the proxy of a repository that
 * has none and no credentials), util/proxy.
 *
 * @param entries as they are after the write
 */
export function remoteOf(url: string, project: string, entries: readonly Entry[]): Remote {
  const { by } = resolved(url, project, entries)
  const own = entries.filter((one) => one.kind === 'repository' && sameUrl(one.url, url))
  const secret =
    own.find((one) => project !== '' && one.project === project) ?? own.find((one) => one.project === '')
  const template = by?.kind === 'repo-creds' ? by : undefined
  const proxy = secret?.proxy() ?? template?.proxy()
  return { url: secret?.url ?? url, secret: (secret ?? template)?.secret, proxy }
}

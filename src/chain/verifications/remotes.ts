/** What Argo CD's git will be given for each URL, once apply has written the connection. */
import { entriesAfterWrite } from '../../argocd/after-write.ts'
import { scopeOf, type Places } from '../../argocd/places.ts'
import { remoteOf, type Remote } from '../../argocd/remote.ts'
import type { Entry } from '../../argocd/secrets.ts'
import { credentialsIn } from '../../core/text.ts'
import { Problem } from '../../core/finding.ts'
import { MissingOutput } from '../../engine/node.ts'
import type { Services } from '../../services/services.ts'

/**
 * @param read the Secrets as they are; asked for once. Those that cannot be read change nothing here: the connection
 *   reports them
 */
export function remotesOf(
  places: Places,
  read: () => Promise<readonly Entry[]>,
  { mask }: Pick<Services, 'mask'>
): (url: string) => Promise<Remote> {
  let known: Promise<readonly Entry[]> | undefined
  const entries = async (): Promise<readonly Entry[]> => {
    try {
      return entriesAfterWrite(places, await read())
    } catch (error) {
      if (error instanceof MissingOutput || error instanceof Problem) return []
      throw error
    }
  }
  return async (url) => {
    known ??= entries()
    const remote = remoteOf(url, scopeOf(places), await known)
    for (const secret of credentialsIn(remote.proxy?.url ?? '')) mask(secret)
    return remote
  }
}

/** The files that a kubeconfig names: the client reads them to their end, which a device does not have. */
import type { KubeConfig } from '@kubernetes/client-node'
import { Problem } from '../../core/problem.ts'
import { readSmallFile, UnusableFile } from '../../core/small-file.ts'
import { recordOf } from '../../http/request.ts'

/**
 * Before the client reads the kubeconfig: it would read a `token-file`, which kubectl does not know, while it parses.
 *
 * @throws {Problem} when the text has one.
 */
export function refuseTokenFile(yaml: string): void {
  // A quoted key may be written in escapes, or over two lines.
  const plain = yaml
    .replaceAll(/\\\r?\n[ \t]*/g, '')
    .replaceAll(/\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U000([0-9a-f]{5}))/gi, (_all, ...hex: unknown[]) =>
      String.fromCharCode(Number.parseInt(hex.slice(0, 3).join(''), 16))
    )
  if (!plain.includes('token-file')) return
  throw new Problem({
    what: 'The kubeconfig names a token-file, which kubectl does not read and Patless neither.',
    remedy: 'put the token itself into the kubeconfig, as token'
  })
}

/** @throws {Problem} for a file that is not a regular one of bounded size. */
export function assertFiles(config: KubeConfig): void {
  const cluster = config.getCurrentCluster()
  const user = config.getCurrentUser()
  const { tokenFile } = recordOf(recordOf(user?.authProvider)['config'])
  for (const path of [cluster?.caFile, user?.certFile, user?.keyFile, tokenFile]) {
    if (typeof path !== 'string' || path === '') continue
    try {
      readSmallFile(path)
    } catch (error) {
      if (!(error instanceof UnusableFile)) throw error
      throw new Problem(
        {
          what: `The kubeconfig names the file ${path}, which ${error.message}.`,
          remedy: 'give a kubeconfig that holds its certificates: kubectl config view --raw --flatten'
        },
        { cause: error }
      )
    }
  }
}

/** Files that a kubeconfig names: only regular files of bounded size, with an absolute path. */
import { isAbsolute } from 'node:path'
import { Problem } from '../../core/finding.ts'
import { readSmallFile, UnusableFile } from '../../core/small-file.ts'
import { safe } from '../../http/errors.ts'

/** Writes the current context with all that it needs into a file. */
export const WHOLE_KUBECONFIG = 'kubectl config view --minify --flatten --raw > patless.kubeconfig'

/** @returns base64, like the `-data` keys. @throws {Problem} */
export function dataOf(
  data: string | null | undefined,
  path: string | null | undefined,
  allowed: boolean
): string | undefined {
  if (typeof data === 'string' && data !== '') return data
  if (typeof path !== 'string' || path === '') return undefined
  return Buffer.from(textOfFile(path, allowed)).toString('base64')
}

/**
 * @param allowed whether this kubeconfig may name files at all
 * @throws {Problem} for a relative path, a device, a pipe, a folder and a file that is too large.
 */
export function textOfFile(path: string, allowed: boolean): string {
  const refused = (why: string, cause?: unknown): Problem =>
    new Problem(
      {
        id: 'kubeconfig/file-unreadable',
        summary: `The kubeconfig names the file ${safe(path, 200)}, which ${why}.`,
        remedy: 'put its content into the kubeconfig: the command writes one that holds everything',
        command: WHOLE_KUBECONFIG
      },
      { cause }
    )
  if (!allowed) throw refused('a service must not ask for')
  if (!isAbsolute(path)) throw refused('has a relative path: it would be another file in every folder')
  try {
    return readSmallFile(path)
  } catch (error) {
    if (!(error instanceof UnusableFile)) throw error
    throw refused(error.message, error)
  }
}

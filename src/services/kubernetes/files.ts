/** Files that a kubeconfig names: regular ones of bounded size, by their whole path. */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import { Problem } from '../../core/problem.ts'
import { safe } from '../../http/errors.ts'

/** Tokens and certificates are some kilobytes. In bytes. */
const LARGEST = 1024 * 1024

/** @returns base64, as the `-data` keys are. @throws {Problem} */
export async function dataOf(
  data: string | null | undefined,
  path: string | null | undefined,
  allowed: boolean
): Promise<string | undefined> {
  if (typeof data === 'string' && data !== '') return data
  if (typeof path !== 'string' || path === '') return undefined
  return Buffer.from(await textOfFile(path, allowed)).toString('base64')
}

/**
 * @param allowed whether this kubeconfig may name files at all
 * @throws {Problem} for a relative path, a device, a pipe, a folder, and what is too large.
 */
export async function textOfFile(path: string, allowed: boolean): Promise<string> {
  const refused = (why: string): Problem =>
    new Problem({
      what: `The kubeconfig names the file ${safe(path, 200)}, which ${why}.`,
      remedy: 'put its content into the kubeconfig: kubectl config view --minify --flatten --raw > <file>'
    })
  if (!allowed) throw refused("is none of a service's affair")
  if (!isAbsolute(path)) throw refused('is a relative path, and so another file in every folder')
  try {
    // Non-blocking: a pipe that nobody writes to would be waited for otherwise.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const status = await file.stat()
      if (!status.isFile()) throw refused('is not a regular file')
      if (status.size > LARGEST) throw refused(`is larger than ${LARGEST} bytes`)
      const { buffer, bytesRead } = await file.read(Buffer.alloc(LARGEST), 0, LARGEST, 0)
      return buffer.toString('utf8', 0, bytesRead)
    } finally {
      await file.close()
    }
  } catch (error) {
    if (error instanceof Problem) throw error
    throw refused(`cannot be read (${String((error as NodeJS.ErrnoException).code)})`)
  }
}

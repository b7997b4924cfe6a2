/** Files that a user names. What is no regular file, as a device or a pipe, may never end. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'

/** Of a file that a user names, in bytes: a kubeconfig of a hundred clusters is a quarter of it. */
export const LARGEST_FILE = 1024 * 1024

/** `message` says what is wrong, after the words "the file <path>". */
export class UnusableFile extends Error {
  override readonly name = 'UnusableFile'
}

/**
 * Reads a regular file of at most `LARGEST_FILE` bytes as UTF-8. Never waits: not for a writer of a pipe either.
 *
 * @throws {UnusableFile}
 */
export function readSmallFile(path: string): string {
  let file: number | undefined
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
    if (!fstatSync(file).isFile()) throw new UnusableFile('is not a regular file')
    // The size in the metadata is not trusted: files of /proc say 0, others grow while they are read.
    const bytes = Buffer.alloc(LARGEST_FILE + 1)
    let size = 0
    for (let read = -1; read !== 0 && size < bytes.length; size += read)
      read = readSync(file, bytes, size, bytes.length - size, null)
    if (size > LARGEST_FILE) throw new UnusableFile('is larger than 1 MiB')
    return bytes.toString('utf8', 0, size)
  } catch (error) {
    if (error instanceof UnusableFile) throw error
    const { code } = error as NodeJS.ErrnoException
    throw new UnusableFile(`cannot be read (${String(code)})`, { cause: error })
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

/** Files that a user names. Anything but a regular file (a device, a pipe) may never end. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'

/** In bytes. A kubeconfig of a hundred clusters is a quarter of it. */
export const LARGEST_FILE = 1024 * 1024

/** `message` completes the sentence "the file <path> …". */
export class UnusableFile extends Error {
  override readonly name = 'UnusableFile'
}

/**
 * Reads a regular file of at most `LARGEST_FILE` bytes as UTF-8. Never blocks, not even on a pipe without a writer.
 *
 * @throws {UnusableFile}
 */
export function readSmallFile(path: string): string {
  let file: number | undefined
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
    if (!fstatSync(file).isFile()) throw new UnusableFile('is not a regular file')
    // The size in the metadata is not reliable: it is 0 for files of /proc, and other files grow while they are read.
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

/** The files by which a runner takes outputs and summary. Earlier steps of the job can put anything in their place. */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

const { O_APPEND, O_CREAT, O_WRONLY, O_NONBLOCK } = constants

/**
 * Appends all of it or nothing: half of an output would make the runner refuse the file. Never waits for a reader of
 * a pipe.
 */
export async function appendTo(path: string, text: string): Promise<void> {
  // Not on Windows, whose named pipes are no files.
  const file = await open(path, O_APPEND | O_CREAT | O_WRONLY | ((O_NONBLOCK as number | undefined) ?? 0))
  try {
    const before = await file.stat()
    if (!before.isFile() && !before.isCharacterDevice())
      throw Object.assign(new Error('it is no regular file'), { code: 'ENXIO' })
    try {
      await file.writeFile(text)
    } catch (error) {
      if (before.isFile()) await file.truncate(before.size)
      throw error
    }
  } finally {
    await file.close()
  }
}

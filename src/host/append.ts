/** The files in which a runner collects outputs and summary. Earlier steps of the job can replace them with anything. */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

const { O_APPEND, O_CREAT, O_WRONLY, O_NONBLOCK } = constants

/**
 * Appends the whole text or nothing: the runner rejects a file with half an output. Never blocks on a pipe without a
 * reader.
 */
export async function appendTo(path: string, text: string): Promise<void> {
  // Windows has no O_NONBLOCK, and its named pipes are not files.
  const file = await open(path, O_APPEND | O_CREAT | O_WRONLY | ((O_NONBLOCK as number | undefined) ?? 0))
  try {
    const before = await file.stat()
    if (!before.isFile() && !before.isCharacterDevice())
      throw Object.assign(new Error('it is not a regular file'), { code: 'ENXIO' })
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

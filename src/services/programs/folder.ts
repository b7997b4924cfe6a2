/** Temporary folders, outside of the workspace and of the user's home. */
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from '../../core/temporary.ts'

/** Runs `work` with a new, empty folder that nobody else can read, and removes it afterwards. */
export async function inOwnFolder<T>(
  environment: NodeJS.ProcessEnv,
  debug: (text: string) => void,
  work: (folder: string) => Promise<T>
): Promise<T> {
  const folder = await mkdtemp(join(temporaryFolder(environment), 'patless-'))
  try {
    return await work(folder)
  } finally {
    // A failure is acceptable: the folder contains no secret.
    await rm(folder, { recursive: true, force: true, maxRetries: 5 }).catch((error: unknown) => {
      debug(`left ${folder}: ${String(error)}`)
    })
  }
}

/** Folders for what must not lie in the workspace or in the home of the user. */
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryFolder } from '../../core/temporary.ts'

/** Does `work` with a new, empty folder that nobody else can read, and removes it afterwards. */
export async function inOwnFolder<T>(
  environment: NodeJS.ProcessEnv,
  debug: (text: string) => void,
  work: (folder: string) => Promise<T>
): Promise<T> {
  const folder = await mkdtemp(join(temporaryFolder(environment), 'patless-'))
  try {
    return await work(folder)
  } finally {
    // What stays is without a secret.
    await rm(folder, { recursive: true, force: true, maxRetries: 5 }).catch((error: unknown) => {
      debug(`left ${folder}: ${String(error)}`)
    })
  }
}

/**
 * At import, azure-pipelines-task-lib writes a key to AGENT_TEMPDIRECTORY, else to the working folder, and throws when it
 * cannot. If that folder is not writable, the library gets a temporary one, so that the run can report what is wrong.
 */
import { rmSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'

const NAME = 'AGENT_TEMPDIRECTORY'

export async function withKeyFolder<T>(environment: NodeJS.ProcessEnv, load: () => Promise<T>): Promise<T> {
  const given = environment[NAME]
  if (given !== undefined && (await isWritable(given))) return load()
  const own = await mkdtemp(join(tmpdir(), 'patless-key-'))
  process.once('exit', () => {
    rmSync(own, { recursive: true, force: true })
  })
  environment[NAME] = own
  try {
    return await load()
  } finally {
    if (given === undefined) Reflect.deleteProperty(environment, NAME)
    else environment[NAME] = given
  }
}

function isWritable(folder: string): Promise<boolean> {
  if (!isAbsolute(folder)) return Promise.resolve(false)
  return writeFile(join(folder, '.taskkey'), 'x'.repeat(64)).then(
    () => true,
    () => false
  )
}

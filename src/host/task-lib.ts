/**
 * At import azure-pipelines-task-lib writes a key into AGENT_TEMPDIRECTORY, else into the working folder, and throws when
 * it cannot. With such a variable it gets a folder of its own, so that the run can say what is wrong.
 */
import { rmSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'

const NAME = 'AGENT_TEMPDIRECTORY'

export async function withKeyFolder<T>(environment: NodeJS.ProcessEnv, load: () => Promise<T>): Promise<T> {
  const given = environment[NAME]
  if (given !== undefined && (await takesKey(given))) return load()
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

function takesKey(folder: string): Promise<boolean> {
  if (!isAbsolute(folder)) return Promise.resolve(false)
  return writeFile(join(folder, '.taskkey'), 'x'.repeat(64)).then(
    () => true,
    () => false
  )
}

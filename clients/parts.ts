/**
 * The public clients as programs on this machine: the Go one is built and the Python ones are installed, once per
 * version, into a cache outside the repository.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

interface Clients {
  /** The built program; undefined without Go. */
  readonly go: string | undefined
  /** An interpreter that has the packages; undefined without Python. */
  readonly python: string | undefined
  /** Name and version of each client, for the log. */
  readonly versions: Readonly<Record<string, string>>
}

/** The oldest Python that the pinned packages support. */
const PYTHON =
  'import sys, venv, ensurepip; assert sys.version_info >= (3, 10); print(sys.version.split()[0])'

/** @throws {Error} when a client cannot be built or installed although its language is available */
export async function findClients(environment: NodeJS.ProcessEnv): Promise<Clients> {
  const cache = join(environment['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'patless-clients')
  const goVersion = await answer('go', 'env', 'GOVERSION')
  const pythonVersion = await answer('python3', '-c', PYTHON)
  return {
    go: goVersion === undefined ? undefined : await built(cache, goVersion),
    python: pythonVersion === undefined ? undefined : await installed(cache, pythonVersion),
    versions: {
      ...(goVersion === undefined ? {} : await goVersions()),
      ...(pythonVersion === undefined ? {} : await pythonVersions())
    }
  }
}

async function built(cache: string, version: string): Promise<string> {
  const folder = join(cache, `go-${await keyOf(version, 'go/go.mod', 'go/go.sum', 'go/main.go')}`)
  const file = join(folder, 'clients')
  if (existsSync(file)) return file
  await mkdir(folder, { recursive: true })
  process.stdout.write(`building the Go client into ${folder}; once per version\n`)
  const partial = `${file}.${process.pid}`
  await run('go', ['build', '-trimpath', '-o', partial, '.'], { cwd: pathOf('go') })
  await rename(partial, file)
  return file
}

async function installed(cache: string, version: string): Promise<string> {
  const lists = ['python/requirements.txt', 'python/constraints.txt']
  const folder = join(cache, `python-${await keyOf(version, ...lists)}`)
  const python = join(folder, 'bin', 'python')
  // A virtual environment cannot be moved after it is complete, so a file in it marks it as complete.
  const complete = join(folder, 'complete')
  if (existsSync(complete)) return python
  await rm(folder, { recursive: true, force: true })
  process.stdout.write(`installing the Python clients into ${folder}; once per version\n`)
  await run('python3', ['-m', 'venv', folder])
  const [requirements = '', constraints = ''] = lists.map(pathOf)
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--only-binary=:all:']
  await run(python, [...pip, '-r', requirements, '-c', constraints])
  await writeFile(complete, '')
  return python
}

async function goVersions(): Promise<Record<string, string>> {
  const lines = (await readFile(pathOf('go/go.mod'), 'utf8')).matchAll(/microsoft\/(\S+?)\/\S+ (v\S+)/g)
  return Object.fromEntries([...lines].map(([, name = '', version = '']) => [name, version]))
}

async function pythonVersions(): Promise<Record<string, string>> {
  const lines = (await readFile(pathOf('python/requirements.txt'), 'utf8')).matchAll(/^([\w-]+)==(\S+)$/gm)
  return Object.fromEntries([...lines].map(([, name = '', version = '']) => [name, version]))
}

/** Hash of everything that determines the build. */
async function keyOf(version: string, ...files: string[]): Promise<string> {
  const hash = createHash('sha256').update(version)
  for (const file of files) hash.update(await readFile(pathOf(file)))
  return hash.digest('hex').slice(0, 12)
}

function pathOf(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url))
}

/** The output of a program; undefined when it is missing or fails. */
async function answer(program: string, ...args: string[]): Promise<string | undefined> {
  try {
    return (await run(program, args)).stdout.trim()
  } catch {
    return undefined
  }
}

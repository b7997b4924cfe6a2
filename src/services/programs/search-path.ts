/** The search path for programs: PATH without folders in which a file of the workspace could be found. */
import { accessSync, constants, realpathSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import { delimiter, isAbsolute, join, relative, resolve } from 'node:path'

/** Variables with the folders into which the hosts check out and download for a job. */
const WORKSPACES = [
  'GITHUB_WORKSPACE',
  'PIPELINE_WORKSPACE',
  'BUILD_SOURCESDIRECTORY',
  'SYSTEM_DEFAULTWORKINGDIRECTORY'
]
/** On Windows az is a script and git a program. */
const SUFFIXES = process.platform === 'win32' ? ['.exe', '.cmd'] : ['']

/** The folders of PATH that are absolute and, links followed, outside of the workspace. */
export function searchPath(environment: NodeJS.ProcessEnv): string[] {
  const workspaces = workspacesOf(environment)
  const [, path = ''] = Object.entries(environment).find(([name]) => isPath(name)) ?? []
  return path.split(delimiter).filter((folder) => isAbsolute(folder) && !isWithin(workspaces, folder))
}

/** The absolute path of a program; undefined when no trusted folder has it. */
export function findProgram(name: string, environment: NodeJS.ProcessEnv): string | undefined {
  const workspaces = workspacesOf(environment)
  return searchPath(environment)
    .flatMap((folder) => SUFFIXES.map((suffix) => join(folder, name + suffix)))
    .find((path) => isExecutable(path) && !isWithin(workspaces, path))
}

function isPath(name: string): boolean {
  return name === 'PATH' || (process.platform === 'win32' && name.toUpperCase() === 'PATH')
}

function workspacesOf(environment: NodeJS.ProcessEnv): string[] {
  const named = WORKSPACES.map((name) => environment[name] ?? '').filter((folder) => folder !== '')
  return [...currentFolder(), ...named].flatMap((folder) => [resolve(folder), real(folder)])
}

/** / and the user's home contain all programs, so they do not count as a workspace. */
function currentFolder(): string[] {
  try {
    const folder = process.cwd()
    return isWithin([folder], userInfo().homedir) ? [] : [folder]
  } catch {
    // The folder was deleted, or the user has no home.
    return []
  }
}

function isWithin(folders: readonly string[], path: string): boolean {
  return [resolve(path), real(path)].some((one) =>
    folders.some((folder) => {
      const below = relative(folder, one)
      return !/^\.\.(?:[\\/]|$)/.test(below) && !isAbsolute(below)
    })
  )
}

function real(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return resolve(path)
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** The programs of this machine, and a PATH with only some of them. */
import { accessSync, constants, mkdtempSync, symlinkSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** @param folder for the links; the caller removes it. @throws when a program is not on PATH. */
export function pathWithOnly(folder: string, ...programs: readonly string[]): string {
  const path = mkdtempSync(join(folder, 'bin-'))
  for (const name of programs) symlinkSync(found(name), join(path, name))
  return path
}

function found(name: string): string {
  const program = findProgram(name)
  if (program === undefined) throw new Error(`there is no ${name} on PATH`)
  return program
}

/** @returns its path; undefined where it is not on PATH */
export function findProgram(name: string): string | undefined {
  const places = (process.env['PATH'] ?? '').split(delimiter).map((place) => join(place, name))
  return places.find((place) => {
    try {
      accessSync(place, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

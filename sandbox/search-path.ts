/** A PATH with only the given programs of this machine. */
import { accessSync, constants, mkdtempSync, symlinkSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** @param folder for the links; the caller removes it. @throws when a program is not on PATH. */
export function pathWithOnly(folder: string, ...programs: readonly string[]): string {
  const path = mkdtempSync(join(folder, 'bin-'))
  for (const name of programs) symlinkSync(found(name), join(path, name))
  return path
}

function found(name: string): string {
  const places = (process.env['PATH'] ?? '').split(delimiter).map((place) => join(place, name))
  const program = places.find((place) => {
    try {
      accessSync(place, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
  if (program === undefined) throw new Error(`there is no ${name} on PATH`)
  return program
}

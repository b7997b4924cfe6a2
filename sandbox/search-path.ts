/** A PATH of one's own: the programs of this machine that a run may find, and no other. */
import { accessSync, constants, mkdtempSync, symlinkSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** @param folder where it is made; whoever removes that removes it. @throws when a program is not on PATH. */
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

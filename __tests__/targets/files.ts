/** Files of targets, written where a test can give them as an input. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from '@jest/globals'

/** @returns writes a file and returns its path */
export function useTargetFiles(): (text: string) => string {
  let folder = ''
  let count = 0
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'targets-'))
  })
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })
  return (text) => {
    count += 1
    const path = join(folder, `targets-${count}.yaml`)
    writeFileSync(path, text)
    return path
  }
}

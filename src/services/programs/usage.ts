/** What a program uses of the machine while it runs: an answer that never ends, or unpacks to a thousandfold, fills it. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Of memory, and of disk, in bytes: a runner has 7 GiB and 14 GiB. */
export const MOST = 2 * 1024 ** 3
/** Between two looks, in ms. */
const PACE = 250
/** Linux counts resident memory in pages. */
const PAGE = 4096

/** Looks until it is ended; `exceeded` is told once, with a word on what it was. @returns ends it */
export function watchUsage(
  { pid, folder, most }: { readonly pid: number; readonly folder: string; readonly most: number },
  exceeded: (what: string) => void
): () => void {
  let timer: NodeJS.Timeout | undefined
  let over = false
  const look = async (): Promise<void> => {
    const [disk, memory] = await Promise.all([diskOf(folder), memoryOf(pid)])
    if (over) return
    const what = disk > most ? 'disk' : memory > most ? 'memory' : undefined
    if (what === undefined) timer = setTimeout(() => void look(), PACE)
    else exceeded(what)
  }
  timer = setTimeout(() => void look(), PACE)
  return () => {
    over = true
    clearTimeout(timer)
  }
}

async function diskOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = entries.filter((entry) => entry.isFile())
  // Blocks, since a file with holes is larger than what it takes.
  const sizes = await Promise.all(
    files.map(({ parentPath, name }) =>
      stat(join(parentPath, name)).then(
        ({ blocks }) => blocks * 512,
        () => 0
      )
    )
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

/** Of the whole group, on Linux; elsewhere the time limit has to do. */
async function memoryOf(group: number): Promise<number> {
  if (process.platform !== 'linux') return 0
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  const sizes = await Promise.all(
    pids.map(async (pid) => {
      const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
      // proc_pid_stat(5), after the name, which may hold anything: state, ppid, pgrp, … rss is the 22nd.
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
      return Number(fields[2]) === group ? Number(fields[21]) * PAGE : 0
    })
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

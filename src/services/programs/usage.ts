/**
 * Watches the memory and disk of a running program: an endless answer, or one that unpacks to a multiple, fills the
 * machine.
 */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { statOf } from './proc-stat.ts'

/** Limit of memory and of disk each, in bytes: a runner has 7 GiB and 14 GiB. */
export const MOST = 2 * 1024 ** 3
/** Time between two measurements, in ms. */
const PACE = 250
/** Linux counts resident memory in pages. */
const PAGE = 4096

/** Measures until it is stopped; calls `exceeded` at most once, with the resource. @returns stops it */
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
  // Counts blocks, because a sparse file is larger than its use of the disk.
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

/** Memory of the whole group, on Linux; elsewhere only the time limit protects the machine. */
async function memoryOf(group: number): Promise<number> {
  if (process.platform !== 'linux') return 0
  const now = performance.now()
  if (now - measured.at > FRESH) measured = { at: now, groups: memoryByGroup() }
  return (await measured.groups).get(group) ?? 0
}

/** How long one measurement serves all programs that run, in ms: each would read every process of the machine. */
const FRESH = PACE / 2
let measured = { at: -Infinity, groups: Promise.resolve<ReadonlyMap<number, number>>(new Map()) }

async function memoryByGroup(): Promise<ReadonlyMap<number, number>> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  const groups = new Map<number, number>()
  await Promise.all(
    pids.map(async (pid) => {
      const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
      const { group, pages } = statOf(text)
      groups.set(group, (groups.get(group) ?? 0) + pages * PAGE)
    })
  )
  return groups
}

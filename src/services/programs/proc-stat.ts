/** Of the line that Linux keeps about each process (proc_pid_stat(5)). */
export interface ProcessStat {
  /** Ended, but not yet collected by its parent: the kernel still counts it. */
  readonly isZombie: boolean
  readonly group: number
  /** Resident memory, in pages. */
  readonly pages: number
}

/** @param text of /proc/<pid>/stat */
export function statOf(text: string): ProcessStat {
  // After the name, which may hold anything: state, ppid, pgrp, … rss is the 22nd.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [state = '', , group] = fields
  return { isZombie: /^[ZX]$/.test(state), group: Number(group), pages: Number(fields[21]) }
}

/** Reports of jobs, as they lie in the folder of downloaded artifacts. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import type { Report } from '../../src/report/report.ts'

/** The report of a run, of another target. */
export function reportFor(report: Report, name: string, more: Partial<Report> = {}): Report {
  const plan = report.target.plan
  return {
    ...report,
    target: { ...report.target, name, cluster: `aks-${name}`, ...(plan !== undefined && { plan }) },
    ...more
  }
}

/** @returns a folder with one folder per artifact */
export function folderOf(files: Readonly<Record<string, string | object>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'reports-'))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name), { recursive: true })
    const text = typeof content === 'string' ? content : JSON.stringify(content)
    writeFileSync(join(folder, name, 'report.json'), text)
  }
  return folder
}

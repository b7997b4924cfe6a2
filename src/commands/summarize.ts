/** `mode: summarize`: the reports of many jobs as one, with the targets whose job left none. Asks no service. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { InvalidInputs, readInputs, type InputFault } from '../config/inputs.ts'
import { readFleetFile } from '../config/targets/targets.ts'
import { mapBounded } from '../core/concurrency.ts'
import { note, type Finding } from '../core/finding.ts'
import { input } from '../core/input-name.ts'
import { toSafeLine } from '../core/safe-text.ts'
import { removeReportFolder, reserveReportPath } from '../report/file.ts'
import { fleetReportOf } from '../report/fleet.ts'
import { readReport, type Read, type ReportedPlan } from '../report/read-report.ts'
import { REPORT_VERSION, targetOf, type Report } from '../report/report.ts'
import type { InputHost } from './run.ts'

/** Files in the folder: a report for every target of the largest file, and as much again. */
const MOST_FILES = 20_000
/** In bytes, of one report. */
const LARGEST_REPORT = 32 * 1024 * 1024
/** Of folders: artifacts are in a folder each. */
const DEEPEST = 8

/**
 * @throws {InvalidInputs} for faults of the inputs, of the file of targets, or a folder that cannot be read
 */
export async function summarize(host: InputHost): Promise<Report> {
  const startedAt = Date.now()
  const { folder, file } = inputsOf(host)
  const path = await reserveReportPath(host.environment)
  try {
    const files = await reportFiles(folder)
    const findings: Finding[] = []
    const newest = new Map<string, Report>()
    const digests = new Set<string>()
    const plans: ReportedPlan[] = []
    await mapBounded(files, async (file) => {
      const name = toSafeLine(relative(folder, file), 200)
      for (const read of await readFiles(file)) {
        if (read.kind === 'report') {
          keepNewest(newest, read.report)
          digests.add(read.report.target.plan ?? '')
        } else if (read.kind === 'plan') plans.push(read.plan)
        else findings.push(refused(name, read))
      }
    })
    const fleet = planOf(file, plans)
    const runs = [...newest.values()].toSorted(byTarget(fleet))
    const reported = new Set(runs.map((run) => targetOf(run).toLowerCase()))
    const planned = new Set(fleet?.names.map((name) => name.toLowerCase()))
    const silent = (fleet?.names ?? []).filter((name) => !reported.has(name.toLowerCase()))
    findings.push(
      ...(runs.length === 0 ? [noReports(folder, files.length)] : []),
      ...silent.map(notReported),
      ...(fleet ? runs.flatMap((run) => ofAnotherPlan(run, fleet, planned)) : [planUnknown(file?.path)])
    )
    const [digest = '', ...others] = digests
    host.reporter.on({ kind: 'info', text: `${files.length} files, ${runs.length} targets` })
    return fleetReportOf(runs, {
      mode: 'summarize',
      plan: fleet?.digest ?? (digest !== '' && others.length === 0 ? digest : undefined),
      startedAt,
      login: 'none',
      path,
      findings,
      silent
    })
  } catch (error) {
    await removeReportFolder(path)
    throw error
  }
}

function inputsOf({ given, faults: before = [], hostKind, environment }: InputHost): {
  readonly folder: string
  /** Absent: nobody named it. */
  readonly file: { readonly path: string; readonly plan: Plan | undefined } | undefined
} {
  const faults: InputFault[] = [...before]
  const { values } = readInputs(
    given,
    (input, problem, remedy) => {
      faults.push({ input, problem, remedy })
    },
    hostKind
  )
  if (faults.length > 0) throw new InvalidInputs(faults)
  const folder = values.reports ?? ''
  if ((values.targets ?? '') === '') return { folder, file: undefined }
  const { path, file, fleet } = readFleetFile(given, environment)
  if (file.query) return { folder, file: { path, plan: undefined } }
  const { digest, targets } = fleet([])
  return { folder, file: { path, plan: { path, digest, names: targets.map(({ name }) => name) } } }
}

/** Whose reports there should be. */
interface Plan extends Pick<ReportedPlan, 'digest' | 'names'> {
  readonly path: string
}

/** From the file; where a query makes the targets, or there is no file, from the newest report of a plan. */
function planOf(file: ReturnType<typeof inputsOf>['file'], plans: readonly ReportedPlan[]): Plan | undefined {
  if (file?.plan) return file.plan
  const newest = plans.toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1))[0]
  return newest && { path: file?.path ?? 'the plan', ...newest }
}

/** All JSON files in the folder and in those within it; links are not followed. */
async function reportFiles(folder: string): Promise<string[]> {
  const found: string[] = []
  const look = async (place: string, depth: number): Promise<void> => {
    for (const entry of await readdir(place, { withFileTypes: true })) {
      const path = join(place, entry.name)
      if (entry.isDirectory() && depth < DEEPEST) await look(path, depth + 1)
      else if (entry.isFile() && entry.name.endsWith('.json')) found.push(path)
      if (found.length > MOST_FILES)
        throw folderFault(`It has more than ${MOST_FILES} files.`, 'Download only the reports there.')
    }
  }
  try {
    await look(folder, 0)
  } catch (error) {
    if (error instanceof InvalidInputs) throw error
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    throw folderFault(
      `The folder ${folder} cannot be read (${code}).`,
      'Download the artifacts of the jobs into it first.'
    )
  }
  return found.toSorted()
}

function folderFault(problem: string, remedy: string): InvalidInputs {
  return new InvalidInputs([{ input: 'reports', problem, remedy }])
}

async function readFiles(file: string): Promise<Read[]> {
  try {
    const { size } = await stat(file)
    if (size > LARGEST_REPORT) return [{ kind: 'unreadable', why: 'it is larger than 32 MiB' }]
    return readReport(await readFile(file, 'utf8'))
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException
    return [{ kind: 'unreadable', why: `the file cannot be read (${code})` }]
  }
}

/** A job that ran again has two reports. */
function keepNewest(newest: Map<string, Report>, report: Report): void {
  const key = targetOf(report).toLowerCase()
  const known = newest.get(key)
  if (!known || known.startedAt <= report.startedAt) newest.set(key, report)
}

/** In the order of the plan, else by name. */
function byTarget(fleet: Plan | undefined): (a: Report, b: Report) => number {
  const order = new Map(fleet?.names.map((name, index) => [name.toLowerCase(), index]))
  const placeOf = (report: Report): number => order.get(targetOf(report).toLowerCase()) ?? order.size
  return (a, b) => placeOf(a) - placeOf(b) || (targetOf(a) < targetOf(b) ? -1 : 1)
}

function refused(file: string, read: Exclude<Read, { kind: 'report' | 'plan' }>): Finding {
  if (read.kind === 'unreadable')
    return {
      id: 'fleet/report-unreadable',
      severity: 'error',
      summary: `${file} is no report that can be read: ${read.why}.`,
      remedy: `keep only reports (output report) in the folder of ${input('reports')}; run the job again if its report is damaged`
    }
  return {
    id: 'fleet/report-of-another-version',
    severity: 'error',
    summary: `${file} is a report of another version of Patless.`,
    expected: `version ${REPORT_VERSION} of the format`,
    actual: `version ${toSafeLine(read.version, 40)}`,
    remedy: 'use the same version of Patless in all jobs, and run that job again'
  }
}

function noReports(folder: string, files: number): Finding {
  return {
    id: 'fleet/no-reports',
    severity: 'error',
    summary: `There is no report in ${folder}${files === 0 ? '' : `, only ${files} other JSON files`}.`,
    remedy:
      'upload the output report of every job as an artifact, also when the job fails (if: always()), and download all of them first'
  }
}

function notReported(name: string): Finding {
  return {
    id: 'fleet/target-not-reported',
    severity: 'error',
    summary: `The job of the target ${name} left no report, so nothing is known of it.`,
    remedy: `look at the log of its job; then run it again with ${input('target', name)}`
  }
}

function ofAnotherPlan(run: Report, { digest, path }: Plan, names: ReadonlySet<string>): Finding[] {
  const name = targetOf(run)
  const known = names.has(name.toLowerCase())
  if (known && (run.target.plan === undefined || run.target.plan === digest)) return []
  return [
    {
      id: 'fleet/report-of-another-plan',
      severity: 'error',
      summary: known
        ? `The report of ${name} is of another state of ${path}.`
        : `${path} has no target ${name}, but there is a report of it.`,
      expected: `plan ${digest}`,
      actual: run.target.plan === undefined ? 'none' : `plan ${run.target.plan}`,
      remedy: 'use the same commit in all jobs, and only the reports of one run of the pipeline'
    }
  ]
}

/** @param queried file whose targets only the plan knows */
function planUnknown(queried: string | undefined): Finding {
  return note({
    id: 'fleet/plan-unknown',
    summary:
      queried === undefined
        ? 'Without the file of targets or the report of the plan, nobody knows whose report is missing.'
        : `The targets of ${queried} are made by its query, so only the report of the plan says whose report is missing.`,
    remedy:
      queried === undefined
        ? `give the same file here: ${input('targets')}`
        : `upload the output report of ${input('mode', 'plan')}, too, into the folder of ${input('reports')}`
  })
}

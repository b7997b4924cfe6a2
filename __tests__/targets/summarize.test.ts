/** `mode: summarize`: what many jobs reported as one report, and what is wrong with what they left. */
import { beforeAll, describe, expect, test } from '@jest/globals'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { htmlOf, fleetHtmlOf } from '../../src/report/html/page.ts'
import { markdownOf } from '../../src/report/markdown.ts'
import { sarifOf } from '../../src/report/sarif.ts'
import * as texts from '../../src/report/sarif-help.ts'
import type { Report } from '../../src/report/report.ts'
import { readReport } from '../../src/report/read-report.ts'
import { useWorld } from '../world.ts'
import { useTargetFiles } from './files.ts'
import { folderOf, reportFor } from './reports.ts'

const world = useWorld({ shared: true })
const write = useTargetFiles()
let good: Report
let drifted: Report
let failed: Report
let targets: string

beforeAll(async () => {
  const { environment } = world.twin
  targets = write(`
defaults:
  repository-url: ${environment['SANDBOX_REPOSITORY_URL'] ?? ''}
  cluster: ${environment['SANDBOX_CLUSTER'] ?? ''}
targets:
${['north', 'south', 'east', 'west'].map((name) => `  - {name: ${name}, resource-group: rg-${name}}`).join('\n')}
`)
  const one = write(`
targets:
  - name: north
    repository-url: ${environment['SANDBOX_REPOSITORY_URL'] ?? ''}
    cluster: ${environment['SANDBOX_CLUSTER'] ?? ''}
`)
  const inputs = { cluster: '', 'repository-url': '', verification: 'access', targets: one, target: 'north' }
  await world.applied()
  good = await world.check(inputs)
  world.twin.defect('label-removed')
  drifted = await world.check(inputs)
  world.twin.reset()
  failed = await world.check({ ...inputs, 'client-id': '00000000-0000-0000-0000-000000000001' })
})

/** Of the file with four targets. */
const of = (report: Report, name: string): Report => {
  const { target } = reportFor(report, name)
  Reflect.deleteProperty(target, 'plan')
  return { ...report, target }
}
const summarize = (files: Readonly<Record<string, string | object>>, inputs = {}): Promise<Report> =>
  world.run({
    mode: 'summarize',
    cluster: '',
    'repository-url': '',
    'client-id': '',
    'tenant-id': '',
    'resource-group': '',
    'subscription-id': '',
    reports: folderOf(files),
    ...inputs
  })

describe('the reports of all jobs', () => {
  test('are one: counts, worst exit code, names of what is not in order, and of what is missing', async () => {
    world.twin.journal.clear()
    const report = await summarize(
      { a: of(good, 'north'), b: of(drifted, 'south'), c: of(failed, 'east') },
      { targets }
    )
    expect(report.verdict).toEqual({
      exitCode: 1,
      summary: '4 targets: 1 in order, 1 failed (east), 1 left no report (west), 1 differs (south).'
    })
    expect(report.outputs).toMatchObject({
      failed: '2',
      drifted: '1',
      verified: '1',
      drift: 'true',
      changed: 'false',
      verification: 'failed'
    })
    expect(report.silent).toEqual(['west'])
    expect(report.findings).toContainEqual(
      expect.objectContaining({ id: 'fleet/target-not-reported', severity: 'error' })
    )
    expect(report.findings).toContainEqual(
      expect.objectContaining({ id: 'workload/drifted', target: 'south', resource: 'workload' })
    )
    expect(JSON.parse(report.outputs.differences)).toContainEqual(
      expect.objectContaining({ target: 'south', resource: 'workload' })
    )
    expect(world.twin.journal.entries).toEqual([])
  })

  test('all in order', async () => {
    const report = await summarize({ a: of(good, 'north'), b: of(good, 'south') })
    expect(report.verdict).toEqual({ exitCode: 0, summary: '2 targets: 2 in order.' })
    expect(report.outputs).toMatchObject({
      failed: '0',
      drifted: '0',
      verified: '2',
      verification: 'verified'
    })
    expect(report.findings).toContainEqual(
      expect.objectContaining({ id: 'fleet/plan-unknown', severity: 'note' })
    )
  })

  test('drift alone is 2', async () => {
    const report = await summarize({ a: of(good, 'north'), b: of(drifted, 'south') })
    expect(report.verdict.exitCode).toBe(2)
  })

  test('of a job that ran again the newer counts', async () => {
    const later = new Date(Date.parse(drifted.startedAt) + 60_000).toISOString()
    const report = await summarize({
      b: { ...of(good, 'north'), startedAt: later },
      c: of(drifted, 'north')
    })
    expect(report.verdict).toEqual({ exitCode: 0, summary: '1 target: 1 in order.' })
  })

  test('a summary of summaries is the same', async () => {
    const inner = await summarize({ a: of(good, 'north'), b: of(drifted, 'south') })
    const report = await summarize({ all: inner, c: of(failed, 'east') })
    expect(report.verdict.summary).toBe('3 targets: 1 in order, 1 failed (east), 1 differs (south).')
  })
})

describe('what is no report of this fleet', () => {
  test.each([
    [
      'another version',
      { ...{ mode: 'check', outputs: {} }, version: '1.1' },
      'fleet/report-of-another-version'
    ],
    ['half a file', '{"version": "2.0", "mode', 'fleet/report-unreadable'],
    ['another JSON file', '{"name": "package"}', 'fleet/report-unreadable'],
    ['a list', '[]', 'fleet/report-unreadable']
  ])('%s is named by its file, and the run fails', async (_what, content, id) => {
    const report = await summarize({ a: of(good, 'north'), odd: content })
    expect(report.verdict.exitCode).toBe(1)
    const finding = report.findings.find((one) => one.id === id)
    expect(finding?.summary).toContain(join('odd', 'report.json'))
    expect(report.runs).toHaveLength(1)
  })

  test('a report with a field of another type says which', () => {
    expect(readReport(JSON.stringify({ ...good, resources: [{ resource: 'sheep' }] }))).toEqual([
      { kind: 'unreadable', why: 'its resources.0.resource has another form' }
    ])
  })

  test('reports of another plan, and of targets that are not in the file', async () => {
    const report = await summarize(
      { a: reportFor(good, 'north'), b: of(good, 'outside'), c: of(good, 'south') },
      { targets }
    )
    const found = report.findings.filter(({ id }) => id === 'fleet/report-of-another-plan')
    expect(found.map(({ summary }) => summary)).toEqual([
      expect.stringContaining('The report of north is of another state'),
      expect.stringContaining('has no target outside')
    ])
    expect(report.verdict.exitCode).toBe(1)
  })

  test('an empty folder, or none', async () => {
    const empty = await summarize({}, { targets })
    expect(empty.findings.map(({ id }) => id)).toContain('fleet/no-reports')
    expect(empty.outputs.failed).toBe('4')
    await expect(summarize({}, { reports: '/nowhere' })).rejects.toThrow(
      /reports: The folder \/nowhere cannot be read/
    )
    await expect(summarize({}, { reports: '' })).rejects.toThrow(/reports: It is required/)
    await expect(summarize({}, { cluster: 'aks' })).rejects.toThrow(
      /cluster: mode: summarize does not use it/
    )
  })

  test('links lead nowhere', async () => {
    const folder = folderOf({ a: of(good, 'north') })
    const outside = folderOf({ b: of(good, 'south') })
    symlinkSync(outside, join(folder, 'linked'))
    symlinkSync(join(outside, 'b', 'report.json'), join(folder, 'linked.json'))
    mkdirSync(join(folder, 'deep'))
    writeFileSync(join(folder, 'deep', 'patless.sarif'), '{}')
    const report = await summarize({}, { reports: folder })
    expect(report.runs).toHaveLength(1)
  })
})

describe('for people', () => {
  test('the summary has those first that are not in order, each finding with its target', async () => {
    const report = await summarize({ a: of(good, 'north'), b: of(drifted, 'south') }, { targets })
    const text = markdownOf(report, 'mermaid')
    expect(text).toMatch(/^## ❌ Patless summarize: 4 targets/)
    expect(text.indexOf('east')).toBeLessThan(text.indexOf('In order (1)'))
    expect(text).toMatch(/\*\*south: workload\*\*/)
    expect(text).toContain('➜ run with mode: apply')
  })

  test('one SARIF: the same finding of two targets is two alerts', async () => {
    const report = await summarize({ a: of(drifted, 'north'), b: of(drifted, 'south') })
    const { runs } = sarifOf(report, 'w.yml', texts) as {
      runs: { results: { partialFingerprints: object; message: { text: string } }[] }[]
    }
    const results = runs.flatMap((run) => run.results).filter(({ message }) => /: .*label/.test(message.text))
    expect(new Set(results.map(({ message }) => message.text.split(':')[0]))).toEqual(
      new Set(['north', 'south'])
    )
    expect(new Set(results.map((one) => JSON.stringify(one.partialFingerprints))).size).toBe(results.length)
  })

  test('one page, with every target', async () => {
    const report = await summarize({ a: of(good, 'north'), b: of(drifted, 'south') })
    const runs = (report.runs ?? []).map((run) => ({ name: run.target.name ?? '', report: run }))
    const page = fleetHtmlOf(runs, report.silent ?? [])
    expect(page).toContain('Not in order: 1 of 2 targets')
    expect(page).not.toBe(htmlOf(report))
  })
})

/** docs/report.schema.json is what readers of the JSON build on; every run of the suites is held against it. */
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { faultsOfReport } from '../../sandbox/report-schema.ts'
import { useWorld } from '../world.ts'
import { hostileReport } from './hostile-text.ts'

const world = useWorld({ shared: true })

type Json = Record<string, unknown>
const written = ({ outputs }: { readonly outputs: { readonly report: string } }): Json =>
  JSON.parse(readFileSync(outputs.report, 'utf8')) as Json

describe('the report on disk', () => {
  test('is as its schema says, in order, drifted, blocked and failed', async () => {
    const reports = [await world.apply()]
    world.twin.defect('secret-password')
    world.twin.defect('credential-subject')
    reports.push(await world.check(), await world.apply())
    world.twin.defect('cluster-deleted')
    reports.push(await world.check())
    for (const report of reports) expect(faultsOfReport(written(report))).toEqual([])
    expect(reports.flatMap(({ findings }) => findings.map(({ id }) => id))).toEqual(
      expect.arrayContaining(['connection/stored-credentials', 'cluster/not-found'])
    )
  })

  test('and the schema refuses what is none', async () => {
    const report = written(await world.check())
    for (const field of Object.keys(report))
      expect(faultsOfReport({ ...report, [field]: undefined })).not.toEqual([])
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.jsonValue(), (name, value) => {
        fc.pre(!(name in report))
        expect(faultsOfReport({ ...report, [name]: value })).not.toEqual([])
      }),
      { numRuns: 50 }
    )
    expect(faultsOfReport({ ...report, findings: [{ id: 'no/such', severity: 'error' }] })).not.toEqual([])
  })

  test('whatever its texts hold', () => {
    fc.assert(
      fc.property(hostileReport, (report) => {
        expect(faultsOfReport(report).filter((fault) => !fault.startsWith('/outputs'))).toEqual([])
      }),
      { numRuns: 20 }
    )
  })
})

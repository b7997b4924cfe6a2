/** SARIF: what GitHub and other readers rely on, against the official schema. */
import { beforeAll, describe, expect, test } from '@jest/globals'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { makeOrganization } from '../../sandbox/argocd/organization.ts'
import type { Report } from '../../src/report/report.ts'
import { definitionOf } from '../../src/host/definition.ts'
import { writeSarif } from '../../src/report/file.ts'
import { sarifOf } from '../../src/report/sarif.ts'
import * as texts from '../../src/report/sarif-help.ts'
import { useWorld } from '../world.ts'
import { NASTY } from './hostile-text.ts'

const world = useWorld({ shared: true })
const require = createRequire(import.meta.url)
const multitool = dirname(require.resolve(`@microsoft/sarif-multitool-${process.platform}/package.json`))
const DEFINITION = '.github/workflows/audit.yml'

interface Result {
  readonly ruleId: string
  readonly ruleIndex: number
  readonly level: string
  readonly message: { readonly text: string }
  readonly locations: readonly {
    readonly physicalLocation: { readonly artifactLocation: { readonly uri: string } }
  }[]
  readonly partialFingerprints: Readonly<Record<string, string>>
}
interface Sarif {
  readonly runs: readonly [
    {
      readonly results: readonly Result[]
      readonly tool: {
        readonly driver: {
          readonly rules?: readonly {
            readonly id: string
            readonly help: { readonly text: string }
            readonly fullDescription: { readonly text: string }
          }[]
        }
      }
    }
  ]
}
const sarif = (report: Report): Sarif => sarifOf(report, DEFINITION, texts) as Sarif

const ajv = new Ajv2020({ strict: false, allErrors: true })
formats.default(ajv)
const validate = ajv.compile(JSON.parse(readFileSync(join(multitool, 'sarif-2.1.0.json'), 'utf8')) as object)

function schemaFaults(log: unknown): string[] {
  validate(JSON.parse(JSON.stringify(log)))
  return (validate.errors ?? []).map(({ instancePath, message = '' }) => `${instancePath} ${message}`)
}

/** The file as it is written. */
async function fileOf(one: Report): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'patless-sarif-'))
  try {
    const path = join(folder, 'patless.sarif')
    await writeSarif({ report: { ...one, outputs: { ...one.outputs, sarif: path } }, definition: DEFINITION })
    return readFileSync(path, 'utf8')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

let report: Report
beforeAll(async () => {
  world.twin.defect('argocd-controller-down')
  makeOrganization(world.twin, 60)
  report = await world.run({ mode: 'audit', 'repository-url': '' })
}, 30_000)

describe('the forty Secrets of an audit', () => {
  test('are valid, one result each, and every rule has help', () => {
    const log = sarif(report)
    expect(schemaFaults(log)).toEqual([])
    const [{ results, tool }] = log.runs
    expect(results).toHaveLength(40)
    const { rules = [] } = tool.driver
    expect(rules.map(({ id }) => id).toSorted()).toEqual(
      [...new Set(report.findings.map(({ id }) => id))].toSorted()
    )
    for (const { help, fullDescription } of rules) {
      expect(help.text.length).toBeGreaterThan(40)
      expect(fullDescription.text.length).toBeLessThanOrEqual(1024)
    }
    for (const { ruleId, ruleIndex } of results) expect(rules[ruleIndex]?.id).toBe(ruleId)
  })

  test('without a finding the file is valid, and closes every alert', async () => {
    const log = JSON.parse(await fileOf({ ...report, findings: [] })) as Sarif
    expect(schemaFaults(log)).toEqual([])
    expect(log.runs[0].results).toEqual([])
  })

  test('each is an alert of its own, at the workflow, and stays the same alert', async () => {
    const printsOf = (one: Report): (string | undefined)[] =>
      sarif(one).runs[0].results.map(
        ({ partialFingerprints }) => partialFingerprints['primaryLocationLineHash']
      )
    const prints = printsOf(report)
    expect(new Set(prints).size).toBe(40)
    for (const one of prints) expect(one).toMatch(/^[0-9a-f]{16}:1$/)
    for (const { locations } of sarif(report).runs[0].results)
      expect(locations[0]?.physicalLocation.artifactLocation.uri).toBe(DEFINITION)
    expect(printsOf(await world.run({ mode: 'audit', 'repository-url': '' }))).toEqual(prints)
  })

  test('an exception closes its alert', async () => {
    const [first] = report.storedCredentials ?? []
    const allow = `${first?.fingerprint ?? ''} 2999-12-31 moves in spring`
    const allowed = await world.run({ mode: 'audit', 'repository-url': '', allow })
    expect(sarif(allowed).runs[0].results).toHaveLength(39)
  })
})

test('foreign text is text: nothing in it steers a log, and what it says stays readable', async () => {
  const [finding] = report.findings
  if (!finding) throw new Error('there is no finding')
  const findings = NASTY.map((text) => ({ ...finding, summary: text, remedy: text, object: text }))
  const hostile = { ...report, findings }
  expect(schemaFaults(sarif(hostile))).toEqual([])
  const written = await fileOf(hostile)
  expect(written).not.toMatch(/[#:]{2}|[<`]|[\p{Cf}\u0000-\u0009\u000b-\u001f]/u)
  expect(sarif(hostile).runs[0].results).toHaveLength(NASTY.length)
})

test('nothing to report is a valid log, which closes all alerts', () => {
  const log = sarif({ ...report, findings: [] })
  expect(schemaFaults(log)).toEqual([])
  expect(log.runs[0].results).toEqual([])
})

test.each([
  ['octo/repo/.github/workflows/audit.yml@refs/heads/main', '.github/workflows/audit.yml'],
  ['octo/repo/.github/workflows/audit.yml', 'azure-pipelines.yml'],
  ['octo/repo/../../etc/passwd@refs/heads/main', 'azure-pipelines.yml'],
  ['', 'azure-pipelines.yml']
])('the file of GITHUB_WORKFLOW_REF=%s is %s', (reference, path) => {
  expect(definitionOf({ GITHUB_WORKFLOW_REF: reference })).toBe(path)
})

test('the file is written whole', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'patless-sarif-'))
  writeFileSync(join(folder, 'x'), '')
  const path = join(folder, 'x', 'patless.sarif')
  const run = { report: { ...report, outputs: { ...report.outputs, sarif: path } }, definition: DEFINITION }
  await expect(writeSarif(run)).rejects.toThrow(/ENOTDIR/)
  rmSync(folder, { recursive: true })
})

/** Whatever text a run meets, in everything that a host writes: its log, its files, its outputs. */
import { afterAll, afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import fc from 'fast-check'
import { note, warning, type FindingFacts } from '../../src/core/finding.ts'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toJsonOutput, toPlainOutput } from '../../src/core/safe-text.ts'
import { OUTPUTS } from '../../src/config/outputs.ts'
import { githubHost } from '../../src/host/github.ts'
import type { Host } from '../../src/host/ports.ts'
import { terminalHost } from '../../src/host/terminal.ts'
import type { Report } from '../../src/report/report.ts'
import { hostileReport, hostileText } from '../report/hostile-text.ts'
import { rendered } from '../report/rendered.ts'

const folder = mkdtempSync(join(tmpdir(), 'patless-sinks-'))
const [output, summary, report] = ['output', 'summary.md', 'report.json'].map((name) => join(folder, name))
const SECRET = 'eyJ0.s3cr3t/of+a==host'
const log: string[] = []
beforeEach(() => {
  for (const stream of [process.stdout, process.stderr])
    jest.spyOn(stream, 'write').mockImplementation((text) => {
      log.push(String(text))
      return true
    })
})
afterEach(() => {
  jest.restoreAllMocks()
  process.exitCode = undefined
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** As run.ts makes them. */
function withOutputs(made: Report): Report {
  const outputs = Object.fromEntries(
    OUTPUTS.map(({ name }) => [name, toPlainOutput(made.verification.reason)])
  )
  return {
    ...made,
    outputs: {
      ...outputs,
      differences: toJsonOutput(made.resources),
      report,
      sarif: join(folder, 'results.sarif'),
      html: join(folder, 'report.html')
    } as Report['outputs']
  }
}

/** All that a host can be given, with the text in it. @returns what it printed */
async function everything(host: Host, text: string, made: Report): Promise<string> {
  writeFileSync(String(output), '')
  writeFileSync(String(summary), '')
  log.length = 0
  host.mask(SECRET)
  const given = `${text} ${SECRET}`
  const facts: FindingFacts = {
    id: 'argocd/complaint',
    summary: given,
    expected: given,
    actual: given,
    remedy: given,
    link: given
  }
  const { reporter } = host
  await reporter.phase('read', () => Promise.resolve())
  for (const kind of ['info', 'debug', 'progress'] as const) reporter.on({ kind, text: given })
  reporter.on({ kind: 'warning', finding: warning(facts) })
  for (const { differences, ...one } of made.resources)
    reporter.on({
      kind: 'resource',
      outcome: { ...one, summary: given, differences: differences.map(plain), findings: [note(facts)] }
    })
  reporter.on({ kind: 'verification', outcome: { ...made.verification, reason: given, commits: {} } })
  const fields = [{ field: given, before: given, after: given }]
  const step = { resource: 'identity' as const, action: 'change' as const, fields, effects: [given] }
  reporter.on({ kind: 'plan', plan: { steps: [step], create: 0, change: 1, delete: 0 } })
  host.refuse(facts)
  const verdict = { ...made.verdict, summary: given }
  await host.publish(withOutputs({ ...made, login: given, verdict }))
  return log.join('')
}

const plain = ({ field, expected, actual }: Report['resources'][number]['differences'][number]) => ({
  field,
  expected,
  actual
})

const OWN = /^::(?:(?:debug|group|endgroup|add-mask)|(?:error|warning) title=Patless(?:%3A [^,:\r\n]*)?)::/

/** Lines as .NET and terminals end them, without what has no width. */
function linesOf(text: string): string[] {
  return text
    .split(/[\n\r\v\f\u0085\u2028\u2029]/)
    .map((line) => line.replaceAll(/[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, ''))
}
const UNSEEN = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u

describe('a GitHub step', () => {
  test.each([
    ['1', ['::debug::a detail']],
    ['0', []],
    [undefined, []]
  ])('prints debug lines only for a runner that shows them: RUNNER_DEBUG %s', (debug, expected) => {
    log.length = 0
    githubHost({ RUNNER_DEBUG: debug }).reporter.on({ kind: 'debug', text: 'a detail' })
    expect(log.map((line) => line.trim())).toEqual(expected)
  })

  test('prints no command, and writes no output, element or secret, that is not its own', async () => {
    await fc.assert(
      fc.asyncProperty(hostileText(), hostileReport, async (text, made) => {
        const host = githubHost({ GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: summary, RUNNER_DEBUG: '1' })
        const printed = await everything(host, text, made)
        const strange = linesOf(printed).filter(
          (line) => (/^\s*::/.test(line) && !OWN.test(line)) || /##\w*\[/.test(line)
        )
        expect(strange).toEqual([])
        expect(printed).not.toMatch(UNSEEN)
        expect(printed.replaceAll(/^::add-mask::.*$/gm, '')).not.toContain(SECRET)
        const outputs = readFileSync(String(output), 'utf8')
        const names = [...outputs.matchAll(/^([^\n<]+)<<(ghadelimiter_[0-9a-f-]{36})\n.*\n\2$/gm)]
        expect(names.map(([, name]) => name)).toEqual(OUTPUTS.map(({ name }) => name))
        expect(outputs.trim().split('\n')).toHaveLength(3 * OUTPUTS.length)
        const shown = readFileSync(String(summary), 'utf8')
        expect(rendered(shown).strangers).toEqual([])
        const json = readFileSync(String(report), 'utf8')
        expect((JSON.parse(json) as Report).resources).toEqual(JSON.parse(JSON.stringify(made.resources)))
        expect(linesOf(json).filter((line) => /^\s*::|##\w*\[/.test(line))).toEqual([])
        expect([outputs, shown].join()).not.toContain(SECRET)
      }),
      { numRuns: 20, endOnFailure: true }
    )
  })
})

describe('a terminal', () => {
  test('is given no control character but colors, and no line of somebody else at the margin', async () => {
    await fc.assert(
      fc.asyncProperty(hostileText('a'), hostileReport, fc.boolean(), async (text, made, json) => {
        const argv = json ? ['--output', 'json'] : []
        const host = (await terminalHost({ PATLESS_DEBUG: '1' }, argv)) as Host
        const printed = (await everything(host, text, made)).replaceAll(/\u001b\[\d+m/g, '')
        expect(printed).not.toMatch(UNSEEN)
        expect(printed).not.toContain(SECRET)
        expect(printed).not.toMatch(/##\w*\[/)
      }),
      { numRuns: 60, endOnFailure: true }
    )
  })
})

describe('what cannot be written', () => {
  const sample = (): Report => {
    const [made] = fc.sample(hostileReport, { numRuns: 1, seed: 3 })
    if (!made) throw new Error('no sample')
    return withOutputs({ ...made, findings: [], verdict: { exitCode: 0, summary: 'In order.' } })
  }

  test.each<[string, Record<string, string>, RegExp]>([
    ['outputs', { GITHUB_OUTPUT: join(folder, 'a-folder') }, /outputs of the step.*a-folder.*EISDIR/],
    ['a summary', { GITHUB_STEP_SUMMARY: join(folder, 'none/at/all') }, /the summary.*none\/at\/all.*ENOENT/],
    ['a summary on a full disk', { GITHUB_STEP_SUMMARY: '/dev/full' }, /the summary.*\/dev\/full.*ENOSPC/]
  ])('%s: a finding, exit 1, and everything else', async (_name, change, said) => {
    mkdirSync(join(folder, 'a-folder'), { recursive: true })
    writeFileSync(String(output), '')
    writeFileSync(String(summary), '')
    log.length = 0
    await githubHost({ GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: summary, ...change }).publish(sample())
    expect(log.join('')).toMatch(said)
    expect(process.exitCode).toBe(1)
    const json = JSON.parse(readFileSync(String(report), 'utf8')) as Report
    expect(json.verdict).toMatchObject({ exitCode: 1 })
    if (change['GITHUB_OUTPUT'] === undefined)
      expect(readFileSync(String(output), 'utf8')).toMatch(/^report<</m)
    else expect(readFileSync(String(summary), 'utf8')).toContain('Not written: the outputs')
  })

  test('is named by no path that leads nowhere: the output report is empty without a report', async () => {
    writeFileSync(String(output), '')
    const made = sample()
    const lost = { ...made, outputs: { ...made.outputs, report: join(folder, 'none/report.json') } }
    await githubHost({ GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: summary, RUNNER_DEBUG: '1' }).publish(lost)
    expect(readFileSync(String(output), 'utf8')).toMatch(/^report<<(\S+)\n\n\1$/m)
    expect(process.exitCode).toBe(1)
  })
})

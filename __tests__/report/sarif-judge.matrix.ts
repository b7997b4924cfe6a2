/** The SARIF of a whole organization before Microsoft's own judge, with the rules of GitHub. */
import { expect, test } from '@jest/globals'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { makeOrganization } from '../../sandbox/argocd/organization.ts'
import { writeSarif } from '../../src/report/file.ts'
import { useWorld } from '../world.ts'

const world = useWorld()
const require = createRequire(import.meta.url)

interface Judged {
  readonly runs: readonly {
    readonly results: readonly { readonly ruleId: string; readonly level?: string }[]
  }[]
}

/** @returns undefined where the program does not run: it is made for some platforms only */
function judge(): string | undefined {
  try {
    const folder = dirname(require.resolve(`@microsoft/sarif-multitool-${process.platform}/package.json`))
    return join(folder, 'Sarif.Multitool')
  } catch {
    return undefined
  }
}

test.each([
  ['an audit', { mode: 'audit', 'repository-url': '' }],
  ['a check', { mode: 'check', verification: 'none' }]
])(
  '%s',
  async (_name, inputs) => {
    const program = judge()
    if (program === undefined) {
      process.stderr.write('SKIPPED: @microsoft/sarif-multitool does not run on this platform\n')
      return
    }
    world.twin.defect('argocd-controller-down')
    makeOrganization(world.twin, 60)
    const report = await world.run(inputs)
    const folder = mkdtempSync(join(tmpdir(), 'patless-sarif-'))
    try {
      const [path, judged] = [join(folder, 'patless.sarif'), join(folder, 'judged.sarif')]
      const definition = '.github/workflows/audit.yml'
      await writeSarif({ report: { ...report, outputs: { ...report.outputs, sarif: path } }, definition })
      const words = ['validate', path, '--rule-kind', 'Sarif;Ghas', '--output', judged]
      // It ends with 1 when it finds anything.
      const ran = promisify(execFile)(program, words, {
        env: { ...process.env, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1' }
      })
      const said = await ran.then(
        ({ stdout }) => stdout,
        (error: unknown) => String((error as { stdout?: unknown }).stdout)
      )
      expect(said).toContain('1 files scanned')
      const { runs } = JSON.parse(readFileSync(judged, 'utf8')) as Judged
      const found = runs.flatMap(({ results }) =>
        results.map(({ level = 'warning', ruleId }) => `${level} ${ruleId}`)
      )
      expect([...new Set(found)].filter((one) => !one.startsWith('note'))).toEqual([])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
  60_000
)

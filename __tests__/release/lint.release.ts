/** Workflows by the newest actionlint, and every shell script by shellcheck, those in workflows too. */
import { expect, test } from '@jest/globals'
import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findProgram, NoParts } from '../../e2e/parts.ts'

const exec = promisify(execFile)
// Below: matters of taste, such as backticks that are meant to be backticks.
const env = { ...process.env, SHELLCHECK_OPTS: '--severity=warning' }
const shellcheck = spawnSync('shellcheck', ['--version'], { stdio: 'ignore' }).error === undefined
const actionlint = await findProgram('actionlint', process.env).catch((error: unknown) => {
  if (error instanceof NoParts) return undefined
  throw error
})
const notJudged = (by: string): void => {
  process.stderr.write(`!!! NOT JUDGED by ${by}: it is not here.\n`)
}
const filesOf = (...patterns: string[]): string[] =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...patterns], {
    encoding: 'utf8'
  })
    .trim()
    .split('\n')

test('workflows and examples pass actionlint, with shellcheck where that is', async () => {
  if (!shellcheck) notJudged('shellcheck')
  if (actionlint === undefined) {
    notJudged('actionlint (there is no Go to build it)')
    return
  }
  const workflows = filesOf('.github/workflows/*.yml', 'examples/*.yml').filter(
    (name) => !name.startsWith('examples/azure-pipelines/')
  )
  expect(workflows.length).toBeGreaterThan(4)
  await exec(actionlint, workflows, { env })
  const folder = mkdtempSync(join(tmpdir(), 'patless-lint-'))
  const unsound = join(folder, 'unsound.yml')
  const text = readFileSync('.github/workflows/release.yml', 'utf8')
  for (const [from, to] of [
    ['needs: attest', 'needs: atest'],
    ['id-token: write', 'id-tokn: write'],
    ...(shellcheck ? [['run: .ci/run', 'run: cat $HOME/*.txt | grep `id`']] : [])
  ] as const) {
    writeFileSync(unsound, text.replace(from, to))
    await expect(exec(actionlint, [unsound], { env })).rejects.toThrow()
  }
  rmSync(folder, { recursive: true })
})

test('shell scripts pass shellcheck', async () => {
  if (!shellcheck) {
    notJudged('shellcheck')
    return
  }
  const scripts = filesOf('*.sh', '.ci/*')
  expect(scripts.length).toBeGreaterThan(3)
  await exec('shellcheck', scripts, { env })
})

/**
 * `npm run package`: the .vsix of the Azure Pipelines extension, from the committed bundle.
 * `npm run package -- FOLDER [--publisher NAME]` writes it to another folder, with another publisher.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

const TASK = 'PatlessV0'

/** @returns the path of the one .vsix. @throws {Error} also where tfx only warns. */
export function makePackage(folder: string, publisher?: string): string {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  const stage = mkdtempSync(join(tmpdir(), 'patless-package-'))
  try {
    const staged = (from: string, to: string): void => {
      cpSync(from, join(stage, to), { recursive: true })
    }
    for (const name of ['vss-extension.json', 'LICENSE']) staged(name, name)
    for (const name of ['icon.png', 'overview.md', 'summary.png', 'drift.png'])
      staged(`extension/${name}`, name)
    mkdirSync(join(stage, TASK))
    staged('extension/task-icon.png', `${TASK}/icon.png`)
    for (const name of ['task.json', 'dist', 'LICENSE']) staged(name, `${TASK}/${name}`)
    const output = join(resolve(folder), `patless-${version}.vsix`)
    const overrides = { version, ...(publisher === undefined ? {} : { publisher }) }
    const said = execFileSync(
      process.execPath,
      [
        createRequire(import.meta.url).resolve('tfx-cli/_build/tfx-cli.js'),
        ...['extension', 'create', '--no-prompt', '--no-color', '--root', stage],
        ...['--manifest-globs', 'vss-extension.json', '--override', JSON.stringify(overrides)],
        ...['--output-path', output]
      ],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }
    )
    // tfx only warns about a task that no agent can run, and packages it.
    if (/warning|invalid task json/i.test(said)) throw new Error(`tfx is not content:\n${said}`)
    return output
  } finally {
    rmSync(stage, { recursive: true, force: true })
  }
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    options: { publisher: { type: 'string' } },
    allowPositionals: true
  })
  process.stdout.write(`${makePackage(positionals[0] ?? '.', values.publisher)}\n`)
}

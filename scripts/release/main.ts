/**
 * `npm run release -- X.Y.Z` prepares a release on this machine. The workflow calls the rest:
 * `verify --ref REF [--rehearsal]` checks whether the tree may be released; `assets FOLDER` creates the files.
 */
import { parseArgs } from 'node:util'
import { makeAssets } from './assets.ts'
import { prepareRelease } from './prepare.ts'
import { releaseFaults, versionOf } from './verify.ts'

const { values, positionals } = parseArgs({
  options: { ref: { type: 'string' }, rehearsal: { type: 'boolean', default: false } },
  allowPositionals: true
})
const [command = '', folder] = positionals
try {
  process.stdout.write(`${perform()}\n`)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}

function perform(): string {
  if (command === 'verify') {
    const faults = releaseFaults(values.ref ?? '', values.rehearsal)
    if (faults.length > 0) throw new Error(`This must not be released:\n  ${faults.join('\n  ')}`)
    return `Patless ${versionOf()} may be released.`
  }
  if (command === 'assets' && folder !== undefined) {
    makeAssets(folder)
    return `The assets are in ${folder}.`
  }
  if (/^\d/.test(command)) {
    const push = prepareRelease(command, new Date().toISOString().slice(0, 10))
    return `Tagged v${command}. Look at it (git show), rehearse it if you like (docs/releasing.md), then release it:\n  ${push}`
  }
  throw new Error('usage: npm run release -- X.Y.Z | verify --ref REF [--rehearsal] | assets FOLDER')
}

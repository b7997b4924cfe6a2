/**
 * src → dist: tsc, ncc (one chunk per lazy import), esbuild to minify every chunk (ncc's own -m skips them).
 * The output folder is the first argument; CI builds into a temporary one and compares.
 */
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { getExecOutput } from '@actions/exec'
import { transformSync } from 'esbuild'
import { shaken, withoutIdTokens } from './shaken.js'
import { shakeKubernetes } from './shake-kubernetes.js'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const out = resolve(root, process.argv[2] ?? 'dist')
const bin = (name) => join(root, 'node_modules', '.bin', name)
/** Throws what it said when it fails. */
const run = async (name, ...args) => {
  const quietly = { cwd: root, silent: true, ignoreReturnCode: true }
  const { exitCode, stdout, stderr } = await getExecOutput(bin(name), args, quietly)
  process.stderr.write(stderr)
  if (exitCode !== 0) throw new Error(`${name} ended with ${exitCode}:\n${stdout}`)
}

// Always the same folder, inside the project: the bundle names its chunks after the paths of modules.
const lib = join(root, 'lib')
mkdirSync(lib, { recursive: true })
try {
  writeFileSync(join(lib, 'package.json'), '{"type":"module"}\n')
  await run('tsc', '-p', 'tsconfig.build.json', '--outDir', lib)
  rmSync(out, { recursive: true, force: true })
  const used = [
    ...(await shakeKubernetes(root, lib)),
    ...(await shaken(root, join(lib, 'host', 'actions-core.js'), withoutIdTokens))
  ]
  await run('ncc', 'build', join(lib, 'main.js'), '-o', out, '--license', 'licenses.txt')
  appendFileSync(join(out, 'licenses.txt'), noticesOf(used))
} finally {
  rmSync(lib, { recursive: true, force: true })
}
/** Name, licence and text of every package the files are of, as ncc writes them for the rest. */
function noticesOf(files) {
  const folders = new Set(files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []))
  return [...folders]
    .sort()
    .map((folder) => {
      const { name, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
      const file = readdirSync(join(root, folder)).find((one) => /^licen[cs]e/i.test(one))
      return `\n${name}\n${license}\n${file === undefined ? '' : readFileSync(join(root, folder, file), 'utf8')}\n`
    })
    .join('')
}

for (const name of readdirSync(out).filter((file) => file.endsWith('.js'))) {
  const { code } = transformSync(readFileSync(join(out, name), 'utf8'), {
    minify: true,
    target: 'node24',
    format: 'esm',
    platform: 'node',
    legalComments: 'none'
  })
  writeFileSync(join(out, name), code)
}
// ncc takes azure packages' manifests for assets, and writes one of them here.
writeFileSync(join(out, 'package.json'), '{"type":"module"}\n')

/**
 * src → dist: tsc, ncc (one chunk per lazy import), esbuild to minify every chunk (ncc's own -m skips them), then
 * notices and a bill of materials. The output folder is the first argument; CI builds into a temporary one and
 * compares.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { getExecOutput } from '@actions/exec'
import ncc from '@vercel/ncc'
import { transformSync } from 'esbuild'
import { billOf, noticesOf, packagesOf } from './contents.ts'
import { assertOfNode, LEFT_OUT } from './left-out.ts'
import { shaken, trimmedCore } from './shaken.js'
import { shakeKubernetes } from './shake-kubernetes.js'
import { assertTrimmed } from './trimmed.ts'

/** Everything that goes into a bundle. */
const EXPECTED = /^(?:(?:\d+\.)?index\.js|package\.json|licenses\.txt|sbom\.cdx\.json)$/

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const out = resolve(root, process.argv[2] ?? 'dist')
process.chdir(root)
/** Throws the program's output when it fails. */
const run = async (name, ...args) => {
  const quietly = { cwd: root, silent: true, ignoreReturnCode: true }
  const { exitCode, stdout, stderr } = await getExecOutput(
    join(root, 'node_modules', '.bin', name),
    args,
    quietly
  )
  process.stderr.write(stderr)
  if (exitCode !== 0) throw new Error(`${name} ended with ${exitCode}:\n${stdout}`)
}

// Always the same folder, inside the project, because the bundle names its chunks after the paths of modules.
const lib = join(root, 'lib')
mkdirSync(lib, { recursive: true })
try {
  writeFileSync(join(lib, 'package.json'), '{"type":"module"}\n')
  await run('tsc', '-p', 'tsconfig.build.json', '--outDir', lib)
  const kubernetes = await shakeKubernetes(root, lib)
  const actionsCore = await shaken(root, join(lib, 'host', 'actions-core.js'), trimmedCore)
  assertTrimmed({
    '@kubernetes/client-node': kubernetes.counts,
    '@actions/core': { files: actionsCore.files }
  })
  const { code, assets, stats } = await ncc(join(lib, 'main.js'), {
    quiet: true,
    externals: LEFT_OUT
  })
  const modules = modulesOf(stats)
  assertOfNode(modules.flatMap(({ externalType, request }) => (externalType === undefined ? [] : request)))
  const paths = modules.flatMap(({ resource }) => resource ?? [])
  const bundled = packagesOf(root, [...paths, ...kubernetes.used, ...actionsCore.used])
  const files = {
    'index.js': minified(code),
    ...Object.fromEntries(
      Object.entries(assets).map(([name, { source }]) => [
        name,
        name.endsWith('.js') ? minified(source.toString()) : source
      ])
    ),
    // ncc treats manifests of azure packages as assets and writes one of them here.
    'package.json': '{"type":"module"}\n',
    'licenses.txt': noticesOf(root, bundled),
    'sbom.cdx.json': billOf(root, bundled)
  }
  const stray = Object.keys(files).filter((name) => !EXPECTED.test(name))
  if (stray.length > 0) throw new Error(`The bundle has files that nobody expects: ${stray.join(', ')}`)
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  for (const [name, content] of Object.entries(files)) writeFileSync(join(out, name), content)
} finally {
  rmSync(lib, { recursive: true, force: true })
}

/** The modules of a chunk. A concatenated module consists of several. */
function modulesOf({ compilation: { modules, chunkGraph } }) {
  return [...modules]
    .filter((module) => chunkGraph.getNumberOfModuleChunks(module) > 0)
    .flatMap((module) => module.modules ?? [module])
}

function minified(source) {
  const { code } = transformSync(source, {
    minify: true,
    target: 'node24',
    format: 'esm',
    platform: 'node',
    legalComments: 'none'
  })
  return code
}

/**
 * src → dist: tsc, ncc (one chunk per lazy import), esbuild to minify every chunk (ncc's own -m skips them).
 * The output folder is the first argument; CI builds into a temporary one and compares.
 */
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, transformSync } from 'esbuild'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const out = resolve(root, process.argv[2] ?? 'dist')
const bin = (name) => join(root, 'node_modules', '.bin', name)
const run = (name, ...args) =>
  execFileSync(bin(name), args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })

// Always the same folder, inside the project: the bundle names its chunks after the paths of modules.
const lib = join(root, 'lib')
mkdirSync(lib, { recursive: true })
try {
  writeFileSync(join(lib, 'package.json'), '{"type":"module"}\n')
  run('tsc', '-p', 'tsconfig.build.json', '--outDir', lib)
  rmSync(out, { recursive: true, force: true })
  const shaken = await shakeKubernetes()
  run('ncc', 'build', join(lib, 'main.js'), '-o', out, '--license', 'licenses.txt')
  appendFileSync(join(out, 'licenses.txt'), noticesOf(shaken))
} finally {
  rmSync(lib, { recursive: true, force: true })
}
/**
 * ncc keeps all of a package; of the Kubernetes client, most is never used. esbuild leaves out what is not imported,
 * the plugin those methods of its generated classes whose name stands nowhere in our clients. Returns what is in.
 */
async function shakeKubernetes() {
  const clients = join(lib, 'clients')
  const words = new Set(
    readdirSync(clients).flatMap((name) => readFileSync(join(clients, name), 'utf8').match(/\w+/g) ?? [])
  )
  const METHOD = /^ {4}(?:async )?(\w+)\([^]*?^ {4}\}$/gm
  const called = (text) =>
    text.replace(METHOD, (method, name) =>
      name === 'constructor' || words.has(name.replace(/WithHttpInfo$/, '')) ? method : ''
    )
  const onlyCalled = {
    name: 'only the methods that are called',
    setup({ onLoad }) {
      const filter = /client-node\/dist\/gen\/(?:apis\/\w+Api|types\/\w+API)\.js$/
      onLoad({ filter }, ({ path }) => ({ contents: called(readFileSync(path, 'utf8')) }))
    }
  }
  const file = join(clients, 'kubernetes-sdk.js')
  const { metafile } = await build({
    plugins: [onlyCalled],
    metafile: true,
    absWorkingDir: root,
    entryPoints: [file],
    outfile: file,
    allowOverwrite: true,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    legalComments: 'none',
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);"
    }
  })
  return Object.keys(metafile.inputs)
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

/** ncc keeps whole packages, so esbuild first bundles the used part of a package into one file for ncc. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { assertOfNode, LEFT_OUT } from './left-out.ts'

/**
 * @param file exports exactly what is used of the package; it is overwritten
 * @param plugin removes code that esbuild cannot recognize as unused
 * @returns `used`: the files that contribute code; `files`: how many these are, and how many were left out
 */
export async function shaken(root, file, plugin) {
  const { metafile } = await build({
    plugins: [plugin],
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
    alias: LEFT_OUT,
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);"
    }
  })
  assertOfNode(
    Object.values(metafile.inputs).flatMap(({ imports }) =>
      imports.flatMap(({ path, external }) => (external ? path : []))
    )
  )
  const used = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.keys(inputs).filter((name) => inputs[name].bytesInOutput > 0)
  )
  const all = Object.keys(metafile.inputs).length
  return {
    used: used.map((name) => join(root, name)),
    files: { kept: used.length, removed: all - used.length }
  }
}

/**
 * Trims @actions/core. Its client for id tokens is not used and needs another HTTP client. Node's module for cryptography, a
 * tenth of a cold start, is imported for random ids only, which the global of the same name makes, too.
 */
export const trimmedCore = {
  name: 'trimmed @actions/core',
  setup({ onResolve, onLoad, resolve }) {
    onLoad({ filter: /@actions.core.lib.file-command\.js$/ }, ({ path }) => {
      const source = readFileSync(path, 'utf8')
      const contents = source.replace("import * as crypto from 'crypto';\n", '')
      const uses = [...contents.matchAll(/\bcrypto\.(\w+)/g)].map(([, name]) => name)
      if (contents === source || uses.some((name) => name !== 'randomUUID'))
        throw new Error(
          '@actions/core uses cryptography in another way: look at what scripts/shaken.js removes'
        )
      return { contents }
    })
    onResolve({ filter: /^\.\/oidc-utils\.js$/ }, async ({ path, kind, resolveDir, pluginData }) => {
      if (pluginData === 'asked') return undefined
      return { ...(await resolve(path, { kind, resolveDir, pluginData: 'asked' })), sideEffects: false }
    })
  }
}

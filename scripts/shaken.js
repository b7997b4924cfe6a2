/** ncc keeps whole packages, so esbuild first bundles the used part of a package into one file for ncc. */
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

/** Trims @actions/core, whose client for id tokens is not used and needs another HTTP client. */
export const withoutIdTokens = {
  name: 'without id tokens',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^\.\/oidc-utils\.js$/ }, async ({ path, kind, resolveDir, pluginData }) => {
      if (pluginData === 'asked') return undefined
      return { ...(await resolve(path, { kind, resolveDir, pluginData: 'asked' })), sideEffects: false }
    })
  }
}

/** ncc keeps all of a package. What esbuild finds to be used of one is bundled into our file before ncc sees it. */
import { join } from 'node:path'
import { build } from 'esbuild'
import { assertOfNode, LEFT_OUT } from './left-out.ts'

/**
 * @param file names what is used of the package, and nothing else; it is overwritten
 * @param plugin leaves out what esbuild cannot know to be unused
 * @returns `used`: the files of which something is in; `files`: how many these are, and how many were left out
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

/** Of @actions/core: the client for id tokens is not used, and brings an HTTP client of its own. */
export const withoutIdTokens = {
  name: 'without id tokens',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^\.\/oidc-utils\.js$/ }, async ({ path, kind, resolveDir, pluginData }) => {
      if (pluginData === 'asked') return undefined
      return { ...(await resolve(path, { kind, resolveDir, pluginData: 'asked' })), sideEffects: false }
    })
  }
}

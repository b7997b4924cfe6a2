/**
 * ncc keeps whole packages, but most of the Kubernetes client is never used, and reading it takes a tenth of a run.
 * esbuild removes what is not imported. This plugin removes what is not called: methods of the generated classes whose
 * name does not appear in our services, and models that the remaining methods do not reach (the client returns an
 * answer of an unknown type unchanged).
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { shaken } from './shaken.js'

/** @returns the result of `shaken`, and in `counts` how many methods and models were kept and removed */
export async function shakeKubernetes(root, lib) {
  const services = join(lib, 'services')
  const generated = join(root, 'node_modules/@kubernetes/client-node/dist/gen')
  const text = (...path) => readFileSync(join(...path), 'utf8')
  const wordsOf = (source) => source.match(/\w+/g) ?? []
  const ours = new Set(
    readdirSync(services, { recursive: true })
      .filter((name) => name.endsWith('.js'))
      .flatMap((name) => wordsOf(text(services, name)))
  )
  const METHOD = /^ {4}(?:async )?(\w+)\([^]*?^ {4}\}$/gm
  const isCalled = (name) => name === 'constructor' || ours.has(name.replace(/WithHttpInfo$/, ''))
  const called = (source) => source.replace(METHOD, (method, name) => (isCalled(name) ? method : ''))
  // These two files name every model.
  const models = new Set(
    readdirSync(join(generated, 'models')).flatMap(
      (name) => /^(?!all\b|ObjectSerializer\b)(\w+)\.js$/.exec(name)?.[1] ?? []
    )
  )
  const modelsIn = (source) => wordsOf(source).filter((word) => models.has(word))
  const apis = readdirSync(join(generated, 'apis')).filter((name) => name.endsWith('.js'))
  const reached = new Set(apis.flatMap((name) => modelsIn(called(text(generated, 'apis', name)))))
  // Iterating over a set includes items that are added meanwhile.
  for (const model of reached)
    for (const one of modelsIn(text(generated, 'models', `${model}.js`))) reached.add(one)
  const LISTED = /^(?:(?:ex|im)port .* from '\.\.?\/models\/(\w+)\.js'|    "(\w+)": \w+,$)/
  const isReached = (line) => {
    const [, file, entry = file] = LISTED.exec(line) ?? []
    return entry === undefined || reached.has(entry)
  }
  const methods = { kept: 0, removed: 0 }
  const onlyReached = {
    name: 'only what is called',
    setup({ onLoad }) {
      onLoad({ filter: /client-node\/dist\/gen\/(?:apis\/\w+Api|types\/\w+API)\.js$/ }, ({ path }) => {
        const source = text(path)
        for (const [, name] of source.matchAll(METHOD)) methods[isCalled(name) ? 'kept' : 'removed'] += 1
        return { contents: called(source) }
      })
      onLoad({ filter: /client-node\/dist\/gen\/models\/(?:all|ObjectSerializer)\.js$/ }, ({ path }) => ({
        contents: text(path).split('\n').filter(isReached).join('\n')
      }))
    }
  }
  const bundled = await shaken(root, join(services, 'kubernetes', 'sdk.js'), onlyReached)
  const counts = { methods, models: { kept: reached.size, removed: models.size - reached.size } }
  return { ...bundled, counts }
}

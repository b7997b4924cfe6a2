/** Whatever a page or an example shows to be copied: steps, tasks and command lines, read by the product's own parser. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'
import { InvalidInputs, readInputs } from '../../src/config/inputs.ts'
import { inputsOf, readFleetFile } from '../../src/config/targets/targets.ts'
import { parseInputs } from '../../src/config/parse.ts'
import type { HostKind } from '../../src/config/row.ts'
import { camelCase, inputsFor } from '../../src/config/table.ts'
import { terminalHost } from '../../src/host/terminal.ts'

const filesBelow = (folder: string, ending: RegExp): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => ending.test(name))
    .map((name) => join(folder, name))
const PAGES = ['README.md', 'extension/overview.md', 'SECURITY.md', ...filesBelow('docs', /\.md$/)]
const EXAMPLES = filesBelow('examples', /\.yml$/)

const text = (path: string): string => readFileSync(path, 'utf8')
const blocksIn = (path: string, language: string): string[] =>
  [...text(path).matchAll(new RegExp(`^ *\`\`\`${language}\\n([^]*?)^ *\`\`\``, 'gm'))].map(
    ([, block = '']) => block
  )

let kubeconfig: string
let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'patless-blocks-'))
  kubeconfig = join(folder, 'kubeconfig')
  writeFileSync(kubeconfig, 'apiVersion: v1\nkind: Config\n')
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** A value to fill in, and an expression of the host, are something that fits. */
function filled(name: string, value: string): string {
  if (name === 'kubeconfig') return kubeconfig
  if (!/^<.*>$|\$\{\{|\$\(|\$[A-Z]/.test(value)) return value
  return /-id$/.test(name) ? '5f1f3d5c-8a3e-4b1d-9a70-3d2c7c1c2a01' : 'something'
}

interface Given {
  readonly kind: HostKind
  readonly inputs: Readonly<Record<string, unknown>>
}

/** Every step of the action and every task in a YAML document, at any depth. */
function givenIn(value: unknown): Given[] {
  if (typeof value !== 'object' || value === null) return []
  const { uses, task, ...more } = value as Record<string, unknown>
  const found: Given[] = []
  if (typeof uses === 'string' && uses.startsWith('patless/patless@'))
    found.push({ kind: 'elsewhere', inputs: (more['with'] ?? {}) as Given['inputs'] })
  if (typeof task === 'string' && task.startsWith('Patless@'))
    found.push({ kind: 'azure-pipelines', inputs: (more['inputs'] ?? {}) as Given['inputs'] })
  return [...found, ...Object.values(value).flatMap(givenIn)]
}

function faultsOf({ kind, inputs }: Given): string[] {
  const names = new Map(
    inputsFor(kind).map(({ name }) => [kind === 'azure-pipelines' ? camelCase(name) : name, name])
  )
  const given = Object.entries(inputs).map(
    ([name, value]) => [names.get(name) ?? name, filled(names.get(name) ?? name, String(value))] as const
  )
  return refusalOf(new Map(given), kind)
}

function refusalOf(given: ReadonlyMap<string, string>, hostKind: HostKind = 'elsewhere'): string[] {
  try {
    // The agent knows where a service connection leads.
    const connected = given.has('identity-service-connection') && {
      connectedIdentity: { tenantId: randomUUID(), subscriptionId: randomUUID() }
    }
    if (given.has('targets')) return refusalOfTargets(given, hostKind)
    parseInputs(given, {}, [], { hostKind, ...connected })
    return []
  } catch (error) {
    if (!(error instanceof InvalidInputs)) throw error
    return error.faults.map(({ input, problem }) => `${input}: ${problem}`)
  }
}

/** With the file of the examples, each of its targets as a job would run it. */
function refusalOfTargets(given: ReadonlyMap<string, string>, hostKind: HostKind): string[] {
  const fleet = readFleetFile(new Map([['targets', 'examples/targets.yaml']]), {}).fleet([])
  const beside = new Map(given)
  if (given.get('mode') === 'summarize') {
    const faults: string[] = []
    readInputs(given, (input, problem) => faults.push(`${input}: ${problem}`), hostKind)
    return faults
  }
  if (given.get('mode') === 'plan') beside.set('mode', 'apply')
  for (const target of fleet.targets) parseInputs(inputsOf(fleet, target, beside).given, {}, [], { hostKind })
  return []
}

describe('steps and tasks', () => {
  const shown = PAGES.flatMap((path) => blocksIn(path, 'yaml').map((block) => ({ path, block })))

  test('are found', () => {
    const steps = shown.flatMap(({ block }) => parseAllDocuments(block).flatMap((one) => givenIn(one.toJS())))
    expect(new Set(steps.map(({ kind }) => kind))).toEqual(new Set(['elsewhere', 'azure-pipelines']))
    expect(steps.length).toBeGreaterThan(10)
  })

  test.each(PAGES)('of %s are YAML, with inputs that the parser accepts', (path) => {
    for (const block of blocksIn(path, 'yaml')) {
      const documents = parseAllDocuments(block)
      expect(documents.flatMap(({ errors }) => errors)).toEqual([])
      // To pin a commit is shown without the inputs.
      const steps = documents.flatMap((one) => givenIn(one.toJS()))
      for (const one of steps.filter(({ inputs }) => Object.keys(inputs).length > 0))
        expect([path, faultsOf(one)]).toEqual([path, []])
    }
  })

  test.each(EXAMPLES)('of %s have inputs that the parser accepts', (path) => {
    const steps = givenIn(parse(text(path)))
    expect(steps).not.toEqual([])
    for (const one of steps) expect(faultsOf(one)).toEqual([])
  })

  test('a wrong input, a wrong value, and a combination that is refused would be found', () => {
    const sound = { cluster: 'aks', 'repository-url': 'https://dev.azure.com/contoso/shop/_git/app' }
    for (const more of [
      { clusterr: 'x' },
      { mode: 'destroy' },
      { 'client-id': '<id>' },
      { connection: 'template', 'argocd-project': 'shop' }
    ])
      expect(faultsOf({ kind: 'elsewhere', inputs: { ...sound, ...more } })).not.toEqual([])
    expect(faultsOf({ kind: 'elsewhere', inputs: sound })).toEqual([])
  })
})

describe('command lines', () => {
  const linesIn = (path: string): string[] =>
    blocksIn(path, 'sh').flatMap((block) =>
      [...block.replaceAll(/\\\n\s*/g, '').matchAll(/^ *(?:npx )?patless(?:@[\d.]+)? ([^|>#\n]*)/gm)].map(
        ([, words = '']) => words.trim()
      )
    )

  test('are found', () => {
    expect(PAGES.flatMap(linesIn).length).toBeGreaterThan(4)
  })

  test.each(PAGES)('of %s are read without a fault', async (path) => {
    for (const line of linesIn(path)) {
      const words = line.split(/\s+/).filter((word) => word !== '' && !/^\d?$/.test(word))
      const host = await terminalHost({}, words)
      expect([line, host?.faults ?? []]).toEqual([line, []])
      if (host && !host.command) expect([line, refusalOf(host.given)]).toEqual([line, []])
    }
  })
})

describe('the path filter of an example', () => {
  test.each(EXAMPLES)('%s fires when the file itself is changed under its own name', (path) => {
    const { on, trigger } = parse(text(path)) as {
      on?: { push?: { paths?: string[] } }
      trigger?: { paths?: { include?: string[] } }
    }
    const paths = on?.push?.paths ?? trigger?.paths?.include
    if (!paths) return
    const folder = path.includes('azure-pipelines') ? 'azure-pipelines' : '.github/workflows'
    expect(paths).toContain(`${folder}/${path.split('/').at(-1) ?? ''}`)
  })

  test.each(EXAMPLES)('%s names the namespace, so that the Role is enough', (path) => {
    // A file of targets has it under its defaults.
    for (const { kind, inputs } of givenIn(parse(text(path))).filter(
      ({ inputs: all }) => !('targets' in all)
    ))
      expect(inputs).toHaveProperty(kind === 'azure-pipelines' ? 'argocdNamespace' : 'argocd-namespace')
  })
})

describe('the index', () => {
  test('leads to every page for users, and to every example but through a page of its own', () => {
    const index = text('docs/README.md')
    for (const path of [...filesBelow('docs/how-to', /\.md$/), 'docs/faq.md', 'docs/inputs.md'])
      expect(index).toContain(`(${path.replace('docs/', '')})`)
    const linked = PAGES.map(text).join('\n')
    for (const path of EXAMPLES) expect(linked).toContain(path)
  })
})

/**
 * The file of targets: values by the names of the inputs, once as `defaults` and then for each target. Everything that
 * can be wrong with one line is found here; what targets do to each other is in `conflicts.ts`.
 */
import { nearest } from '../../core/near.ts'
import { readSmallFile, UnusableFile } from '../../core/small-file.ts'
import { parseCluster } from '../cluster-rules.ts'
import { faultOf, type Fault, type Values as InputValues } from '../inputs.ts'
import { parseRepositories } from '../repository-rules.ts'
import { INPUTS } from '../table.ts'
import { findUnexpanded } from '../unexpanded.ts'
import { sharedIdentities, type SharedIdentities } from './identities.ts'
import type { FileTarget, TargetValues, Value } from './target.ts'
import { treeOf, type Entry, type FaultAt, type Mapping, type Tree } from './yaml-tree.ts'

/** What Azure Resource Graph is asked for further targets. */
export interface FileQuery {
  /** In its language, KQL. */
  readonly text: string
  readonly line: number
}

export interface TargetsFile {
  readonly targets: readonly FileTarget[]
  readonly defaults: TargetValues
  readonly query?: FileQuery
  readonly shared?: SharedIdentities
}

/** Ten times the largest fleet that is measured. */
export const MOST_TARGETS = 10_000
/** In characters; Resource Graph has no use for a longer one. */
const LONGEST_QUERY = 10_000

/** Letters, digits, `.`, `_` and `-`: it is shown as the name of a job, and `@` separates the plan. */
const NAME = /^[a-z0-9](?:[\w.-]{0,78}[a-z0-9])?$/i
/** Of the jobs that run several targets. */
export const RESERVED = /^batch-\d+$/i

/** Inputs that a target can have. */
export const TARGET_INPUTS = INPUTS.filter((row) => !('perRun' in row) && row.kind !== 'connection')

/**
 * @param path of the file
 * @param devopsUrl AZURE_DEVOPS_URL, where it is set
 * @param fault of a line of the file
 * @param unusable of the file as a whole
 */
export function readTargetsFile(
  path: string,
  devopsUrl: string | undefined,
  fault: FaultAt,
  unusable: (problem: string, remedy: string) => void
): TargetsFile {
  const none = { targets: [], defaults: new Map() }
  let text: string
  try {
    text = readSmallFile(path)
  } catch (error) {
    if (!(error instanceof UnusableFile)) throw error
    unusable(`The file ${path} ${error.message}.`, 'Give the path of a YAML file, as in docs/targets.md.')
    return none
  }
  let faults = 0
  const count: FaultAt = (...of) => {
    faults += 1
    fault(...of)
  }
  const root = treeOf(text, count)
  if (root?.kind !== 'mapping') {
    if (faults === 0) fault(root?.line ?? 1, 'It does not name targets.', 'Write targets: and a list.')
    return none
  }
  return fileOf(root, new Reader(devopsUrl, count), count)
}

function fileOf(root: Mapping, reader: Reader, fault: FaultAt): TargetsFile {
  const parts = new Map(root.entries.map((entry) => [entry.key, entry]))
  for (const { key, line } of root.entries.filter(
    ({ key }) => !['defaults', 'identities', 'query', 'targets'].includes(key)
  ))
    fault(
      line,
      `"${key}" is unknown here.`,
      'A file has targets or a query and, optionally, defaults and identities.'
    )
  const defaults = valuesOf(parts.get('defaults')?.value, 'defaults', reader, fault)
  const listed = parts.get('targets')
  const items = listed?.value.kind === 'list' ? listed.value.items : []
  const asked = parts.get('query')
  const query = asked && queryOf(asked, fault)
  if (items.length === 0 && (listed || !asked))
    fault(listed?.line ?? root.line, 'There is no list of targets.', 'Write targets: and a list.')
  if (items.length > MOST_TARGETS) {
    fault(
      listed?.line ?? 1,
      `There are ${items.length} targets; the limit is ${MOST_TARGETS}.`,
      'Use several files.'
    )
    return { targets: [], defaults }
  }
  const targets = items.flatMap((item) => targetOf(item, defaults, reader, fault) ?? [])
  const counted = parts.get('identities')
  const shared = counted && sharedIdentities(counted, defaults, fault)
  return { targets, defaults, ...(query && { query }), ...(shared && { shared }) }
}

function queryOf({ line, value }: Entry, fault: FaultAt): FileQuery | undefined {
  const text = value.kind === 'scalar' ? (value.text?.trim() ?? '') : ''
  if (text === '')
    fault(
      line,
      'The query is not a text.',
      'Write it in the language of Azure Resource Graph, as in docs/targets.md.'
    )
  else if (text.length > LONGEST_QUERY)
    fault(line, `The query is longer than ${LONGEST_QUERY} characters.`, 'Write a shorter one.')
  else {
    const unexpanded = findUnexpanded(text)
    if (!unexpanded) return { text, line }
    fault(line, unexpanded.problem, unexpanded.remedy)
  }
  return undefined
}

function targetOf(
  item: Tree,
  defaults: TargetValues,
  reader: Reader,
  fault: FaultAt
): FileTarget | undefined {
  if (item.kind !== 'mapping') {
    fault(item.line, 'This target is not a mapping.', 'Write cluster: and its name.')
    return undefined
  }
  const named = item.entries.find(({ key }) => key === 'name')
  const own = valuesOf(
    { ...item, entries: item.entries.filter((one) => one !== named) },
    'a target',
    reader,
    fault
  )
  const values = new Map([...defaults, ...own])
  const cluster = values.get('cluster')?.text ?? ''
  if (cluster === '') {
    fault(item.line, 'This target has no cluster.', 'Give the name or the resource id of the cluster.')
    return undefined
  }
  const given = named?.value.kind === 'scalar' ? named.value.text : undefined
  const name = given ?? cluster.split('/').findLast((part) => part !== '') ?? ''
  const line = named?.line ?? item.line
  if (named && given === undefined) fault(line, 'The name is empty.', 'Write one, or leave name out.')
  else if (!NAME.test(name))
    fault(
      line,
      `"${name}" cannot be the name of a target.`,
      `${given === undefined ? 'Give it a name: at' : 'Use at'} most 80 letters, digits, dots, underscores and hyphens.`
    )
  else if (RESERVED.test(name)) fault(line, `"${name}" is the name of a batch.`, 'Choose another name.')
  return { name, line, values }
}

function valuesOf(tree: Tree | undefined, where: string, reader: Reader, fault: FaultAt): TargetValues {
  if (!tree || (tree.kind === 'scalar' && tree.text === undefined)) return new Map()
  if (tree.kind !== 'mapping') {
    fault(tree.line, `${where} is not a mapping.`, 'Write the names of inputs, with their values.')
    return new Map()
  }
  return new Map(tree.entries.flatMap((entry) => reader.value(entry) ?? []))
}

/** Reads values against the inputs table. */
class Reader {
  readonly #devopsUrl: string | undefined
  readonly #fault: FaultAt
  constructor(devopsUrl: string | undefined, fault: FaultAt) {
    this.#devopsUrl = devopsUrl
    this.#fault = fault
  }

  value({ key, line, value }: Entry): [name: string, value: Value][] | undefined {
    const row = TARGET_INPUTS.find(({ name }) => name === key)
    if (!row) {
      const known = INPUTS.find(({ name }) => name === key)
      const near = nearest(
        key,
        TARGET_INPUTS.map(({ name }) => name)
      )
      const remedy = near === undefined ? 'docs/inputs.md has all.' : `Did you mean ${near}?`
      if (known) this.#fault(line, `${key} is of a whole run, not of a target.`, 'Give it as an input.')
      else this.#fault(line, `${key}: There is no such input.`, remedy)
      return undefined
    }
    const text = this.#text(key, row.kind === 'lines', value)
    if (text === undefined) return undefined
    if (text !== '') {
      const found = faultOf(row, text)
      if (found) this.#fault(line, `${key}: ${found.problem}`, found.remedy)
      else this.#look(key, line, text)
    }
    return [[key, { text, line }]]
  }

  #text(key: string, isList: boolean, value: Tree): string | undefined {
    if (value.kind === 'scalar') return value.text?.trim() ?? ''
    const texts =
      value.kind === 'list' ? value.items.map((one) => (one.kind === 'scalar' ? one.text : undefined)) : []
    if (value.kind === 'list' && isList && texts.every((one) => one !== undefined)) return texts.join('\n')
    this.#fault(
      value.line,
      `${key} is not ${isList ? 'a text or a list of texts' : 'a single value'}.`,
      isList ? 'Write one text per line of the list.' : 'Write one value.'
    )
    return undefined
  }

  /** What the parser of a run says of one value, said here with its line. */
  #look(key: string, line: number, text: string): void {
    const fault: Fault = (_input, problem, remedy) => {
      this.#fault(line, `${key}: ${problem}`, remedy)
    }
    // Only the two inputs that these functions look at.
    if (key === 'cluster') parseCluster({ cluster: text } as InputValues, fault)
    if (key === 'repository-url') parseRepositories(text.split('\n'), this.#devopsUrl, fault)
  }
}

/** The command line: text always has a value, a flag has none, and every fault is named at once. */
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { InvalidInputs } from '../../src/config/inputs.ts'
import { parseInputs } from '../../src/config/parse.ts'
import { INPUTS, inputsFor } from '../../src/config/table.ts'
import { hostOf } from '../../src/host/choose.ts'
import { terminalHost } from '../../src/host/terminal.ts'

const given = (...argv: string[]) => Object.fromEntries(terminalHost({}, argv)?.given ?? [])

const faultsOf = (...argv: string[]): string[] =>
  (terminalHost({}, argv)?.faults ?? []).map(({ input }) => input)

test('values follow their option or an equals sign; flags stand alone; a repeated URL adds a line', () => {
  expect(
    given(
      '--cluster',
      'aks',
      '--repository-url=a',
      '--repository-url',
      'b',
      '--dry-run',
      '--no-fail-on-drift'
    )
  ).toEqual({ cluster: 'aks', 'repository-url': 'a\nb', 'dry-run': 'true', 'fail-on-drift': 'false' })
})

describe('an option without its value is an error, never the word true', () => {
  const TEXTS = inputsFor('elsewhere').flatMap(({ name, kind }) => (kind === 'boolean' ? [] : [name]))
  test.each(TEXTS)('--%s', (name) => {
    expect(faultsOf(`--${name}`)).toEqual([name])
    expect(faultsOf(`--${name}`, '--dry-run')).toEqual([name])
    expect(faultsOf('--dry-run', `--${name}`)).toEqual([name])
  })
})

test('a value for a flag, a word that belongs to no option, an unknown option: all are named at once', () => {
  expect(faultsOf('--dry-run=yes', '--cluster', 'aks', 'extra', '--clustr', 'x', '--mode')).toEqual([
    'dry-run',
    'cluster',
    'clustr',
    'mode'
  ])
  expect(faultsOf('--', '--cluster', 'aks')).toEqual(['--'])
})

test('faults of the command line and of the values are listed together, each input once', () => {
  const host = terminalHost({}, ['--cluster', '--mode=destroy', '--colour', 'stray'])
  try {
    parseInputs(host?.given ?? new Map(), {}, host?.faults)
    throw new Error('it was parsed')
  } catch (error) {
    if (!(error instanceof InvalidInputs)) throw error
    expect(error.faults.map(({ input }) => input)).toEqual(['cluster', 'colour', 'repository-url', 'mode'])
  }
})

test('whatever is typed: inputs of the table, or faults', () => {
  const names = INPUTS.map(({ name }) => `--${name}`)
  const word = fc.oneof(
    fc.constantFrom(...names, '--', '-x', '-', '--no-dry-run', '--=', '--__proto__'),
    fc.string()
  )
  fc.assert(
    fc.property(fc.array(word), (argv) => {
      if (argv.includes('--help') || argv.includes('-h')) return true
      const faults = faultsOf(...argv)
      return faults.length > 0 || Object.keys(given(...argv)).every((name) => names.includes(`--${name}`))
    })
  )
})

test('with arguments it is a command, also within a step of a job; runners and agents pass none', async () => {
  for (const job of [
    { GITHUB_ACTIONS: 'true' },
    { SYSTEM_TEAMFOUNDATIONCOLLECTIONURI: 'https://dev.azure.com/contoso/', AGENT_ID: '7' }
  ]) {
    const host = await hostOf({ ...job, INPUT_CLUSTER: 'other' }, ['--cluster', 'aks'])
    expect(Object.fromEntries(host?.given ?? [])).toEqual({ cluster: 'aks' })
  }
})

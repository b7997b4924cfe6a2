/** The command line: text always has a value, a flag has none, and every fault is named at once. */
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { InvalidInputs } from '../../src/config/inputs.ts'
import { parseInputs } from '../../src/config/parse.ts'
import { INPUTS, inputsFor } from '../../src/config/table.ts'
import { hostOf } from '../../src/host/choose.ts'
import { terminalHost } from '../../src/host/terminal.ts'
import { MODES } from '../../src/host/terminal/options.ts'

const given = async (...argv: string[]) => Object.fromEntries((await terminalHost({}, argv))?.given ?? [])

const faultsOf = async (...argv: string[]): Promise<string[]> =>
  ((await terminalHost({}, argv))?.faults ?? []).map(({ input }) => input)

const saidOf = async (...argv: string[]): Promise<string[]> =>
  ((await terminalHost({}, argv))?.faults ?? []).map(
    ({ input, problem, remedy }) => `${input}: ${problem} ${remedy}`
  )

test('values follow their option or an equals sign; flags stand alone; a repeated URL adds a line', async () => {
  const words = ['--cluster', 'aks', '--repository-url=a', '--repository-url', 'b', '--dry-run']
  expect(await given(...words, '--no-fail-on-drift')).toEqual({
    cluster: 'aks',
    'repository-url': 'a\nb',
    'dry-run': 'true',
    'fail-on-drift': 'false'
  })
})

describe('a subcommand is the mode', () => {
  test.each(MODES)('%s', async (mode) => {
    expect(await given(mode, '--cluster', 'aks')).toEqual({ mode, cluster: 'aks' })
    expect(await faultsOf(mode, '--mode', mode)).toEqual([])
  })

  test('a contradicting --mode is refused', async () => {
    expect(await saidOf('check', '--mode=apply')).toEqual([
      'mode: "apply" contradicts the subcommand check. Leave out --mode, or write patless apply.'
    ])
    expect(await faultsOf('remove', '--mode', 'destroy')).toEqual(['mode'])
  })

  test('it comes first; behind an option it is a value, and behind a value it is refused', async () => {
    expect(await given('--cluster', 'check')).toEqual({ cluster: 'check' })
    for (const words of [
      ['--cluster', 'aks', 'check'],
      ['--dry-run', 'check'],
      ['apply', 'check']
    ])
      expect(await saidOf(...words)).toEqual([
        'check: A subcommand comes first. Write patless check, then the options.'
      ])
  })
})

describe('the name that was probably meant', () => {
  test.each([
    ['--clustr=x', '--cluster'],
    ['--repo=x', '--repository-url'],
    ['--dryrun', '--dry-run'],
    ['--no-failondrift', '--fail-on-drift'],
    ['--resourcegroup=x', '--resource-group'],
    ['--outptu=json', '--output'],
    ['--versoin', '--version'],
    ['chek', 'check'],
    ['aplly', 'apply'],
    ['delete-remove', 'remove'],
    ['completions', 'completion'],
    ['setpu', 'setup'],
    ['chekc', 'check']
  ])('%s: %s', async (typed, meant) => {
    expect(await saidOf(typed)).toEqual([expect.stringContaining(`Did you mean ${meant}?`)])
  })

  test.each(['--xyz=1', '--q', '-x', '--', '-', `--${'a'.repeat(100_000)}`])('%.20s: none', async (typed) => {
    expect(await saidOf(typed)).toEqual([expect.stringMatching(/patless help options lists all\.$/)])
  })

  test('a word that is like no subcommand: all of them', async () => {
    expect(await saidOf('zzz')).toEqual([expect.stringContaining(MODES.join(', '))])
  })
})

describe('a value that an option of the terminal or of a subcommand does not have', () => {
  test.each([
    [['check', '--output', 'jsn'], '--output: "jsn" is none of its values. Did you mean json?'],
    [
      ['setup', '--login', 'aplication'],
      '--login: "aplication" is none of its values. Did you mean application?'
    ],
    [
      ['setup', '--access=all'],
      '--access: "all" is none of its values. Write one of project-readers, repository.'
    ],
    [['setup', '--xyz'], '--xyz: There is no such option. patless help setup lists all.']
  ])('%j', async (words, said) => {
    expect(await saidOf(...words)).toEqual([said])
  })
})

test('of an unknown subcommand only that is said, and nothing of what it would require', async () => {
  const host = await terminalHost({}, ['setpu', '--xyz'])
  await expect(host?.command?.()).rejects.toMatchObject({ faults: [{ input: 'setpu' }] })
})

describe('an option without its value is an error, never the word true', () => {
  const TEXTS = inputsFor('elsewhere').flatMap(({ name, kind }) => (kind === 'boolean' ? [] : [name]))
  test.each(TEXTS)('--%s', async (name) => {
    expect(await faultsOf(`--${name}`)).toEqual([name])
    expect(await faultsOf(`--${name}`, '--dry-run')).toEqual([name])
    expect(await faultsOf('--dry-run', `--${name}`)).toEqual([name])
  })
})

test('a value for a flag, a word that belongs to no option, an unknown option: all are named at once', async () => {
  expect(
    await faultsOf('--dry-run=yes', '--cluster', 'aks', 'extra', '--clustr', 'x', '--mode', '--output')
  ).toEqual(['dry-run', 'cluster', '--clustr', 'mode', '--output'])
  expect(await faultsOf('--', '--cluster', 'aks')).toEqual(['--'])
})

test('faults of the command line and of the values are listed together, each input once', async () => {
  const host = await terminalHost({}, ['--cluster', '--mode=destroy', '--colour', 'stray'])
  try {
    parseInputs(host?.given ?? new Map(), {}, host?.faults)
    throw new Error('it was parsed')
  } catch (error) {
    if (!(error instanceof InvalidInputs)) throw error
    expect(error.faults.map(({ input }) => input)).toEqual(['cluster', '--colour', 'repository-url', 'mode'])
  }
})

test('whatever is typed: inputs of the table, or faults', async () => {
  const names = INPUTS.map(({ name }) => `--${name}`)
  const word = fc.oneof(
    fc.constantFrom(...names, ...MODES, '--', '-x', '-', '--no-dry-run', '--=', '--__proto__', 'constructor'),
    fc.string()
  )
  await fc.assert(
    fc.asyncProperty(fc.array(word), async (argv) => {
      if (argv.includes('--version')) return true
      const faults = await faultsOf(...argv)
      const keys = Object.keys(await given(...argv))
      return faults.length > 0 || keys.every((name) => names.includes(`--${name}`))
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

/** What `patless help` and `patless completion` print. */
import { spawnSync } from 'node:child_process'
import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { inputsFor } from '../../src/config/table.ts'
import { terminalHost } from '../../src/host/terminal.ts'
import { COMMON, isFor, MODES, optionsOf, RUN_OPTIONS, summaryOf } from '../../src/host/terminal/options.ts'
import { hasColors, painted } from '../../src/host/terminal/paint.ts'
import { COMMANDS } from '../../src/host/terminal/subcommands.ts'

afterEach(() => {
  jest.restoreAllMocks()
  process.exitCode = undefined
})

/** What it prints to stdout; the command must succeed. */
async function printed(...argv: string[]): Promise<string> {
  const written: string[] = []
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written.push(String(text))
    return true
  })
  const host = await terminalHost({}, argv)
  await host?.command?.()
  expect(process.exitCode ?? 0).toBe(0)
  return written.join('')
}

const optionsIn = (text: string): string[] =>
  [...text.matchAll(/^ {2}--([a-z-]+)/gm)].map(([, name = '']) => name)

describe('help', () => {
  const TOPICS = [...MODES, ...Object.keys(COMMANDS), 'options', 'environment', 'exit-codes']

  test.each([[[]], ...TOPICS.map((topic) => [[topic]])])(
    'on %j has lines of 80 columns at most',
    async (words) => {
      const text = await printed('help', ...words)
      expect(text.split('\n').filter((line) => line.length > 80)).toEqual([])
      expect(text.split('\n').length).toBeGreaterThan(4)
    }
  )

  test.each(MODES)(
    'patless %s --help has the options of that mode, each once, and no other',
    async (mode) => {
      const text = await printed(mode, '--help')
      expect(text).toBe(await printed('help', mode))
      expect(optionsIn(text).toSorted()).toEqual(
        [...optionsOf(mode), ...COMMON].map(({ name }) => name).toSorted()
      )
      const url = ['audit', 'migrate', 'rollback'].includes(mode) ? '' : ' --repository-url …'
      const required =
        mode === 'summarize' ? '--reports …' : mode === 'plan' ? '--targets …' : `--cluster …${url}`
      expect(text).toContain(`Usage: patless ${mode} ${required} [options]`)
    }
  )

  test('inputs are named in descriptions as they are typed', async () => {
    const text = (await printed('help', 'apply')).replaceAll(/\s+/g, ' ')
    expect(text).toContain('With --oidc-issuer-url: any name for the cluster.')
    expect(text).not.toContain('----')
  })

  test('the options of a mode are those that can have an effect in it', () => {
    const names = (mode: (typeof MODES)[number]): string[] => optionsOf(mode).map(({ name }) => name)
    expect(names('check')).toContain('fail-on-drift')
    expect(names('apply')).not.toContain('fail-on-drift')
    expect(names('check')).not.toContain('configure-cluster')
    expect(names('check')).not.toContain('dry-run')
    expect(names('remove')).toContain('dry-run')
    expect(names('remove')).not.toContain('verification-timeout')
    for (const mode of MODES) expect(names(mode)).not.toContain('mode')
  })

  test('every option of the table is on the page of some mode, and all are on the page of options', async () => {
    const all = inputsFor('elsewhere').map(({ name }) => name)
    const shown = new Set<string>(MODES.flatMap((mode) => optionsOf(mode).map(({ name }) => name)))
    expect(all.filter((name) => name !== 'mode' && !shown.has(name))).toEqual([])
    expect(optionsIn(await printed('help', 'options'))).toEqual(expect.arrayContaining(all))
  })

  test('a mode says what it does, and no option of the terminal has the name of an input', () => {
    for (const mode of MODES) expect(summaryOf(mode)).toMatch(/^[a-z]+s\b/)
    const inputs = inputsFor('elsewhere').map(({ name }): string => name)
    expect([...COMMON, ...RUN_OPTIONS].filter(({ name }) => inputs.includes(name))).toEqual([])
    expect(Object.keys(COMMANDS).filter((name) => MODES.some((mode) => mode === name))).toEqual([])
  })

  test.each([
    ['check', undefined, true],
    ['check', 'mode = check', true],
    ['apply', 'mode = check', false],
    ['apply', 'mode = check || mode = apply', true],
    ['remove', 'mode != remove && mode != check', false],
    // An input that is itself not for the mode.
    ['remove', 'verification != none', false],
    ['apply', 'verification != none', true]
  ])('an input matters to %s under the condition %j: %s', (mode, visible, expected) => {
    expect(isFor(mode, visible)).toBe(expected)
  })
})

describe('completion', () => {
  const bash = async (...words: string[]): Promise<string[]> => {
    const script = `${await printed('completion', 'bash')}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _patless; printf '%s\\n' "\${COMPREPLY[@]}"`
    const { status, stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', ...words], {
      encoding: 'utf8'
    })
    expect([status, stderr]).toEqual([0, ''])
    return stdout.split('\n').filter((word) => word !== '')
  }

  test('of bash: subcommands, options of the mode, choices, words', async () => {
    expect(await bash('patless', '')).toEqual(
      expect.arrayContaining([...MODES, 'help', 'completion', '--mode'])
    )
    expect(await bash('patless', 'che')).toEqual(['check'])
    expect(await bash('patless', 'check', '--f')).toEqual(['--fail-on-drift'])
    expect(await bash('patless', 'check', '--no-')).toEqual(['--no-fail-on-drift', '--no-remind'])
    expect(await bash('patless', 'check', '--configure')).toEqual([])
    expect(await bash('patless', 'apply', '--connection', '')).toEqual(['repository', 'template'])
    // bash splits at the equals sign.
    expect(await bash('patless', 'apply', '--connection', '=', 't')).toEqual(['template'])
    expect(await bash('patless', 'apply', '--connection', '=')).toEqual(['repository', 'template'])
    expect(await bash('patless', 'check', '--kubeconfig', 'packag')).toContain('package.json')
    expect(await bash('patless', 'check', '--cluster', '')).toEqual([])
    expect(await bash('patless', 'completion', 'f')).toEqual(['fish'])
    expect(await bash('patless', 'help', 'exit')).toEqual(['exit-codes'])
  })

  const installed = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0
  test.each(['bash', 'zsh', 'fish'])(
    'of %s has every subcommand and option, and its shell can read it',
    async (shell) => {
      const script = await printed('completion', shell)
      for (const name of [...MODES, ...Object.keys(COMMANDS)]) expect(script).toContain(name)
      for (const { name } of inputsFor('elsewhere'))
        expect(script).toMatch(shell === 'fish' ? new RegExp(`-l ${name} `) : new RegExp(`--${name}[^a-z-]`))
      if (!installed(shell)) return
      const { status, stderr } = spawnSync(shell, ['-n'], { input: script, encoding: 'utf8' })
      expect([status, stderr]).toEqual([0, ''])
    }
  )

  test('needs the name of a shell, and knows no other', async () => {
    for (const [words, said] of [
      [[], 'bash | zsh | fish'],
      [['zssh'], 'Did you mean zsh?']
    ] as const) {
      const host = await terminalHost({}, ['completion', ...words])
      await expect(host?.command?.()).rejects.toThrow(said)
    }
  })
})

describe('colors', () => {
  const terminal = { isTTY: true } as NodeJS.WriteStream
  const file = { isTTY: false } as NodeJS.WriteStream
  const colorful = { TERM: 'xterm-256color' }

  test.each<[string, NodeJS.WriteStream, NodeJS.ProcessEnv, boolean]>([
    ['a terminal', terminal, colorful, true],
    ['a file or a pipe', file, colorful, false],
    ['a terminal with NO_COLOR', terminal, { ...colorful, NO_COLOR: '1' }, false],
    ['a terminal that has none', terminal, { TERM: 'dumb' }, false],
    ['a pipe with FORCE_COLOR', file, { FORCE_COLOR: '1' }, true],
    ['a terminal with FORCE_COLOR=0', terminal, { ...colorful, FORCE_COLOR: '0' }, false]
  ])('%s', (_name, stream, environment, expected) => {
    expect(hasColors(stream, environment)).toBe(expected)
  })

  test('only where they are wanted, whatever stdout of this process is', () => {
    expect(painted('text', 'red', true)).toBe('\u001b[31mtext\u001b[39m')
    expect(painted('text', 'red', false)).toBe('text')
    expect(painted('text', undefined, true)).toBe('text')
  })
})

/**
 * A shell: subcommands and --options, colors where a stream has them, exit codes 0 in order, 1 error, 2 drift. stdout
 * gets what the user asked for; failures go to stderr, and so does the log when stdout is for something else.
 */
import type { ParsedLine, Terminal } from '../commands/command.ts'
import { nameInputs, type InputNaming } from '../core/input-name.ts'
import { VERSION } from '../core/version.ts'
import { InvalidInputs, type InputFault } from '../config/inputs.ts'
import { Redaction } from '../core/redaction.ts'
import { strip, toSafeText } from '../core/safe-text.ts'
import type { Host } from './ports.ts'
import { parseCommandLine } from './terminal/command-line.ts'
import { reporterOn, writeFinding } from './terminal/log.ts'
import { hasColors, painted, type Writer } from './terminal/paint.ts'
import { publishJson, publishText } from './terminal/publish.ts'
import { COMMANDS } from './terminal/subcommands.ts'

/** @returns undefined when the user only asked for the version. */
export async function terminalHost(
  environment: NodeJS.ProcessEnv,
  argv: readonly string[]
): Promise<Host | undefined> {
  const line = await parseCommandLine(argv)
  const { output, help, version, ...inputs } = Object.fromEntries(line.given)
  if (version === 'true' && help !== 'true') {
    process.stdout.write(`${VERSION}\n`)
    return undefined
  }
  const redaction = new Redaction()
  const writerTo = (stream: NodeJS.WriteStream): Writer => {
    const colors = hasColors(stream, environment)
    return (...parts) => {
      const texts = parts.map(({ text, style }) =>
        painted(toSafeText(redaction.of(nameInputs(text, naming))), style, colors)
      )
      stream.write(`${texts.join('')}\n`)
    }
  }
  /** Outputs, scripts and JSON are not shortened: somebody may copy or parse them. */
  const print = (text: string): void => {
    process.stdout.write(`${strip(redaction.of(text))}\n`)
  }
  const subcommand = help === 'true' ? 'help' : line.subcommand
  const command = subcommand === undefined ? undefined : COMMANDS[subcommand]
  const stderr = writerTo(process.stderr)
  const log = output === 'json' || command ? stderr : writerTo(process.stdout)
  const verbose = environment['PATLESS_DEBUG'] === '1' || environment['RUNNER_DEBUG'] === '1'
  const mask = (secret: string): void => {
    redaction.add(secret)
  }
  const host: Host = {
    environment,
    naming,
    given: new Map(Object.entries(inputs)),
    faults: [...line.faults, ...Object.entries(inputs).flatMap(emptyLogin)],
    reporter: reporterOn(log, verbose),
    mask,
    publish: (report) =>
      output === 'json' ? publishJson(report, print, log) : publishText(report, print, log),
    refuse(problem) {
      writeFinding(stderr, problem)
      process.exitCode = 1
    }
  }
  const refuse = (): Promise<never> => Promise.reject(new InvalidInputs(line.faults))
  if (line.unknown && help !== 'true') return { ...host, command: refuse }
  if (!command) return host
  const run = async (): Promise<void> => {
    const asked: ParsedLine =
      help === 'true'
        ? { given: new Map(), word: line.subcommand }
        : {
            ...line,
            given: new Map([...host.given, ...(output === undefined ? [] : [['output', output] as const])])
          }
    if (help !== 'true' && line.faults.length > 0) throw new InvalidInputs(line.faults)
    const { run } = await command.load()
    const terminal: Terminal = {
      ...{ environment, naming, reporter: host.reporter, mask, print },
      folder: process.cwd(),
      // The question goes to stderr, so that a script on stdout can be redirected.
      ...(process.stdin.isTTY && process.stderr.isTTY && { ask })
    }
    process.exitCode = await run(asked, terminal)
  }
  return { ...host, command: run }
}

async function ask(question: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises')
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return await lines.question(toSafeText(question))
  } finally {
    lines.close()
  }
}

/** `--client-id "$AZURE_CLIENT_ID"` with an unset variable: the run would log in as somebody else. */
function emptyLogin([name, value]: readonly [name: string, value: string]): InputFault[] {
  if (!['client-id', 'tenant-id'].includes(name) || value.trim() !== '') return []
  const problem = 'It is empty: the variable that it comes from is not set.'
  return [{ input: name, problem, remedy: 'Set the variable, or leave the option out to use the az login.' }]
}

/** `patless apply`, `--resource-group`; a flag that is true needs no value. */
const naming: InputNaming = (name, value) => {
  if (name === 'mode' && value !== undefined) return `patless ${value}`
  return value === undefined || value === 'true' ? `--${name}` : `--${name} ${value}`
}

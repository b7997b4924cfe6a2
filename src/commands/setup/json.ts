/** `--output json`: one object on stdout for whoever calls set-up from a script; the log stays on stderr. */
import { Problem, reportable, type Finding } from '../../core/finding.ts'
import { nameInputs } from '../../core/input-name.ts'
import { VERSION } from '../../core/version.ts'
import { nameOf, type ResourceOutcome } from '../../engine/outcome.ts'
import type { Terminal } from '../command.ts'

/** Takes what a run of set-up found or made; a later outcome of a resource replaces an earlier one. */
export type Recorder = (resources: readonly ResourceOutcome[]) => void

/**
 * @param run writes what it would print to the terminal that it is given
 * @returns its exit code
 * @throws what it throws, after the object was written
 */
export async function asJson(
  terminal: Terminal,
  run: (terminal: Terminal, record: Recorder) => Promise<number>
): Promise<number> {
  const resources = new Map<string, ResourceOutcome>()
  const findings: Finding[] = []
  const scripts: string[] = []
  const record: Recorder = (outcomes) => {
    for (const one of outcomes) resources.set(nameOf(one), one)
  }
  const { reporter, naming } = terminal
  const listening: Terminal = {
    ...terminal,
    print: (text) => scripts.push(text),
    reporter: {
      on(event) {
        reporter.on(event)
        if (event.kind === 'warning') findings.push(event.finding)
      },
      phase: (id, work) => reporter.phase(id, work)
    }
  }
  const write = (exitCode: number): void => {
    const result = {
      ...{ version: VERSION, exitCode },
      resources: [...resources.values()].map(({ resource, of, result, summary, differences }) => ({
        ...{ resource, of, result, summary },
        differences: differences.map(({ field, expected, actual }) => ({ field, expected, actual }))
      })),
      findings: findings.map(reportable),
      scripts
    }
    const named = (_key: string, value: unknown): unknown =>
      typeof value === 'string' ? nameInputs(value, naming) : value
    terminal.print(JSON.stringify(result, named, 2))
  }
  try {
    const exitCode = await run(listening, record)
    write(exitCode)
    return exitCode
  } catch (error) {
    if (error instanceof Problem) {
      findings.push({ ...error.facts, severity: 'error' })
      write(1)
    }
    throw error
  }
}

/** The end of a run in a terminal: as text, or as the report alone on stdout. */
import { toSafeJson } from '../../core/safe-text.ts'
import { needsAction } from '../../report/findings.ts'
import type { Report } from '../../report/report.ts'
import { publishTo } from '../publish.ts'
import { writeFinding } from './log.ts'
import type { Writer } from './paint.ts'

type Print = (text: string) => void

export function publishText(report: Report, print: Print, log: Writer): Promise<void> {
  return publish(report, log, {
    before() {
      log({ text: '' })
      writeFindings(report, log)
      log({ text: 'Outputs', style: 'bold' })
    },
    output(name, value) {
      print(`  ${name.padEnd(20)} ${value}`)
    },
    after() {
      log({ text: '' })
    }
  })
}

/** @param print to stdout, where nothing else may be */
export function publishJson(report: Report, print: Print, log: Writer): Promise<void> {
  return publish(report, log, {
    before() {
      writeFindings(report, log)
    },
    output: () => undefined,
    after(current) {
      print(toSafeJson(current))
    }
  })
}

interface Parts {
  readonly before: () => void
  readonly output: (name: string, value: string) => void
  /** @param current the report, with what could not be written */
  readonly after: (current: Report) => void
}

function publish(report: Report, log: Writer, { before, output, after }: Parts): Promise<void> {
  return publishTo(
    {
      verdict: before,
      outputs: {
        name: 'the outputs',
        location: 'stdout',
        write(values) {
          for (const [name, value] of Object.entries(values)) output(name, value)
          return Promise.resolve()
        }
      },
      problem: (problem) => {
        writeFinding(log, problem)
      },
      finish(current) {
        after(current)
        const { verdict } = current
        log({ text: verdict.summary, style: verdict.exitCode === 0 ? 'green' : 'red' })
      }
    },
    report
  )
}

function writeFindings({ findings }: Report, log: Writer): void {
  for (const finding of findings.filter(needsAction))
    writeFinding(log, finding, finding.severity === 'error' ? 'red' : 'yellow')
}

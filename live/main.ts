/**
 * `npm run test:live`: the whole life on real services. `-- --twin`: the same on the twin. See docs/live.md.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTwin } from '../sandbox/twin.ts'
import { sweep } from './cleaning.ts'
import { stepsOf } from './life.ts'
import type { Answer } from './questions.ts'
import { writeRecordings } from './recording.ts'
import { LiveRun } from './run.ts'
import { NotStarted, settingsOf, type Settings } from './settings.ts'
import { settingsOfTwin } from './twin.ts'

const stopped = new AbortController()

if (process.argv.includes('--twin')) await onTwin()
else await onAzure()

async function onAzure(): Promise<void> {
  try {
    process.exitCode = await live(settingsOf(process.env), process.env)
  } catch (error) {
    if (!(error instanceof NotStarted)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  }
}

/** With the settings that a person would give; its recordings are not kept unless a folder is given. */
async function onTwin(): Promise<void> {
  const twin = await startTwin()
  const folder = await mkdtemp(join(tmpdir(), 'patless-live-twin-'))
  try {
    await twin.bindDocumentedRole('kubernetes-role.yaml', 'kubernetes-role-remove.yaml')
    const { PATLESS_LIVE_FOLDER = folder } = process.env
    const environment = { ...settingsOfTwin(twin), PATLESS_LIVE_FOLDER }
    process.exitCode = await live(settingsOf(environment), environment)
  } finally {
    await twin.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** @returns the exit code */
async function live(settings: Settings, environment: NodeJS.ProcessEnv): Promise<number> {
  const run = await LiveRun.start(settings, environment)
  const answers: Answer[] = []
  const failures: string[] = []
  const stop = (): void => {
    stopped.abort()
    run.interrupt()
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)
  try {
    await takeSteps(run, answers, failures)
  } finally {
    // However it ended; a second signal does not end it sooner.
    process.stdout.write('cleaning up\n')
    run.begin('99-cleaning')
    if (failures.length > 0 || stopped.signal.aborted) await run.patless('remove')
    const left = await sweep(run.hand, run.principals)
    for (const one of left) process.stdout.write(`!!! LEFT BEHIND: ${one}\n`)
    failures.push(...left)
    await writeRecordings(settings.folder, run.recordings())
    const redaction = run.redaction()
    const text = answers.map(({ question, found }) => {
      const lines = found.map((line) => `- ${redaction.text(line)}\n`)
      return `## ${question}\n\n${lines.join('')}\n`
    })
    await writeFile(join(settings.folder, 'answers.md'), text.join(''))
    process.stdout.write(`recorded in ${settings.folder}\n`)
    await run.close()
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
  return failures.length === 0 && !stopped.signal.aborted ? 0 : 1
}

async function takeSteps(run: LiveRun, answers: Answer[], failures: string[]): Promise<void> {
  for (const step of stepsOf(answers)) {
    if (stopped.signal.aborted) return
    const { name, needed } = step
    const started = performance.now()
    run.begin(name)
    try {
      await step.take(run)
      process.stdout.write(`ok     ${name} (${Math.round(performance.now() - started)} ms)\n`)
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      process.stdout.write(`FAILED ${name}: ${why}\n`)
      failures.push(name)
      if (needed) return
    }
  }
}

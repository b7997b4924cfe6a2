/** A whole live run: the steps, the cleaning however it ends, and what is written of it. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sweep } from './cleaning.ts'
import { stepsOf } from './life.ts'
import type { Answer } from './questions.ts'
import { writeRecordings } from './recording.ts'
import { LiveRun } from './run.ts'
import type { Settings } from './settings.ts'

/**
 * @param environment beside the settings: whom to trust
 * @param stopped ends the present step, and then cleans up
 * @param say told a line for each step
 * @returns names of the steps that failed, and what was left behind
 */
export async function runLife(
  settings: Settings,
  environment: NodeJS.ProcessEnv,
  stopped: AbortSignal,
  say: (line: string) => void
): Promise<string[]> {
  const run = await LiveRun.start(settings, environment)
  const answers: Answer[] = []
  const failures: string[] = []
  const interrupt = (): void => {
    run.interrupt()
  }
  stopped.addEventListener('abort', interrupt)
  try {
    failures.push(...(await takeSteps(run, answers, stopped, say)))
  } finally {
    stopped.removeEventListener('abort', interrupt)
    failures.push(...(await cleanUp(run, failures.length > 0 || stopped.aborted, say)))
    await writeRecordings(settings.folder, run.recordings())
    await writeFile(join(settings.folder, 'answers.md'), textOf(answers, run))
    say(`recorded in ${settings.folder}`)
    await run.close()
  }
  return stopped.aborted ? ['stopped', ...failures] : failures
}

async function takeSteps(
  run: LiveRun,
  answers: Answer[],
  stopped: AbortSignal,
  say: (line: string) => void
): Promise<string[]> {
  const failures: string[] = []
  for (const step of stepsOf(answers)) {
    if (stopped.aborted) break
    const started = performance.now()
    run.begin(step.name)
    try {
      await step.take(run)
      say(`ok     ${step.name} (${Math.round(performance.now() - started)} ms)`)
    } catch (error) {
      say(`FAILED ${step.name}: ${error instanceof Error ? error.message : String(error)}`)
      failures.push(step.name)
      if (step.needed) break
    }
  }
  return failures
}

/**
 * As the product does it, then by hand. Where the run found somebody else's things, it has made nothing: all stays.
 *
 * @param early whether the life ended before its own removal, or with something failed
 */
async function cleanUp(run: LiveRun, early: boolean, say: (line: string) => void): Promise<string[]> {
  if (!run.mayWrite) return []
  say('cleaning up')
  run.begin('99-cleaning')
  if (early) await run.patless('remove')
  const left = await sweep(run.hand, run.principals)
  for (const one of left) say(`!!! LEFT BEHIND: ${one}`)
  return left
}

function textOf(answers: readonly Answer[], run: LiveRun): string {
  const redaction = run.redaction()
  const parts = answers.map(({ question, found }) => {
    const lines = found.map((line) => `- ${redaction.text(line)}\n`)
    return `## ${question}\n\n${lines.join('')}\n`
  })
  return parts.join('')
}

/** Runs the committed bundle as a GitHub runner would: a child process with INPUT_*, GITHUB_OUTPUT, GITHUB_STEP_SUMMARY. */
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const BUNDLE = fileURLToPath(new URL('../dist/index.js', import.meta.url))

export interface JobResult {
  readonly exitCode: number
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  readonly outputs: Readonly<Record<string, string>>
  readonly summary: string
}

export interface JobOptions {
  /** Beside PATH and HOME this is the whole environment. */
  readonly environment: Readonly<Record<string, string>>
  /** By input name; they win over INPUT_* of the environment. */
  readonly inputs?: Readonly<Record<string, string>>
  readonly entry?: string
  /** Told each piece of output as it comes. */
  readonly onOutput?: (text: string) => void
  readonly onStart?: (kill: (signal: NodeJS.Signals) => void) => void
}

export async function runGitHubJob(options: JobOptions): Promise<JobResult> {
  const folder = await mkdtemp(join(tmpdir(), 'patless-job-'))
  const outputFile = join(folder, 'output')
  const summaryFile = join(folder, 'summary.md')
  try {
    await Promise.all([writeFile(outputFile, ''), writeFile(summaryFile, '')])
    const inputs = Object.entries(options.inputs ?? {}).map(([name, value]): [string, string] => [
      `INPUT_${name.toUpperCase()}`,
      value
    ])
    const ended = await runBundle(options, {
      ...options.environment,
      ...Object.fromEntries(inputs),
      GITHUB_OUTPUT: outputFile,
      GITHUB_STEP_SUMMARY: summaryFile,
      RUNNER_TEMP: folder
    })
    return {
      ...ended,
      outputs: outputsOf(await readFile(outputFile, 'utf8')),
      summary: await readFile(summaryFile, 'utf8')
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The bundle as a child process with exactly this environment (and PATH, HOME). */
export function runBundle(
  { entry = BUNDLE, onOutput, onStart }: Pick<JobOptions, 'entry' | 'onOutput' | 'onStart'>,
  environment: Readonly<Record<string, string>>,
  args: readonly string[] = []
): Promise<Omit<JobResult, 'outputs' | 'summary'>> {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, [entry, ...args], {
    env: { PATH, HOME, ...environment },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  onStart?.((signal) => child.kill(signal))
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    onOutput?.(text)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    onOutput?.(text)
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      resolve({ exitCode: code ?? 128, signal, stdout, stderr })
    })
  })
}

/** GITHUB_OUTPUT's heredoc form: name<<delimiter, lines, delimiter. */
export function outputsOf(text: string): Record<string, string> {
  const outputs: Record<string, string> = {}
  for (const [, name = '', , value = ''] of text.matchAll(/^([^\n<]+)<<(\S+)\n([\s\S]*?)\n?\2$/gm))
    outputs[name] = value
  return outputs
}

/**
 * `npm run sandbox`: starts the twin and runs the committed bundle against it like a runner: apply, apply, check.
 * `-- --host azure-pipelines`: like an agent; other options are passed as inputs.
 * `npm run sandbox -- serve --env-file FILE`: only the twin, until SIGINT or SIGTERM.
 */
import { writeFile } from 'node:fs/promises'
import { parseArgs, styleText } from 'node:util'
import { runAzurePipelinesJob, runGitHubJob, serviceConnectionOf } from './job.ts'
import { DEMO_LAG, startTwin, type Twin } from './twin.ts'

const { values, positionals, tokens } = parseArgs({
  options: { 'env-file': { type: 'string' } },
  strict: false,
  allowPositionals: true,
  tokens: true
})
if (positionals[0] === 'serve') await serve(values['env-file'])
else await demo()

async function serve(envFile: unknown): Promise<void> {
  if (typeof envFile !== 'string') {
    process.stderr.write('usage: npm run sandbox -- serve --env-file FILE\n')
    process.exitCode = 1
    return
  }
  const twin = await startTwin(DEMO_LAG)
  const lines = Object.entries(twin.environment).map(([key, value]) => `${key}=${value}\n`)
  await writeFile(envFile, lines.join(''), { mode: 0o600 })
  process.stdout.write(`The twin is up; its environment is in ${envFile}. Control API: ${twin.controlUrl}\n`)
  await new Promise<void>((resolve) => {
    onStop(resolve)
  })
  await twin.close()
}

/** npm forwards a signal only to its shell, which ends without forwarding it; then this process gets another parent. */
function onStop(stop: () => void): void {
  process.once('SIGINT', stop).once('SIGTERM', stop)
  if (process.env['npm_lifecycle_event'] === undefined) return
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    stop()
  }, 200)
  watch.unref()
}

async function demo(): Promise<void> {
  const inputs = inputsOf()
  const twin = await startTwin(DEMO_LAG)
  const stop = (): void => {
    void twin.close().then(() => process.exit(130))
  }
  onStop(stop)
  try {
    const runs =
      inputs['mode'] === undefined
        ? [
            { title: 'apply: build the chain', mode: 'apply' },
            { title: 'apply again: nothing to change', mode: 'apply' },
            { title: 'check: no drift', mode: 'check' }
          ]
        : [{ title: inputs['mode'], mode: inputs['mode'] }]
    for (const { title, mode } of runs) {
      const exitCode = await show(twin, title, { ...inputs, mode })
      if (exitCode !== 0) process.exitCode = exitCode
    }
  } finally {
    await twin.close()
  }
}

async function show(twin: Twin, title: string, inputs: Readonly<Record<string, string>>): Promise<number> {
  const { ids } = twin.azure
  const heading = (text: string): void => {
    process.stdout.write(`\n${styleText(['bold', 'cyan'], `── ${text}`)}\n`)
  }
  heading(title)
  const { host: host = 'github', ...rest } = inputs
  const { exitCode, outputs, summary } =
    host === 'azure-pipelines'
      ? await runAzurePipelinesJob({
          environment: twin.places,
          inputs: { cluster: ids.cluster, 'repository-url': ids.repositoryUrl, ...rest },
          connection: serviceConnectionOf(twin),
          onOutput: (text) => process.stdout.write(text)
        })
      : await runGitHubJob({ environment: twin.environment, inputs: rest, onOutput: logView() })
  heading(`${title} · outputs`)
  for (const [name, value] of Object.entries(outputs)) process.stdout.write(`${name}=${value}\n`)
  heading(`${title} · job summary`)
  process.stdout.write(summary)
  heading(`${title} · exit ${exitCode}`)
  return exitCode
}

/** Prints the log like the runner: whole lines, without masks, ends of groups and debug lines. */
function logView(): (text: string) => void {
  let rest = ''
  return (text) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines.filter((one) => !/^::(?:add-mask|endgroup|debug)::/.test(one))) {
      process.stdout.write(`${line.replace(/^::group::/, '▸ ')}\n`)
    }
  }
}

/** Passes `--name value` and `--name=value` as inputs. */
function inputsOf(): Record<string, string> {
  const inputs: Record<string, string> = {}
  for (const [index, token] of tokens.entries()) {
    if (token.kind !== 'option') continue
    const next = tokens[index + 1]
    inputs[token.name] = token.value ?? (next?.kind === 'positional' ? next.value : 'true')
  }
  return inputs
}

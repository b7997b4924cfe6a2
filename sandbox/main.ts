/**
 * `npm run sandbox`: starts the twin and runs the committed bundle against it like a runner: apply, apply, check.
 * `-- --host azure-pipelines`: like an agent; other options are passed as inputs.
 * `-- --break NAME`: makes a mistake after a first apply, and shows the run that finds it. `-- --list`: their names.
 * `npm run sandbox -- serve --env-file FILE`: only the twin, until SIGINT or SIGTERM.
 */
import { writeFile } from 'node:fs/promises'
import { styleText } from 'node:util'
import { runAzurePipelinesJob, runGitHubJob, serviceConnectionOf, type JobResult } from './job.ts'
import { orderOf, type Order } from './options.ts'
import { DEFECT_NAMES, DEMO_LAG, startTwin, type Twin } from './twin.ts'

type Run = Extract<Order, { kind: 'run' }>

const order = orderOf(process.argv.slice(2), DEFECT_NAMES)
if (order.kind === 'refused') {
  process.stderr.write(`npm run sandbox: ${order.text}\n`)
  process.exitCode = 1
} else if (order.kind === 'list') process.stdout.write(`${DEFECT_NAMES.join('\n')}\n`)
else if (order.kind === 'serve') await serve(order.envFile)
else await demo(order)

async function serve(envFile: string): Promise<void> {
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

async function demo(run: Run): Promise<void> {
  const { defects, inputs } = run
  const twin = await startTwin(DEMO_LAG)
  const stop = (): void => {
    void twin.close().then(() => process.exit(130))
  }
  onStop(stop)
  try {
    for (const { title, mode } of await runsOf(run, twin)) {
      const exitCode = await show(twin, title, { ...run, inputs: { ...inputs, mode } })
      if (exitCode !== 0) process.exitCode = exitCode
    }
    if (defects.length > 0 && process.exitCode === undefined)
      process.stdout.write(`\n${defects.join(', ')}: a run finds nothing wrong.\n`)
  } finally {
    await twin.close()
  }
}

/** With defects: a first apply in silence, then the mistakes, then the run that is shown. */
async function runsOf(run: Run, twin: Twin): Promise<{ title: string; mode: string }[]> {
  const { defects, inputs } = run
  const { mode } = inputs
  if (defects.length > 0) {
    const { exitCode, stdout } = await started(twin, { ...run, inputs: {} })
    if (exitCode !== 0) throw new Error(`the first apply failed:\n${stdout}`)
    for (const name of defects) twin.defect(name)
    return [{ title: `${mode ?? 'check'} with ${defects.join(', ')}`, mode: mode ?? 'check' }]
  }
  if (mode !== undefined) return [{ title: mode, mode }]
  return [
    { title: 'apply: build the chain', mode: 'apply' },
    { title: 'apply again: nothing to change', mode: 'apply' },
    { title: 'check: no drift', mode: 'check' }
  ]
}

async function show(twin: Twin, title: string, run: Run): Promise<number> {
  const heading = (text: string): void => {
    process.stdout.write(`\n${styleText(['bold', 'cyan'], `── ${text}`)}\n`)
  }
  heading(title)
  const onOutput = run.host === 'github' ? logView() : (text: string) => process.stdout.write(text)
  const { exitCode, outputs, summary } = await started(twin, run, onOutput)
  heading(`${title} · outputs`)
  for (const [name, value] of Object.entries(outputs)) process.stdout.write(`${name}=${value}\n`)
  heading(`${title} · job summary`)
  process.stdout.write(summary)
  heading(`${title} · exit ${exitCode}`)
  return exitCode
}

function started(
  twin: Twin,
  { host, inputs }: Run,
  onOutput: (text: string) => void = () => undefined
): Promise<JobResult> {
  if (host === 'github') return runGitHubJob({ environment: twin.environment, inputs, onOutput })
  const { ids } = twin.azure
  return runAzurePipelinesJob({
    environment: twin.places,
    inputs: { cluster: ids.cluster, 'repository-url': ids.repositoryUrl, ...inputs },
    connection: serviceConnectionOf(twin),
    onOutput
  })
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

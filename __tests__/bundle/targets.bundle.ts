/** The examples for many clusters, job by job: plan, the matrix that it wrote, one summary of all reports. */
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { runAzurePipelinesJob, runGitHubJob, serviceConnectionOf } from '../../sandbox/job.ts'
import { useTwin } from '../twin.ts'

const twin = useTwin()

/** The example, with the addresses of the twin: its first cluster is there, the second is not. */
function targetsFile(): string {
  const text = readFileSync('examples/targets.yaml', 'utf8')
    .replaceAll(
      /https:\/\/dev\.azure\.com\/contoso\/shop\/_git\/(?:app|infra)/g,
      twin.azure.ids.repositoryUrl
    )
    .replaceAll(/https:\/\/dev\.azure\.com/g, new URL(twin.azure.ids.repositoryUrl).origin)
    .replaceAll(/subscription-id: .*/g, `subscription-id: ${twin.environment['AZURE_SUBSCRIPTION_ID'] ?? ''}`)
  const path = join(mkdtempSync(join(tmpdir(), 'targets-')), 'targets.yaml')
  writeFileSync(path, text)
  return path
}

interface Ended {
  readonly exitCode: number | null
  readonly outputs: Readonly<Record<string, string>>
}

/** Runs the jobs one after another. @param run as a host would run the step */
async function fleet(
  run: (inputs: Record<string, string>, keepReport?: string) => Promise<Ended>,
  targetsOf: (matrix: string) => string[]
): Promise<Ended> {
  const targets = targetsFile()
  const plan = await run({ mode: 'plan', targets })
  expect(plan.exitCode).toBe(0)
  const reports = mkdtempSync(join(tmpdir(), 'reports-'))
  for (const [index, target] of targetsOf(plan.outputs['matrix'] ?? '').entries()) {
    mkdirSync(join(reports, `report-${index}`))
    await run({ targets, target, verification: 'access' }, join(reports, `report-${index}`, 'report.json'))
  }
  return run({ mode: 'summarize', targets, reports })
}

test('on GitHub: the cluster that is gone is red alone', async () => {
  const none = { cluster: '', 'resource-group': '', 'repository-url': '', 'subscription-id': '' }
  const { outputs, exitCode } = await fleet(
    (inputs, keepReport = '') =>
      runGitHubJob({
        environment: twin.environment,
        inputs: { ...none, ...inputs },
        ...(keepReport !== '' && { keepReport })
      }),
    (matrix) => (JSON.parse(matrix) as { include: { target: string }[] }).include.map(({ target }) => target)
  )
  expect([exitCode, outputs['failed'], outputs['verified']]).toEqual([1, '1', '1'])
})

test('on Azure Pipelines: the same', async () => {
  const { outputs, exitCode } = await fleet(
    (inputs, keepReport = '') =>
      runAzurePipelinesJob({
        environment: twin.places,
        inputs,
        connection: serviceConnectionOf(twin),
        ...(keepReport !== '' && { keepReport })
      }),
    (matrix) =>
      Object.values(JSON.parse(matrix) as Record<string, { target: string }>).map(({ target }) => target)
  )
  expect([exitCode, outputs['failed'], outputs['verified']]).toEqual([0, '1', '1'])
})

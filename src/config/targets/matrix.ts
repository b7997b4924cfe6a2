/** The output `matrix`: the jobs of a plan, as the CI system's own `strategy.matrix` takes them. */
import type { Job } from './batches.ts'

/**
 * GitHub (docs.github.com/actions: running variations of jobs): `matrix: ${{ fromJson(…) }}` with `include`.
 *
 * @param digest of the plan: a job whose file has another one refuses to run
 */
export function githubMatrix(jobs: readonly Job[], digest: string): object {
  return { include: jobs.map((job) => ({ name: job.name, target: `${job.name}@${digest}` })) }
}

/**
 * Azure Pipelines (learn.microsoft.com/azure/devops/pipelines/yaml-schema/jobs-job-strategy): an object by the names of
 * jobs, which have letters, digits and `_` only and begin with a letter.
 */
export function azureMatrix(jobs: readonly Job[], digest: string): object {
  const names = new Set<string>()
  return Object.fromEntries(
    jobs.map((job) => {
      const plain = job.name.replaceAll(/\W/g, '_').replace(/^(?![a-z])/i, 't_')
      let name = plain
      for (let nth = 2; names.has(name.toLowerCase()); nth += 1) name = `${plain}_${nth}`
      names.add(name.toLowerCase())
      return [name, { name: job.name, target: `${job.name}@${digest}` }]
    })
  )
}

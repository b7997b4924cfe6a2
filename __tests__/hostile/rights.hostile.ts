/** Logins with exactly the documented rights, agents with a proxy, networks that end before the cluster: by the bundle. */
import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { runAzurePipelinesJob, runGitHubJob, serviceConnectionOf, type JobResult } from '../../sandbox/job.ts'
import { startProxy } from '../../sandbox/proxy.ts'
import { useTwin } from '../twin.ts'

const twin = useTwin()

const actionsIn = (role: string): string[] =>
  (JSON.parse(readFileSync(`docs/permissions/${role}`, 'utf8')) as { Actions: string[] }).Actions
const group = (): string =>
  `/subscriptions/${twin.azure.ids.subscriptionId}/resourceGroups/${twin.azure.ids.resourceGroup}`
const apply = (inputs: Record<string, string> = {}): Promise<JobResult> =>
  runGitHubJob({
    environment: twin.environment,
    inputs: { verification: 'access', 'resource-group': twin.azure.ids.resourceGroup, ...inputs }
  })
const shownOf = ({ exitCode, outputs }: JobResult) => ({ exitCode, verification: outputs['verification'] })
const WELL = { exitCode: 0, verification: 'verified' }

test('a login that may not ask for its own rights does what it may', async () => {
  const actions = actionsIn('azure-role.json').filter((action) => !action.endsWith('permissions/read'))
  twin.azure.assign([{ scope: group(), actions }])
  const job = await apply()
  expect(shownOf(job)).toEqual(WELL)
  expect(job.stdout).toContain('is not known, since it may not ask')
})

test('access to one repository is enough for git: its project shows, too', async () => {
  expect(shownOf(await apply({ access: 'repository', 'verification-timeout': '2' }))).toEqual(WELL)
})

test('a login with rights on the cluster alone follows its update by the cluster itself', async () => {
  twin.defect('issuer-disabled')
  twin.azure.assign([
    { scope: group(), actions: actionsIn('azure-role.json') },
    { scope: twin.azure.ids.clusterId, actions: actionsIn('azure-role-configure-cluster.json') }
  ])
  expect(shownOf(await apply({ 'configure-cluster': 'true' }))).toEqual(WELL)
})

test('a question that Azure DevOps answers with no stops nobody who may', async () => {
  twin.defect('devops-permissions-deaf')
  const job = await apply()
  expect(shownOf(job)).toEqual(WELL)
  expect(job.stdout).toContain('Project Collection Administrators')
})

test('a private cluster out of reach is reported at once', async () => {
  for (const defect of ['private-cluster', 'api-server-unreachable']) twin.defect(defect)
  const started = Date.now()
  const { exitCode, stdout } = await apply({ 'cluster-access': 'direct' })
  expect(exitCode).toBe(1)
  expect(stdout).toContain('the cluster is private')
  expect(stdout).not.toContain('Trying again')
  expect(Date.now() - started).toBeLessThan(15_000)
})

test('nothing goes past the proxy of an agent', async () => {
  const proxy = await startProxy()
  try {
    const { stdout } = await runAzurePipelinesJob({
      environment: { ...twin.places, AGENT_PROXYURL: proxy.url },
      inputs: {
        cluster: twin.azure.ids.cluster,
        'repository-url': twin.azure.ids.repositoryUrl,
        verification: 'access'
      },
      connection: serviceConnectionOf(twin)
    })
    expect(stdout).toContain('result=Succeeded')
    const { arm, entra, devops, graph, entitlements } = twin.azure.urls
    for (const url of [arm, entra, devops, graph, entitlements])
      expect(proxy.targets).toContain(new URL(url).host)
    expect(proxy.targets).toContain(new URL(twin.kubernetes.access.server).host)
  } finally {
    await proxy.close()
  }
})

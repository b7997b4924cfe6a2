/**
 * A fleet of twelve clusters, job by job as the CI systems run it: AKS with a public and with a private API server, Azure
 * Arc, other issuers; two subscriptions and two tenants, with an organization in each.
 */
import { beforeAll, expect, test } from '@jest/globals'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { has } from '../../sandbox/by-hand.ts'
import { fleetFile, moveRunner, startFleet, type FleetCluster } from '../../sandbox/fleet.ts'
import { runInProcess } from '../../sandbox/in-process.ts'
import {
  identityConnectionOf,
  runAzurePipelinesJob,
  runGitHubJob,
  serviceConnectionOf
} from '../../sandbox/job.ts'
import { kindOf, type Kind } from '../../sandbox/kubernetes/objects.ts'
import type { Twin } from '../../sandbox/twin.ts'
import type { Report } from '../../src/report/report.ts'
import { compared, contentOf, storePat, useIt } from '../migration/pats.ts'
import { useTwin } from '../twin.ts'

const twin = useTwin({ shared: true })
const ACCOUNTS = kindOf('', 'serviceaccounts') as Kind
const NONE = { cluster: '', 'resource-group': '', 'repository-url': '', 'subscription-id': '' }
let fleet: FleetCluster[]
let targets: string
beforeAll(async () => {
  fleet = await startFleet(twin)
  targets = join(twin.temporary, 'targets.yaml')
  writeFileSync(targets, fleetFile(fleet))
  moveRunner(twin, 'inside')
})

interface Ended {
  readonly exitCode: number
  readonly outputs: Readonly<Record<string, string>>
  readonly stdout: string
}
type Inputs = Readonly<Record<string, string>>
type Run = (inputs: Inputs, keepReport: string) => Promise<Ended>

const asGitHub: Run = (inputs, keepReport) =>
  runGitHubJob({ environment: twin.environment, inputs: { ...NONE, ...inputs }, keepReport })
/** Every job has both connections, whichever its target needs. */
const asAgent: Run = (inputs, keepReport) =>
  runAzurePipelinesJob({
    environment: twin.places,
    inputs,
    connection: serviceConnectionOf(twin),
    ...(inputs['mode'] !== 'summarize' && { identityConnection: identityConnectionOf(twin) }),
    keepReport
  })
const githubTargets = (matrix: string): string[] =>
  (JSON.parse(matrix) as { include: { target: string }[] }).include.map(({ target }) => target)
const agentTargets = (matrix: string): string[] =>
  Object.values(JSON.parse(matrix) as Record<string, { target: string }>).map(({ target }) => target)

/** plan, then each job of the matrix, then summarize. @returns the report of the summary */
async function pipeline(run: Run, targetsOf: (matrix: string) => string[], inputs: Inputs): Promise<Report> {
  const reports = mkdtempSync(join(twin.temporary, 'reports-'))
  const plan = await run({ mode: 'plan', targets }, join(twin.temporary, 'plan.json'))
  for (const target of targetsOf(plan.outputs['matrix'] ?? '')) {
    const place = join(reports, target.replace(/@.*/, ''))
    mkdirSync(place)
    await run({ ...inputs, targets, target }, join(place, 'report.json'))
  }
  const summary = join(twin.temporary, 'summary.json')
  await run({ mode: 'summarize', targets, reports }, summary)
  return JSON.parse(readFileSync(summary, 'utf8')) as Report
}

const codesOf = ({ runs = [] }: Report): Record<string, number> =>
  Object.fromEntries(runs.map(({ target, verdict }) => [target.name ?? '', verdict.exitCode]))
const named = (codeOf: (cluster: FleetCluster) => number): Record<string, number> =>
  Object.fromEntries(fleet.map((one) => [one.name, codeOf(one)]))

test('on GitHub: plan, one job for each target, one green summary', async () => {
  const report = await pipeline(asGitHub, githubTargets, { verification: 'argocd' })
  expect(codesOf(report)).toEqual(named(() => 0))
  expect(report.verdict).toEqual({ exitCode: 0, summary: '12 targets: 12 in order.' })
  expect(report.outputs).toMatchObject({ failed: '0', drifted: '0', verified: '12' })
  expect(report.target.organizations.toSorted()).toEqual(['contoso', 'fabrikam'])
  // Each identity is in the tenant of its organization, and trusts its own cluster alone.
  const { identities } = twin.azure.state() as { identities: { credentials: { issuer: string }[] }[] }
  expect(identities.map(({ credentials }) => credentials.map(({ issuer }) => issuer)).toSorted()).toEqual(
    fleet.map(({ kubernetes }) => [kubernetes.access.issuer]).toSorted()
  )
})

test('as an agent, with one broken by hand: it is red alone, with its finding', async () => {
  const broken = fleet[3]
  if (!broken) throw new Error('there is no fourth cluster')
  const { store } = broken.kubernetes
  const account = store.get(ACCOUNTS, 'argocd', 'argocd-repo-server')
  store.update(ACCOUNTS, account, { ...account, metadata: { ...account.metadata, annotations: {} } })
  const report = await pipeline(asAgent, agentTargets, { mode: 'check', verification: 'access' })
  expect(codesOf(report)).toEqual(named((one) => (one === broken ? 2 : 0)))
  expect(report.findings.filter(({ severity }) => severity === 'error')).toEqual([
    expect.objectContaining({ target: broken.name, id: 'workload/annotation-missing' }),
    expect.objectContaining({ target: broken.name, id: 'workload/drifted' })
  ])
  expect(report.outputs).toMatchObject({ failed: '0', drifted: '1', verified: '11' })
})

test('from outside of their network the private clusters are red alone where only the direct way may be taken', async () => {
  moveRunner(twin, 'outside')
  const few = { mode: 'check', verification: 'none', target: 'private-5\nprivate-6\narc-7' }
  const direct = await oneProcess({ ...few, 'cluster-access': 'direct' })
  expect(codesOf(direct)).toEqual({ 'private-5': 1, 'private-6': 1, 'arc-7': 0 })
  expect(direct.findings.map(({ target, id }) => [target, id])).toEqual([
    ['private-5', 'cluster/out-of-reach'],
    ['private-6', 'cluster/out-of-reach']
  ])
  // Else they are read through commands that Azure runs there.
  if (has('kubectl'))
    expect(codesOf(await oneProcess(few))).toEqual({ 'private-5': 0, 'private-6': 0, 'arc-7': 0 })
  moveRunner(twin, 'inside')
})

/** All targets of the file without a matrix. */
const oneProcess = (inputs: Inputs): Promise<Report> =>
  runInProcess(
    { ...NONE, targets, ...inputs },
    { environment: twin.environment, temporary: twin.temporary, azure: twin.azure }
  )
/** The twin with another of its clusters in the first place. */
const at = ({ kubernetes }: FleetCluster): { twin: Twin } => ({
  twin: new Proxy(twin, {
    get: (of, name) => (name === 'kubernetes' ? kubernetes : (Reflect.get(of, name) as unknown))
  })
})

test('migrate over all: every stored credential is moved, on every cluster', async () => {
  for (const one of fleet) {
    const url = one.repositoryUrl.replace(/app$/, one.organization === 'contoso' ? 'infra' : 'policies')
    storePat(at(one), 'pat', url, { organization: one.organization })
    useIt(at(one), 'app', url)
    await compared(at(one))
  }
  const file = join(twin.temporary, 'without-urls.yaml')
  const withoutUrl = ({ values }: FleetCluster) =>
    Object.fromEntries(Object.entries(values).filter(([input]) => input !== 'repository-url'))
  writeFileSync(file, fleetFile(fleet.map((one) => ({ name: one.name, values: withoutUrl(one) }))))
  const report = await oneProcess({ mode: 'migrate', targets: file })
  expect(report.verdict).toEqual({ exitCode: 0, summary: '12 targets: 12 in order.' })
  for (const one of fleet)
    expect(Object.keys(contentOf(at(one), 'pat')).toSorted()).toEqual(['url', 'useAzureWorkloadIdentity'])
})

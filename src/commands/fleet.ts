/** The targets of a file, with those that its query finds. */
import { InvalidInputs, readInputs, type InputFault } from '../config/inputs.ts'
import { MODES } from '../config/row.ts'
import type { FileQuery } from '../config/targets/file.ts'
import { readFleetFile, type Fleet, type FleetFile } from '../config/targets/targets.ts'
import type { Finding } from '../core/finding.ts'
import { input } from '../core/input-name.ts'
import { explain } from '../diagnosis/explain.ts'
import { HttpProblem } from '../http/errors.ts'
import { fleetReportOf } from '../report/fleet.ts'
import type { Report } from '../report/report.ts'
import { ResourceGraph } from '../services/azure/resource-graph.ts'
import { publishable } from './around.ts'
import { connectAzure } from './azure-login.ts'
import type { InputHost } from './run.ts'

/**
 * @param go with the fleet, once it is known
 * @returns the report of `go`; where the query finds nothing or fails, one with the reason
 * @throws {InvalidInputs} for faults of the file or of the inputs beside it: nothing was written
 */
export async function withFleet(host: InputHost, go: (fleet: Fleet) => Promise<Report>): Promise<Report> {
  const file = readFleetFile(host.given, host.environment)
  const { query } = file.file
  if (!query) return go(file.fleet([]))
  const startedAt = Date.now()
  const login = loginOf(file, host)
  let ids: readonly string[] = []
  const failed = await host.reporter.phase('query', async () => {
    try {
      ids = await clustersOf(query, login, host)
      host.reporter.on({ kind: 'info', text: `${ids.length} clusters, by the query of ${file.path}` })
      return ids.length === 0 ? nothingFound(file, query) : undefined
    } catch (error) {
      return whyFailed(error, file, query)
    }
  })
  return failed ? failure(failed, startedAt, host) : go(file.fleet(ids))
}

type AzureLogin = Parameters<typeof connectAzure>[0]

/** From the inputs, else from the defaults of the file. */
function loginOf({ file }: FleetFile, { given, faults: before = [], hostKind }: InputHost): AzureLogin {
  const faults: InputFault[] = [...before]
  // A plan is for what apply does.
  const own = new Map(given).set(
    'mode',
    given.get('mode')?.trim() === 'plan' ? 'apply' : (given.get('mode') ?? '')
  )
  for (const name of ['client-id', 'tenant-id', 'cloud'] as const) {
    const said = file.defaults.get(name)
    if (said && hostKind !== 'azure-pipelines' && (given.get(name) ?? '') === '') own.set(name, said.text)
  }
  const { values } = readInputs(
    own,
    // What a target needs beside these is looked at with the target.
    (name, problem, remedy) => {
      if ((given.get(name) ?? '') !== '') faults.push({ input: name, problem, remedy })
    },
    hostKind
  )
  const { 'client-id': clientId, 'tenant-id': tenantId, cloud } = values
  if (clientId !== undefined && tenantId === undefined)
    faults.push({
      input: 'tenant-id',
      problem: `${input('client-id')} is given, but this is empty.`,
      remedy: 'Give both (a variable that is not set is empty), or neither to use the az login.'
    })
  if (faults.length > 0) throw new InvalidInputs(faults)
  return {
    cloud,
    login: { ...(clientId !== undefined && { clientId }), ...(tenantId !== undefined && { tenantId }) }
  }
}

async function clustersOf(query: FileQuery, login: AzureLogin, host: InputHost): Promise<string[]> {
  const findings: Finding[] = []
  const { base } = await connectAzure(login, host, new AbortController().signal, findings)
  const ids = await new ResourceGraph(base.arm, base.wire).ids(query.text)
  for (const finding of findings) host.reporter.on({ kind: 'warning', finding })
  return ids
}

function nothingFound({ path }: FleetFile, { line }: FileQuery): Finding {
  return {
    id: 'fleet/query-empty',
    severity: 'error',
    summary: `The query in line ${line} of ${path} finds no cluster.`,
    remedy:
      'compare type and tags in it with those of the clusters; the login also needs the role Reader on them: Azure Resource Graph shows nothing else',
    command:
      'az graph query -q "Resources | where type =~ \'microsoft.containerservice/managedclusters\' | project name, resourceGroup, tags"',
    link: 'https://learn.microsoft.com/azure/governance/resource-graph/samples/starter'
  }
}

async function whyFailed(error: unknown, { path }: FleetFile, { line }: FileQuery): Promise<Finding> {
  if (error instanceof HttpProblem && error.status === 400 && error.service === 'ARM')
    return {
      id: 'fleet/query-refused',
      severity: 'error',
      summary: `Azure Resource Graph refuses the query in line ${line} of ${path}: ${error.detail}`,
      remedy: `correct the query; every row of it has to be a cluster, with column id`,
      ...(error.code !== undefined && { code: error.code }),
      link: 'https://learn.microsoft.com/azure/governance/resource-graph/concepts/query-language'
    }
  return { ...(await explain(error)), severity: 'error' }
}

function failure(finding: Finding, startedAt: number, host: InputHost): Promise<Report> {
  const mode = MODES.find((one) => one === host.given.get('mode')?.trim()) ?? 'apply'
  return publishable(host, ({ path }) => {
    const about = { mode, plan: undefined, startedAt, login: 'none', path, findings: [finding], silent: [] }
    const summary = `${finding.summary} Nothing was written.`
    return Promise.resolve({ ...fleetReportOf([], about), verdict: { exitCode: 1, summary } })
  })
}

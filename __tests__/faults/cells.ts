/** What the matrices share: which requests a run makes, worlds to run cells in side by side, and the judge. */
import { startWorldUnderTest, type WorldUnderTest } from '../../sandbox/in-process.ts'
import type { Entry, ServiceName } from '../../sandbox/journal.ts'
import { NO_LAG } from '../../sandbox/twin.ts'
import { kindOf, type Kind, type KubeObject } from '../../sandbox/kubernetes/objects.ts'
import { Problem } from '../../src/core/finding.ts'
import { needsAction } from '../../src/report/findings.ts'
import type { Report } from '../../src/report/report.ts'

export type Mode = 'apply' | 'check' | 'remove'

/** A request of a run, whatever ids it carries: the nth of its form. */
export interface Place {
  readonly service: ServiceName
  readonly method: string
  /** Regular expression. */
  readonly path: string
  readonly nth: number
}

const VARYING =
  /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|patless-probe-[0-9a-f]{8}-[0-9a-f]{6}|(?:aadsp|scp|vssgp)\.[\w-]+|repo-\d+|(?<=-)[0-9a-f]{8}(?=$)/g

const KEYS = /\.well-known|jwks|keys/

export function placesOf(entries: readonly Entry[]): Place[] {
  const seen = new Map<string, number>()
  // What the twin's Argo CD asks by itself, and its Entra of the issuers, is no request of the run.
  const own = entries.filter(
    ({ by, service, path }) => by === undefined && !(service === 'oidc' && KEYS.test(path))
  )
  return own.map(({ service, method, path }) => {
    const [pathname = ''] = path.split('?')
    const parts = pathname.split(VARYING).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    const form = `^${parts.join('[^/]+')}(?:\\?|$)`
    const key = `${service} ${method} ${form}`
    const nth = (seen.get(key) ?? 0) + 1
    seen.set(key, nth)
    return { service, method, path: form, nth }
  })
}

/** `FAULTS_SHARE=2/3`: every third cell, from the second on. Absent: all. */
const [, part = '1', shares = '1'] = /^(\d+)\/(\d+)$/.exec(process.env['FAULTS_SHARE'] ?? '') ?? []
export const SHARES = Number(shares)
/** For the counts that are printed. */
export const SHARE = SHARES === 1 ? '' : ` (share ${part} of ${shares})`

export function shareOf<Cell>(cells: readonly Cell[]): Cell[] {
  return cells.filter((_cell, index) => index % SHARES === Number(part) - 1)
}

/** Runs all cells, each in a world of its own at that time. */
export async function inWorlds<World, Cell, Judged>(
  worlds: readonly World[],
  cells: readonly Cell[],
  work: (world: World, cell: Cell) => Promise<Judged>
): Promise<Judged[]> {
  const queue = [...cells]
  const judged: Judged[] = []
  await Promise.all(
    worlds.map(async (world) => {
      for (let cell = queue.shift(); cell !== undefined; cell = queue.shift())
        judged.push(await work(world, cell))
    })
  )
  return judged
}

export function startWorlds(count: number, timeout?: number): Promise<WorldUnderTest[]> {
  return Promise.all(Array.from({ length: count }, () => startWorldUnderTest(NO_LAG, timeout)))
}

/** A run's end: its report, or the typed refusal with which it could not begin. */
export async function ended(run: Promise<Report>): Promise<Report | Problem | Error> {
  try {
    return await run
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

const SERVICES =
  /ARM|Entra|Container Registry|Azure DevOps|Azure Repos|Kubernetes|git|host|login|cluster|API server|rollout|token/i

/**
 * Never green while broken, never red without the reason and the remedy.
 *
 * @param proved the word of a run that is in order
 */
export function faultsOf(end: Report | Problem | Error, proved: 'verified' | 'skipped'): string[] {
  if (!('verdict' in end)) {
    if (!(end instanceof Problem)) return [`an untyped error: ${end.stack ?? end.message}`]
    const { summary: what, remedy } = end.facts
    return what !== '' && remedy !== '' ? [] : ['a refusal without reason or remedy']
  }
  const { exitCode, summary: text } = end.verdict
  const problems = end.findings.filter(needsAction)
  if (exitCode === 0) {
    const { verification } = end.outputs
    return verification === proved ? [] : [`green, but ${verification}: ${text}`]
  }
  if (exitCode === 2) return [`drift where there is none: ${end.outputs.differences}`]
  if (problems.length === 0) return [`red without a problem: ${text}`]
  return problems.flatMap(({ id, resource, verification, summary: what, remedy }) => [
    ...(id === 'patless/defect' ? [`untyped: ${what}`] : []),
    ...(remedy === '' ? [`no remedy: ${what}`] : []),
    ...(resource === undefined && verification === undefined && !SERVICES.test(what)
      ? [`neither resource nor service: ${what}`]
      : [])
  ])
}

interface State {
  readonly azure: {
    readonly roleAssignments: readonly unknown[]
    readonly identities: readonly { readonly credentials: readonly unknown[] }[]
    readonly members: readonly unknown[]
  }
}
const SECRETS = kindOf('', 'secrets') as Kind
const APPLICATIONS = kindOf('argoproj.io', 'applications') as Kind

function isOfCharts({ data }: KubeObject): boolean {
  return Buffer.from((data as Record<string, string>)['type'] ?? '', 'base64').toString() === 'helm'
}

/** How many of each there are, where `wanted` is right: no duplicate, no leftover, nothing lost. */
export function remains(world: WorldUnderTest, wanted: number): string[] {
  const { twin } = world
  const { identities, members, roleAssignments } = (twin.state() as State).azure
  const secrets = twin.kubernetes.store
    .list(SECRETS, 'argocd')
    .filter(({ metadata }) => metadata.labels?.['argocd.argoproj.io/secret-type'] === 'repository')
  const counts = {
    identities: identities.length,
    credentials: identities.flatMap(({ credentials }) => credentials).length,
    // The deployer is a member of its own.
    members: members.length - 1,
    secrets: secrets.filter((one) => !isOfCharts(one)).length
  }
  const charts = secrets.filter(isOfCharts).length
  return [
    ...Object.entries(counts).flatMap(([name, count]) =>
      count === wanted ? [] : [`${count} ${name} in the end, not ${wanted}`]
    ),
    ...(roleAssignments.length <= wanted && charts <= wanted
      ? []
      : [`${roleAssignments.length} roles and ${charts} Secrets of charts in the end, not ${wanted}`]),
    ...applicationsIn(world).map((name) => `the Application ${name} was left`)
  ]
}

/** A probe that is left over is taken away once nobody can be waiting for it. */
export function anHourPasses({ twin }: WorldUnderTest): void {
  const { store } = twin.kubernetes
  for (const one of store.list(APPLICATIONS, 'argocd')) store.age(APPLICATIONS, one)
}

/** Names of the Applications there are: in these worlds, probes. */
export function applicationsIn({ twin }: WorldUnderTest): string[] {
  return twin.kubernetes.store.list(APPLICATIONS, 'argocd').map(({ metadata }) => metadata.name)
}
